"""What a world's tokenizer keeps of a picture, and how much of its codebook it uses."""

from typing import Any

import numpy as np

from genie.runtime.world import World
from training.evaluate.interval import interval, interval_of
from training.evaluate.likeness import psnr, ssim
from training.evaluate.real_clips import RealClips

IN_USE = 1e-3  # share of a digit's tokens from which on one of its values counts as used


def score_tokenizer(world: World, clips: RealClips) -> dict[str, Any]:
    """PSNR and SSIM of frames coded and decoded alone, and the use of the codebook.

    A token is a few digits, each with a few values: the codebook is all values of all digits. Its use is the
    share of values that occur in at least one token in a thousand, and the perplexity of each digit's values
    over how many there are, the mean over digits: 1 when all occur as often.
    """
    frames = clips.frames[:, ::4].reshape(-1, *clips.frames.shape[2:])
    tokens = np.concatenate([world.tokens(frame) for frame in frames])
    rebuilt = np.array([world.start(image=frame).frame for frame in frames])  # sessions let go of at once
    per_clip = (len(clips.frames), -1)
    counts = _counts(tokens, world.manifest.levels).reshape(*per_clip, tokens.shape[2], world.manifest.levels)
    counts = counts.sum(1)
    return {
        "psnr": interval(psnr(rebuilt, frames).reshape(per_clip).mean(1)),
        "ssim": interval(ssim(rebuilt, frames).reshape(per_clip).mean(1)),
        "codebook_values": int(tokens.shape[2] * world.manifest.levels),
        "codebook_used": interval_of(lambda clips_: _used(counts[clips_].sum(-3)), len(counts)),
        "codebook_perplexity": interval_of(lambda clips_: _perplexity(counts[clips_].sum(-3)), len(counts)),
    }


def _counts(tokens_RND: np.ndarray, levels: int) -> np.ndarray:
    """How often each value of each digit occurs in each picture: int [R, D, levels]."""
    return np.stack([(tokens_RND == value).sum(1) for value in range(levels)], -1)


def _used(counts: np.ndarray) -> np.ndarray:
    shares = counts / counts.sum(-1, keepdims=True)
    return (shares >= IN_USE).mean((-2, -1))


def _perplexity(counts: np.ndarray) -> np.ndarray:
    shares = counts / counts.sum(-1, keepdims=True)
    entropy = -(shares * np.log(np.maximum(shares, 1e-12))).sum(-1)
    return (np.exp(entropy) / counts.shape[-1]).mean(-1)
