"""Means with their uncertainty."""

import numpy as np

RESAMPLES = 1000


def interval(per_clip: np.ndarray, seed: int = 0) -> dict[str, float]:
    """The mean of one number a clip [C], with its 95% bootstrap interval over clips."""
    rng = np.random.default_rng(seed)
    means = per_clip[rng.integers(len(per_clip), size=(RESAMPLES, len(per_clip)))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {
        "mean": round(float(per_clip.mean()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }
