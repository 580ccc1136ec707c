"""How like two pictures are: PSNR, and SSIM."""

import numpy as np
import torch
from torch.nn import functional as F

WINDOW, SIGMA = 11, 1.5
PIECE = 256  # pictures compared at once


def psnr(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """PSNR in dB of each frame: uint8 [..., H, W, 3] twice -> float [...]; equal frames count as 60 dB."""
    error = ((predicted.astype(np.float32) - truth) ** 2).mean(axis=(-3, -2, -1))
    return 10 * np.log10(255**2 / np.maximum(error, 255**2 / 1e6))


def ssim(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """SSIM of each frame: uint8 [..., H, W, 3] twice -> float [...], 1 for equal frames.

    With the window and the constants of Wang et al. 2004, the mean over places and colours; windows that
    would leave the picture do not count.
    """
    shape = truth.shape[:-3]
    rows = [np.broadcast_to(a, truth.shape).reshape(-1, *truth.shape[-3:]) for a in (predicted, truth)]
    pieces = [
        _ssim(*(torch.from_numpy(a[i : i + PIECE].astype(np.float32)) for a in rows)).numpy()
        for i in range(0, len(rows[0]), PIECE)
    ]
    return np.concatenate(pieces).reshape(shape)


def _ssim(a_BHW3: torch.Tensor, b_BHW3: torch.Tensor) -> torch.Tensor:
    a, b = (x.movedim(-1, 1).flatten(0, 1)[:, None] for x in (a_BHW3, b_BHW3))
    mean_a, mean_b, square_a, square_b, product = (_blur(x) for x in (a, b, a * a, b * b, a * b))
    steady, lively = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    variances = square_a - mean_a**2 + square_b - mean_b**2
    same_light = (2 * mean_a * mean_b + steady) / (mean_a**2 + mean_b**2 + steady)
    same_shape = (2 * (product - mean_a * mean_b) + lively) / (variances + lively)
    return (same_light * same_shape).mean((1, 2, 3)).unflatten(0, (-1, 3)).mean(1)


def _blur(x: torch.Tensor) -> torch.Tensor:
    places = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    weights = torch.exp(-(places**2) / (2 * SIGMA**2))
    weights = (weights / weights.sum()).float()
    return F.conv2d(F.conv2d(x, weights[None, None, :, None]), weights[None, None, None, :])
