"""Fréchet distance between two sets of pictures, in a judge's features."""

import numpy as np

DIRECTIONS = 32  # of the real pictures' features that are kept: what a few hundred pictures can pin down


class FrechetDistance:
    """From real pictures to others (Heusel et al. 2017, arXiv:1706.08500, in other features than theirs).

    Features are taken along the main directions of the real ones and in units of their spread, so 1 in one
    direction is a shift of one deviation. Figures in other judges' features cannot be compared with these.
    """

    def __init__(self, real_RC: np.ndarray) -> None:
        self.mean = real_RC.mean(0)
        spread, directions = np.linalg.eigh(np.cov((real_RC - self.mean).T))
        kept = np.argsort(spread)[::-1][:DIRECTIONS]
        kept = kept[spread[kept] > spread.max() * 1e-6]
        self.whiten = directions[:, kept] / np.sqrt(spread[kept])

    def __call__(self, features_RC: np.ndarray) -> float:
        """The squared distance of other pictures' features [R, C] from the real ones'; R of 2 or more."""
        seen = (features_RC - self.mean) @ self.whiten
        # Against a unit covariance the trace of the root of the product is the sum of the roots.
        variances = np.linalg.eigvalsh(np.cov(seen.T)).clip(min=0)
        return float((seen.mean(0) ** 2).sum() + ((np.sqrt(variances) - 1) ** 2).sum())
