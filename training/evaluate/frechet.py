"""Fréchet distance between two sets of pictures, in a judge's features."""

import numpy as np

from training.evaluate.interval import Interval, interval_of, unbiased

DIRECTIONS = 32  # of the real pictures' features that are kept: what a few hundred pictures can pin down
RESAMPLES = 100


class FrechetDistance:
    """From real pictures to others (Heusel et al. 2017, arXiv:1706.08500, in other features than theirs).

    Features are taken along the main directions of the real ones and in units of their spread, so 1 in one
    direction is a shift of one deviation. What lies outside those directions counts by its length: pictures
    may go where no real one does. Figures in other judges' features cannot be compared with these.
    """

    def __init__(self, real_RC: np.ndarray) -> None:
        self.mean = real_RC.mean(0)
        spread, directions = np.linalg.eigh(np.cov((real_RC - self.mean).T))
        kept = np.argsort(spread)[::-1][:DIRECTIONS]
        kept = kept[spread[kept] > spread.max() * 1e-6]
        self.directions, self.scale = directions[:, kept], np.sqrt(spread[kept])
        outside = self._outside(real_RC - self.mean)
        self.unit = max(outside.std(), 0.01 * self.scale.max())
        self.outside = np.array([outside.mean(), outside.std()]) / self.unit

    def __call__(self, features_RC: np.ndarray) -> float:
        """The squared distance of other pictures' features [R, C] from the real ones'; R of 2 or more."""
        return self._distance(self._seen(features_RC))

    def _seen(self, features_XC: np.ndarray) -> np.ndarray:
        """Features [..., C] in units of the real ones' spread, and the length of the rest: [..., D + 1]."""
        moved = features_XC - self.mean
        inside = moved @ self.directions / self.scale
        return np.concatenate((inside, self._outside(moved)[..., None] / self.unit), -1)

    def _outside(self, moved_XC: np.ndarray) -> np.ndarray:
        rest = moved_XC - moved_XC @ self.directions @ self.directions.T
        return np.sqrt((rest**2).sum(-1))

    def over(self, features_SLC: np.ndarray) -> Interval:
        """The distance of L pictures of each of S sessions, with its interval over sessions.

        Fewer different pictures lie farther away, so resampling with repeats adds to every distance; what it
        adds on average is taken off the interval again.
        """
        seen = self._seen(features_SLC)
        found = interval_of(lambda rows: self._each(seen, rows), len(seen), resamples=RESAMPLES)
        return unbiased(found)

    def ratio(self, late_SLC: np.ndarray, early_SLC: np.ndarray) -> Interval:
        """How much farther the same S sessions are late than early, with its interval over sessions.

        Repeats, which add to both distances, draw their ratio towards one: that is taken off as in `over`.
        """
        late, early = self._seen(late_SLC), self._seen(early_SLC)
        found = interval_of(
            lambda rows: self._each(late, rows) / np.maximum(self._each(early, rows), 1e-6),
            len(late),
            resamples=RESAMPLES,
        )
        return unbiased(found)

    def _each(self, seen_SLD: np.ndarray, sessions: np.ndarray) -> np.ndarray:
        """The distance of every choice of sessions, int [..., S]."""
        choices = sessions.reshape(-1, sessions.shape[-1])
        found = [self._distance(seen_SLD[choice].reshape(-1, seen_SLD.shape[-1])) for choice in choices]
        return np.array(found).reshape(sessions.shape[:-1])

    def _distance(self, seen_RD: np.ndarray) -> float:
        inside, outside = seen_RD[:, :-1], seen_RD[:, -1]
        # Against a unit covariance the trace of the root of the product is the sum of the roots.
        roots = np.sqrt(np.linalg.eigvalsh(np.cov(inside.T)).clip(min=0))
        away = (inside.mean(0) ** 2).sum() + ((roots - 1) ** 2).sum()
        return float(away + ((self.outside - (outside.mean(), outside.std())) ** 2).sum())
