"""The judge at work: loaded from its run folder, and shown many frames in pieces."""

from pathlib import Path

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


def look(judge: Judge, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether the character is in each frame uint8 [R, H, W, 3]: bool [R]; and what they look like [R, C]."""
    seen = [judge.look(piece) for piece in _pieces(frames)]
    present = torch.cat([logit > 0 for logit, _ in seen]).numpy()
    return present, torch.cat([features for _, features in seen]).numpy()


def _pieces(rows: np.ndarray) -> list[torch.Tensor]:
    return [torch.from_numpy(np.ascontiguousarray(rows[i : i + PIECE])) for i in range(0, len(rows), PIECE)]
