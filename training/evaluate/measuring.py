"""Measures a world: the report's figures, and the evidence that its pictures are made from."""

import platform
from pathlib import Path
from typing import Any

import numpy as np

import genie
from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError, GenieError
from genie.core.manifest import read_manifest
from genie.runtime.world import World
from genie.worlds import find, find_bundle, load_source
from genie.worlds.source import Branches, Branching
from training.evaluate.actions import score_actions
from training.evaluate.codes import look_at_codes
from training.evaluate.config import EvaluateConfig
from training.evaluate.counterfactuals import FUTURE, PAST, imagine, score_counterfactuals
from training.evaluate.evidence import Evidence
from training.evaluate.examples import by_rule
from training.evaluate.fidelity import psnr, score_fidelity, score_tokenizer
from training.evaluate.held import hold
from training.evaluate.horizon import score_horizon
from training.evaluate.judging import load_judge
from training.evaluate.real_clips import CONTEXT, real_clips
from training.evaluate.speed import score_speed

SCHEMA = 2


def measure(config: EvaluateConfig) -> tuple[dict[str, Any], Evidence]:
    """Score a bundle on held-out clips: report.json's content, and what it was read off.

    Raises ClipError where the clips do not fit the world, CheckpointError for a judge that is not there.
    """
    bundle = find_bundle(config.world)
    world = genie.load(bundle)
    judge = load_judge(config.judge) if config.judge else None
    store = FrameStore.open(config.data, "test")
    _agree(store, world, config.data)
    clips = real_clips(store, 60 if config.quick else 200)
    manifest = read_manifest(bundle)
    scores: dict[str, Any] = {"tokenizer": score_tokenizer(world, clips)}
    scores["fidelity"], futures = score_fidelity(world, clips)
    if judge:
        scores["actions"] = score_actions(judge, clips, futures)
        sessions = 8 if config.quick else 40
        scores["horizon"] = score_horizon(world, judge, clips, sessions=sessions, frames=1000)
    scores["speed"] = score_speed(world, clips)
    branches, imagined = None, None
    try:
        branches = _branches(manifest.world, 32 if config.quick else 150)
    except GenieError as error:
        scores["counterfactuals"] = {"left_out": str(error)}
    if branches:
        imagined = imagine(world, branches)
        scores["counterfactuals"] = score_counterfactuals(branches, imagined, world.actions.names)
    report = {
        "schema": SCHEMA,
        "world": manifest.world,
        "bundle": manifest.digest,
        "data": {"hash": store.hash, "split": "test", "clips": len(clips.frames)},
        "versions": {
            "genie": genie.__version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        "machine": {"processor": platform.machine(), "device": world.device},
        "quick": config.quick,
        "scores": scores,
    }
    median = by_rule(psnr(futures, clips.frames[:, CONTEXT:]).mean(1))["Median"]
    evidence = Evidence(
        actions=world.actions.names,
        clips=clips,
        futures=futures,
        branches=branches,
        imagined=imagined,
        curves=_curves(scores),
        confusions=_confusions(scores),
        codes=look_at_codes(world, clips, median),
        held=None if branches else hold(world, clips, median),
    )
    return report, evidence


def _branches(world_id: str, moments: int) -> Branches | None:
    """Counterfactuals of the world's own simulator, if it has one that can go back; else None.

    Raises GenieError where the world is not known here, or its simulator is not installed.
    """
    source = load_source(find(world_id))
    if not isinstance(source, Branching):
        return None
    return source.branches(split="test", count=moments, past=PAST, future=FUTURE, seed=0)


def _curves(scores: dict[str, Any]) -> dict[str, list[float]]:
    horizon = scores.get("horizon", {})
    return {name: values for name, values in horizon.items() if name.endswith("_by_hundred")}


def _confusions(scores: dict[str, Any]) -> dict[str, np.ndarray]:
    return {
        name: np.array(score["confusion"])
        for name, score in scores.items()
        if isinstance(score, dict) and "confusion" in score
    }


def _agree(store: FrameStore, world: World, data: Path) -> None:
    size = tuple(store.frames.shape[1:3])
    if store.action_names != world.actions.names or size != world.frame_size:
        raise ClipError(f"{data} has other actions or frames of another size than the world {world.id}")
