"""Whether one can see in generated clips which keys were pressed."""

from typing import Any

import numpy as np

from training.evaluate.judging import name_actions
from training.evaluate.naming import Named, accuracy
from training.evaluate.real_clips import CONTEXT, RealClips
from training.evaluate.rollouts import Rollouts
from training.judge import FRAMES, Judge


def score_actions(judge: Judge, clips: RealClips, told: Rollouts) -> dict[str, Any]:
    """How often the judge names exactly the key pressed: on real frames (the ceiling), and on predicted ones.

    Chance is the share of the commonest key. Keys that change nothing where they are pressed count as missed
    whenever they are not guessed, in both: where there is a simulator, `counterfactuals` knows better.
    """
    generated = np.concatenate((told.context, told.futures), 1)
    # The judge names action t from frames t-1 to t+2: those from the last real frame on that have them all.
    first, last = CONTEXT - 1, generated.shape[1] - 2
    keys = clips.actions[:, first:last]
    real, made = (
        Named(keys, _named(judge, frames, first, last).reshape(keys.shape))
        for frames in (clips.frames, generated)
    )
    actions = judge.config.actions
    commonest = float(np.bincount(keys.ravel(), minlength=actions).max() / keys.size)
    return accuracy(real, made, actions, commonest) | {"chance": round(commonest, 4)}


def _named(judge: Judge, frames: np.ndarray, first: int, last: int) -> np.ndarray:
    windows = np.stack([frames[:, t - 1 : t + FRAMES - 1] for t in range(first, last)], 1)
    return name_actions(judge, windows.reshape(-1, *windows.shape[2:]))
