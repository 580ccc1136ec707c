"""How far the judge itself can be believed: what it makes of real clips that it never saw."""

from functools import partial
from typing import Any

import numpy as np
import torch

from genie.worlds.source import Source
from training.degrade import degrade, quality
from training.evaluate.interval import interval
from training.evaluate.judging import look
from training.evaluate.real_clips import RealClips
from training.evaluate.simulator import answer_of
from training.judge import Judge
from training.train_judge import PlayerPairs
from training.windows import pixels

SOUND = 0.95  # share of keys that a judge must name rightly on real clips
SPOILED_SEED = 5
PAIRS = 200  # frames with and without the character that the judge is tried on


def judge_worth(
    judge: Judge, clips: RealClips, source: Source | None, scores: dict[str, Any]
) -> dict[str, Any]:
    """All that says how far the judge can be believed; `scores` are what it was used for.

    Whether it sees the character is left out where the simulator is not installed.
    """
    pairs = None
    if isinstance(source, PlayerPairs):
        pairs, _ = answer_of(partial(source.player_pairs, split="test", count=PAIRS, seed=0))
    told = scores.get("held_keys") or scores["actions"]
    what = "held keys" if "held_keys" in scores else "keys"
    return (
        verdict(told["accuracy_real"], what)
        | {"keys": told["accuracy_real"], "confusion": told["confusion_real"]}
        | score_judge(judge, clips, pairs)
    )


def score_judge(
    judge: Judge,
    clips: RealClips,
    pairs: tuple[np.ndarray, np.ndarray] | None,
) -> dict[str, Any]:
    """What the judge reads off single real pictures, beside what is so.

    present and absent: how often it sees the character where it is, and none where there is none, in pairs
    uint8 [M, H, W, 3] of frames with and without it; quality_off_db: by how much it misjudges frames that
    were spoiled.
    """
    frames = clips.frames[:, -1]
    scores: dict[str, Any] = {"quality_off_db": interval(_quality_off(judge, frames))}
    if pairs is not None:
        present, absent = (look(judge, side).present for side in pairs)
        scores |= {"present": interval(present.astype(float)), "absent": interval((~absent).astype(float))}
    return scores


def verdict(accuracy_real: dict[str, float], what: str) -> dict[str, Any]:
    """Whether what the judge says of keys can be believed, in a word and in a sentence."""
    named = accuracy_real["mean"]
    if named >= SOUND:
        return {"weak": False, "verdict": f"The judge names {named:.1%} of {what} rightly on real frames."}
    return {
        "weak": True,
        "verdict": f"The judge's verdict is weak: it names {named:.1%} of {what} rightly on real frames, "
        f"where {SOUND:.0%} are asked.",
    }


def _quality_off(judge: Judge, frames: np.ndarray) -> np.ndarray:
    real = pixels(torch.from_numpy(frames))
    spoiled = degrade(real, torch.Generator().manual_seed(SPOILED_SEED))
    return (judge.look_at(spoiled).quality - quality(spoiled, real)).abs().numpy()
