"""Whether one can see in generated clips which keys were pressed."""

from typing import Any

import numpy as np

from training.evaluate.interval import interval
from training.evaluate.judging import name_actions
from training.evaluate.real_clips import CONTEXT, RealClips
from training.train_judge import FRAMES, Judge


def score_actions(judge: Judge, clips: RealClips, futures: np.ndarray) -> dict[str, Any]:
    """How often the judge names the key pressed: on real frames (the ceiling), and on predicted ones.

    futures: uint8 [C, 10, H, W, 3], what the world makes of each clip's first 4 frames and its actions.
    """
    generated = np.concatenate((clips.frames[:, :CONTEXT], futures), 1)
    # The judge names action t from frames t-1 to t+2: those from the last real frame on that have them all.
    first, last = CONTEXT - 1, generated.shape[1] - 2
    keys = clips.actions[:, first:last]
    named = {}
    for name, frames in (("real", clips.frames), ("generated", generated)):
        windows = np.stack([frames[:, t - 1 : t + FRAMES - 1] for t in range(first, last)], 1)
        named[name] = name_actions(judge, windows.reshape(-1, *windows.shape[2:])).reshape(keys.shape)
    hits = {name: (answer == keys).mean(1) for name, answer in named.items()}
    confusion = np.zeros((judge.config.actions, judge.config.actions), int)
    np.add.at(confusion, (keys.ravel(), named["generated"].ravel()), 1)
    return {
        "accuracy_real": interval(hits["real"]),
        "accuracy": interval(hits["generated"]),
        "accuracy_over_ceiling": round(float(hits["generated"].mean() / max(1e-9, hits["real"].mean())), 4),
        "confusion": confusion.tolist(),  # rows: the key pressed; columns: the key named
    }
