"""Whether latent actions say what a player does, and how few labelled transitions tell which is which."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import BundleError, ClipError
from genie.core.manifest import Manifest
from genie.models.draft import Drafter
from genie.models.latent_action import LatentActionModel
from genie.models.tokenizer import Tokenizer
from genie.worlds.source import Branches
from training.evaluate.interval import Interval, interval_of, unbiased
from training.evaluate.mapped_keys import CLIPS_A_DRAW, DRAWS, WANTED, score_mapped_keys
from training.evaluate.transitions import held_out_transitions, labelled_transitions, read
from training.placement import channels_last
from training.unpack import unpacked

CPU = torch.device("cpu")


def score_latent_actions(
    bundle: Path,
    manifest: Manifest,
    data: Path,
    store: FrameStore,
    branches: Branches | None,
    transitions: int,
) -> dict[str, Any]:
    """How well codes tell true keys on held-out clips, and what keys mapped from few labels do.

    bundle: whose latent actions are scored; data: the dataset, whose training split the labels are from;
    branches: the simulator's moments, without which mapped keys are not scored.
    """
    trained = manifest.trained_on.get("stages", {})
    if "keys" not in trained:
        return {"left_out": "this world is told true keys: it has no latent actions"}
    try:
        drafter = _drafter(bundle)
    except BundleError as error:
        return {"left_out": str(error)}
    held_out = held_out_transitions(store, drafter.history, transitions)
    codes = read(drafter, held_out).errors.argmin(1).numpy()
    scores = score_codes(codes, held_out.keys, held_out.clips, drafter.latent_action.config.codes)
    if branches is None:
        return scores | {"by_labels": {"left_out": "there is no simulator to try mapped keys against"}}
    try:
        labelled = labelled_transitions(
            data,
            manifest.actions.names,
            drafter.history,
            count=WANTED,
            clips=CLIPS_A_DRAW * DRAWS[1_000],
            parts=DRAWS[1_000],
        )
    except ClipError as error:
        return scores | {"by_labels": {"left_out": str(error)}}
    told = read(drafter, labelled)
    return scores | {
        "by_labels": score_mapped_keys(drafter, labelled, told, branches, manifest.actions.names)
    }


def _drafter(bundle: Path) -> Drafter:
    """A bundle's latent action model and tokenizer, in torch. Raises BundleError for an old one."""
    models = (channels_last(unpacked(bundle, stage), CPU) for stage in ("latent-action", "tokenizer"))
    latent_action, tokenizer = models
    return Drafter(cast(LatentActionModel, latent_action), cast(Tokenizer, tokenizer))


def score_codes(codes: np.ndarray, keys: np.ndarray, clips: np.ndarray, count: int) -> dict[str, Any]:
    """Normalised mutual information of codes and true keys, beside that of shuffled keys; codes in use.

    clips int [R]: which clip each transition is of.
    """
    rng = np.random.default_rng(0)
    shuffled = rng.permutation(keys)
    return {
        "transitions": len(codes),
        "codes": count,
        "codes_used": int((np.bincount(codes, minlength=count) >= len(codes) / (20 * count)).sum()),
        "nmi": _nmi_interval(codes, keys, clips),
        "nmi_of_chance": _nmi_interval(codes, shuffled, clips),
    }


def _nmi_interval(codes: np.ndarray, keys: np.ndarray, clips: np.ndarray) -> Interval:
    """Over clips: transitions of one have its player in common."""
    of_clip = [np.flatnonzero(clips == clip) for clip in np.unique(clips)]

    def figure(choices: np.ndarray) -> np.ndarray:
        drawn = choices.reshape(-1, choices.shape[-1])
        rows = [np.concatenate([of_clip[clip] for clip in one]) for one in drawn]
        return np.array([nmi(codes[r], keys[r]) for r in rows]).reshape(choices.shape[:-1])

    return unbiased(interval_of(figure, len(of_clip), resamples=200))


def nmi(a: np.ndarray, b: np.ndarray) -> float:
    """Mutual information of two labellings over the mean of their entropies: 0 unrelated, 1 the same."""
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1 / len(a))
    rows, columns = table.sum(1), table.sum(0)
    entropy = [-(p[p > 0] * np.log(p[p > 0])).sum() for p in (rows, columns)]
    joint = -(table[table > 0] * np.log(table[table > 0])).sum()
    mean = sum(entropy) / 2
    return float((sum(entropy) - joint) / mean) if mean else 0.0
