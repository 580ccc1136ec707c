"""How near futures come to the real ones, under the true keys and under random ones."""

from typing import Any

import numpy as np

from genie.runtime.world import World
from training.evaluate.crew import Crew
from training.evaluate.interval import interval, intervals
from training.evaluate.likeness import psnr, ssim
from training.evaluate.real_clips import CONTEXT, RealClips
from training.evaluate.rollouts import Rollouts, predict

RANDOM_KEYS_SEED = 1


def score_fidelity(world: World, clips: RealClips, crew: Crew) -> tuple[dict[str, Any], Rollouts]:
    """PSNR and SSIM of 10 predicted frames, beside copying the last frame and beside random actions.

    Delta-PSNR is what the true actions gain over random ones, everything else (the seeds too) being the same.
    Returns what was predicted under the true actions as well.
    """
    truth = clips.frames[:, CONTEXT:]
    rng = np.random.default_rng(RANDOM_KEYS_SEED)
    random = clips.actions.copy()
    random[:, CONTEXT - 1 :] = rng.integers(len(world.actions), size=random[:, CONTEXT - 1 :].shape)
    told = predict(world, clips, clips.actions, crew, "futures")
    guessed = predict(world, clips, random, crew, "futures, random keys").futures
    copied = clips.frames[:, CONTEXT - 1 : CONTEXT]
    scores: dict[str, Any] = {}
    for name, measure in (("psnr", psnr), ("ssim", ssim)):
        for suffix, futures in (
            ("", told.futures),
            ("_copy_last_frame", copied),
            ("_random_actions", guessed),
        ):
            by_step = measure(futures, truth)
            scores[name + suffix] = interval(by_step.mean(1))
            scores[name + suffix + "_by_step"] = intervals(by_step)
    gain = psnr(told.futures, truth) - psnr(guessed, truth)
    scores["delta_psnr"] = interval(gain.mean(1))
    scores["delta_psnr_at_4"] = interval(gain[:, 3])
    scores["delta_psnr_by_step"] = intervals(gain)
    return scores, told
