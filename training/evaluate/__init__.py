"""How good a world is, and how fast: one report with a fixed protocol (see README, "Scores")."""

import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import genie
from genie.clips.atomic import replace_file
from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError, GenieError
from genie.core.manifest import read_manifest
from genie.runtime.world import World
from genie.worlds import find, find_bundle, load_source
from genie.worlds.source import Branching
from training.evaluate.actions import score_actions
from training.evaluate.counterfactuals import FUTURE, PAST, imagine, score_counterfactuals
from training.evaluate.fidelity import score_fidelity, score_tokenizer
from training.evaluate.horizon import score_horizon
from training.evaluate.judging import load_judge
from training.evaluate.real_clips import RealClips, real_clips
from training.evaluate.speed import score_speed
from training.train_judge import Judge


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """data: the dataset folder of the test split; judge: the judge's run folder; quick: fewer clips."""

    world: str
    data: Path
    judge: Path | None = None
    out: Path
    quick: bool = False


def evaluate(config: EvaluateConfig) -> Path:
    """Score a bundle on held-out clips and write report.json; returns its path.

    Raises ClipError where the clips do not fit the world, CheckpointError for a judge that is not there.
    """
    bundle = find_bundle(config.world)
    world = genie.load(bundle)
    judge = load_judge(config.judge) if config.judge else None
    store = FrameStore.open(config.data, "test")
    _agree(store, world, config.data)
    clips = real_clips(store, 60 if config.quick else 200)
    manifest = read_manifest(bundle)
    report = {
        "schema": 1,
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
        "scores": _scores(world, clips, judge, 8 if config.quick else 40)
        | _counterfactuals(world, manifest.world, 32 if config.quick else 150),
    }
    config.out.mkdir(parents=True, exist_ok=True)
    path = config.out / "report.json"
    replace_file(path, (json.dumps(report, indent=1) + "\n").encode("utf-8"))
    return path


def _scores(world: World, clips: RealClips, judge: Judge | None, sessions: int) -> dict[str, Any]:
    scores: dict[str, Any] = {"tokenizer": score_tokenizer(world, clips)}
    scores["fidelity"], futures = score_fidelity(world, clips)
    if judge:
        scores["actions"] = score_actions(judge, clips, futures)
        scores["horizon"] = score_horizon(world, judge, clips, sessions=sessions, frames=1000)
    scores["speed"] = score_speed(world, clips)
    return scores


def _counterfactuals(world: World, world_id: str, moments: int) -> dict[str, Any]:
    """Scores against the world's own simulator, where it has one that can go back; else why not."""
    try:
        source = load_source(find(world_id))
        if not isinstance(source, Branching):
            return {}
        branches = source.branches(split="test", count=moments, past=PAST, future=FUTURE, seed=0)
    except GenieError as error:
        return {"counterfactuals": {"left_out": str(error)}}
    imagined = imagine(world, branches)
    return {"counterfactuals": score_counterfactuals(branches, imagined, world.actions.names)}


def _agree(store: FrameStore, world: World, data: Path) -> None:
    size = tuple(store.frames.shape[1:3])
    if store.action_names != world.actions.names or size != world.frame_size:
        raise ClipError(f"{data} has other actions or frames of another size than the world {world.id}")
