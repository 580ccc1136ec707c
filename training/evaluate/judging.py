"""The judge at work: loaded from its run folder, and shown many frames in pieces."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from training import checkpoint
from training.train_judge import Judge, JudgeConfig

PIECE = 256


def load_judge(folder: Path) -> Judge:
    """The trained judge of a run folder. Raises CheckpointError when there is none."""
    state = checkpoint.load(folder / "judge" / "checkpoint.pt")
    judge = Judge(checkpoint.config_from(JudgeConfig, state["config"]))
    judge.load_state_dict(state["average"])
    return judge.eval().requires_grad_(False)


def name_actions(judge: Judge, windows: np.ndarray) -> np.ndarray:
    """The action that the judge sees in each window uint8 [R, 4, H, W, 3]: int [R]."""
    return np.concatenate([judge(piece).actions.argmax(-1).numpy() for piece in _pieces(windows)])


class Looks(NamedTuple):
    """What the judge sees in R frames: present bool [R], quality [R] in dB, features [R, C]."""

    present: np.ndarray
    quality: np.ndarray
    features: np.ndarray


def look(judge: Judge, frames: np.ndarray) -> Looks:
    """At frames uint8 [R, H, W, 3]."""
    seen = [judge.look(piece) for piece in _pieces(frames)]
    present, quality, features = (torch.cat(parts).numpy() for parts in zip(*seen, strict=True))
    return Looks(present > 0, quality, features)


def _pieces(rows: np.ndarray) -> list[torch.Tensor]:
    return [torch.from_numpy(np.ascontiguousarray(rows[i : i + PIECE])) for i in range(0, len(rows), PIECE)]
