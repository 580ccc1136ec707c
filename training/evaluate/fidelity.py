"""How near futures come to the real ones, under the true keys and under random ones."""

from typing import Any

import numpy as np

from genie.runtime.world import World
from training.evaluate.crew import Crew
from training.evaluate.interval import interval, intervals
from training.evaluate.likeness import psnr, ssim
from training.evaluate.random_keys import random_keys
from training.evaluate.real_clips import CONTEXT, RealClips
from training.evaluate.rollouts import Rollouts, predict


def score_fidelity(world: World, clips: RealClips, crew: Crew) -> tuple[dict[str, Any], Rollouts]:
    """What a world predicts of clips, scored; returns what it predicted under the true actions as well."""
    told = predict(world, clips, clips.actions, crew, "futures")
    random = random_keys(clips, len(world.actions))
    guessed = predict(world, clips, random, crew, "futures, random keys")
    return score_futures(clips, told.futures, guessed.futures), told


def score_futures(clips: RealClips, told: np.ndarray, guessed: np.ndarray | None) -> dict[str, Any]:
    """PSNR and SSIM of 10 predicted frames, beside copying the last frame and beside random actions.

    told, guessed: uint8 [C, 10, H, W, 3], under the true actions and under random ones, None where those were
    not predicted. Delta-PSNR is what the true ones gain, everything else (the seeds too) being the same.
    """
    truth = clips.frames[:, CONTEXT:]
    futures = {"": told, "_copy_last_frame": clips.frames[:, CONTEXT - 1 : CONTEXT]}
    if guessed is not None:
        futures["_random_actions"] = guessed
    scores: dict[str, Any] = {}
    for name, measure in (("psnr", psnr), ("ssim", ssim)):
        for suffix, frames in futures.items():
            by_step = measure(frames, truth)
            scores[name + suffix] = interval(by_step.mean(1))
            scores[name + suffix + "_by_step"] = intervals(by_step)
    if guessed is not None:
        gain = psnr(told, truth) - psnr(guessed, truth)
        scores["delta_psnr"] = interval(gain.mean(1))
        scores["delta_psnr_at_4"] = interval(gain[:, 3])
        scores["delta_psnr_by_step"] = intervals(gain)
    return scores
