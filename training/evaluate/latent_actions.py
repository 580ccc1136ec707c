"""Whether latent actions say what a player does, and how few labelled transitions tell which is which."""

from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from genie.clips.clip_folder import ClipFolder
from genie.clips.frame_store import FrameStore
from genie.core.errors import BundleError, ClipError
from genie.core.manifest import Manifest
from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.draft import Drafter
from genie.models.latent_action import Glance, LatentActionModel, came_true, stacked
from genie.models.tokenizer import Tokenizer
from genie.worlds.source import Branches
from training.evaluate.counterfactuals import score_counterfactuals
from training.evaluate.interval import Interval, interval_of, unbiased
from training.placement import channels_last
from training.progress import Progress
from training.unpack import unpacked
from training.windows import pixels

LABELS = (100, 1_000)
LABELLED_CLIPS = 200  # that the labels are drawn from
MOMENTS = 40  # at most, that keys are tried at
PIECE = 64
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
        labelled = labelled_transitions(data, manifest.actions.names, drafter.history)
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


class Transitions(NamedTuple):
    """R transitions: past uint8 [R, K, H, W, 3]; following uint8 [R, H, W, 3]; keys int64 [R] that led there;
    clips int [R] that they are of.
    """

    past: np.ndarray
    following: np.ndarray
    keys: np.ndarray
    clips: np.ndarray


class Read(NamedTuple):
    """What latent actions make of transitions: a glance at every code, and the error of each [R, C]."""

    glance: Glance
    errors: Tensor


def held_out_transitions(store: FrameStore, history: int, count: int, seed: int = 6) -> Transitions:
    """Labelled transitions of a store, drawn by the seed."""
    starts = np.concatenate(
        [np.arange(a, b - history) for a, b in zip(store.starts[:-1], store.starts[1:], strict=True)]
    )
    starts = starts[store.actions[starts + history - 1] >= 0]
    chosen = np.sort(np.random.default_rng(seed).permutation(starts)[:count])
    rows = store.frames[chosen[:, None] + np.arange(history + 1)]
    keys = store.actions[chosen + history - 1].astype(np.int64)
    clips = np.searchsorted(store.starts, chosen, side="right") - 1
    return Transitions(rows[:, :-1], rows[:, -1], keys, clips)


def labelled_transitions(data: Path, names: tuple[str, ...], history: int, seed: int = 7) -> Transitions:
    """The most labels that are asked for, out of a few clips of the training split. Raises ClipError."""
    rng = np.random.default_rng(seed)
    clips = [clip for clip in ClipFolder(data).clips("train") if clip.entry.actions is not None]
    if not clips:
        raise ClipError(f"{data} has no clips with actions in its split 'train'")
    past, following, keys, of = [], [], [], []
    for number in rng.permutation(len(clips))[:LABELLED_CLIPS]:
        frames, taken = clips[number].read_frames(), clips[number].read_actions() or ()
        ends = rng.permutation(np.arange(history, len(frames)))[: max(LABELS) // LABELLED_CLIPS]
        for end in ends:
            past.append(frames[end - history : end])
            following.append(frames[end])
            keys.append(names.index(taken[end - 1]))
            of.append(number)
    order = rng.permutation(len(keys))  # so that the first hundred are of as many clips
    return Transitions(*(np.array(part)[order] for part in (past, following, keys, of)))


@torch.no_grad()
def read(drafter: Drafter, transitions: Transitions) -> Read:
    """Read transitions as play sees them: after rendered frames."""
    glances, errors = [], []
    with Progress("latent actions", len(transitions.keys)) as progress:
        for first in range(0, len(transitions.keys), PIECE):
            past = _rendered(drafter, transitions.past[first : first + PIECE])
            following = pixels(torch.from_numpy(transitions.following[first : first + PIECE]))
            glances.append(drafter.latent_action.glance(drafter.latent_action.past(past)))
            errors.append(drafter.latent_action.errors(past, following))
            progress.advance(steps=len(past))
    glance = Glance(*(torch.cat(part) for part in zip(*glances, strict=True)))
    return Read(glance, torch.cat(errors))


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


def score_mapped_keys(
    drafter: Drafter, labelled: Transitions, told: Read, branches: Branches, names: tuple[str, ...]
) -> dict[str, Any]:
    """How often keys obey when they are mapped to codes from so many labels, by the latent actions alone.

    The future of a held key is redone by the latent action model's decoder, from the simulator's moments: no
    dynamics mend it. Chance is that of `counterfactuals`.
    """
    scores = {}
    past, actions, futures, captions = branches
    moments = Branches(past[:MOMENTS], actions[:MOMENTS], futures[:MOMENTS], captions[:MOMENTS])
    for labels in LABELS:
        if labels > len(labelled.keys):
            scores[str(labels)] = {"left_out": f"only {len(labelled.keys)} labelled transitions are there"}
            continue
        codes = drafter.latent_action.config.codes
        keys = ActionMap(ActionMapConfig(keys=len(names), codes=codes, squares=True))
        seen = Glance(*(part[:labels] for part in told.glance))
        keys.fit(torch.from_numpy(labelled.keys[:labels]), seen, came_true(told.errors[:labels]))
        redone = _redo(drafter, keys, moments)
        found = score_counterfactuals(moments, redone, names)
        scores[str(labels)] = {name: found[name] for name in ("obeys", "chance", "psnr", "moments")}
    return scores


@torch.no_grad()
def _redo(drafter: Drafter, keys: ActionMap, branches: Branches) -> np.ndarray:
    """Every moment under every key, by the drafter alone: uint8 [M, A, F, H, W, 3]."""
    redone = np.empty_like(branches.futures)
    moments, actions, steps = redone.shape[:3]
    held = torch.arange(actions)
    for m in range(moments):
        past = _rendered(drafter, branches.past[m : m + 1, -drafter.history :]).repeat(actions, 1, 1, 1)
        for step in range(steps):
            features = drafter.latent_action.past(past)
            codes = keys.meant(held, drafter.latent_action.glance(features))
            frames = drafter.latent_action.redo(features, past[:, -3:], codes).clamp(-1, 1)
            past = torch.cat((past[:, 3:], frames), 1)
            shown = ((frames + 1) * 127.5).round().to(torch.uint8)
            redone[m, :, step] = shown.movedim(1, -1).numpy()
    return redone


def _rendered(drafter: Drafter, frames_RKHW3: np.ndarray) -> Tensor:
    """Frames uint8 as the tokenizer renders them, stacked for the latent action model."""
    frames = pixels(torch.from_numpy(np.ascontiguousarray(frames_RKHW3)))
    tokenizer = drafter.tokenizer
    return stacked(tokenizer.decode(tokenizer.encode(frames.flatten(0, 1))).unflatten(0, frames.shape[:2]))


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
