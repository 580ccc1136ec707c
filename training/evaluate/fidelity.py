"""How near the picture comes to the real one: the tokenizer alone, and futures under true and random keys."""

from typing import Any

import numpy as np

from genie.runtime.world import World
from training.evaluate.interval import interval
from training.evaluate.real_clips import CONTEXT, RealClips
from training.evaluate.rollouts import predict


def psnr(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """PSNR in dB of each frame: uint8 [..., H, W, 3] twice -> float [...]; equal frames count as 60 dB."""
    error = ((predicted.astype(np.float32) - truth) ** 2).mean(axis=(-3, -2, -1))
    return 10 * np.log10(255**2 / np.maximum(error, 255**2 / 1e6))


def score_tokenizer(world: World, clips: RealClips) -> dict[str, Any]:
    """PSNR of frames coded and decoded alone."""
    rebuilt = np.array([world.start(image=frames[-1]).frame for frames in clips.frames])
    return {"psnr": interval(psnr(rebuilt, clips.frames[:, -1]))}


def score_fidelity(world: World, clips: RealClips) -> tuple[dict[str, Any], np.ndarray]:
    """PSNR of 10 predicted frames under true and under random actions, beside copying the last frame.

    Returns the futures under true actions too, uint8 [C, 10, H, W, 3].
    """
    truth = clips.frames[:, CONTEXT:]
    rng = np.random.default_rng(1)
    random = clips.actions.copy()
    random[:, CONTEXT - 1 :] = rng.integers(len(world.actions), size=random[:, CONTEXT - 1 :].shape)
    futures = predict(world, clips, clips.actions)
    right = psnr(futures, truth)
    wrong = psnr(predict(world, clips, random), truth)
    copied = psnr(np.repeat(clips.frames[:, CONTEXT - 1 : CONTEXT], truth.shape[1], 1), truth)
    return {
        "psnr": interval(right.mean(1)),
        "psnr_by_step": [round(float(x), 3) for x in right.mean(0)],
        "psnr_copy_last_frame": interval(copied.mean(1)),
        "psnr_random_actions": interval(wrong.mean(1)),
        "delta_psnr_at_4": interval(right[:, 3] - wrong[:, 3]),
        "delta_psnr": interval((right - wrong).mean(1)),
    }, futures
