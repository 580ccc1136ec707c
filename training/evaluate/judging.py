"""The judge at work: loaded from its run folder, and shown many frames in pieces."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from training import checkpoint
from training.attribute_judge import AttributeJudge, AttributeJudgeConfig
from training.detail import detail
from training.judge import Judge, JudgeConfig
from training.windows import pixels

PIECE = 128


class TrainedJudge(NamedTuple):
    """A judge, what it learned from (None where its checkpoint does not say), and its file's sha256."""

    judge: Judge
    learned_from: dict[str, Any] | None
    digest: str


def load_judge(folder: Path) -> TrainedJudge:
    """The trained judge of a run folder. Raises CheckpointError where there is none, or an old one."""
    file = folder / "judge" / "checkpoint.pt"
    state = checkpoint.load(file)
    try:
        judge = Judge(checkpoint.config_from(JudgeConfig, state["config"]))
        judge.load_state_dict(state["average"])
    except (KeyError, TypeError, RuntimeError):
        raise checkpoint.CheckpointError(f"{file} is not a judge of this version: train it again") from None
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return TrainedJudge(judge.eval().requires_grad_(False), state.get("learned_from"), digest)


class TrainedAttributes(NamedTuple):
    """A judge of attributes, what it learned from, and its file's sha256."""

    judge: AttributeJudge
    learned_from: dict[str, Any] | None
    digest: str


def load_attribute_judge(folder: Path) -> TrainedAttributes | None:
    """The judge of attributes of a run folder, None where none was trained. Raises CheckpointError."""
    file = folder / "attributes" / "checkpoint.pt"
    if not file.is_file():
        return None
    state = checkpoint.load(file)
    try:
        judge = AttributeJudge(AttributeJudgeConfig(**state["config"]))
        judge.load_state_dict(state["average"])
    except (KeyError, TypeError, RuntimeError):
        raise checkpoint.CheckpointError(
            f"{file} is not a judge of attributes of this version: train it again"
        ) from None
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return TrainedAttributes(judge.eval().requires_grad_(False), state.get("learned_from"), digest)


def name_actions(judge: Judge, windows: np.ndarray) -> np.ndarray:
    """The action that the judge sees in each window uint8 [R, 4, H, W, 3]: int [R]."""
    return np.concatenate([judge(piece).argmax(-1).numpy() for piece in _pieces(windows)])


def name_held(judge: Judge, windows: np.ndarray) -> np.ndarray:
    """How likely the judge finds each key in windows uint8 [R, 2 + F, H, W, 3] of a held one: [R, A]."""
    named = [judge.name_held(pixels(piece)).float().softmax(-1) for piece in _pieces(windows)]
    return torch.cat(named).numpy()


class Looks(NamedTuple):
    """What there is in R frames: present bool [R], quality [R] in dB, features [R, C], by the judge.

    detail [R] is no judge's (see `detail`).
    """

    present: np.ndarray
    quality: np.ndarray
    features: np.ndarray
    detail: np.ndarray


def look(judge: Judge, frames: np.ndarray) -> Looks:
    """At frames uint8 [R, H, W, 3]."""
    seen = [judge.look(piece) for piece in _pieces(frames)]
    present, quality, features = (
        torch.cat([getattr(part, name) for part in seen]).numpy()
        for name in ("present", "quality", "features")
    )
    return Looks(present > 0, quality, features, detail(frames))


def _pieces(rows: np.ndarray) -> Iterator[torch.Tensor]:
    for i in range(0, len(rows), PIECE):
        yield torch.from_numpy(np.ascontiguousarray(rows[i : i + PIECE]))
