"""Means with their uncertainty."""

from collections.abc import Callable

import numpy as np

RESAMPLES = 1000
Z = 1.96  # standard deviations that 95% lie within
# The same, where a spread is itself known from 2 to 10 draws alone.
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


class Interval(dict[str, float]):
    """mean, low and high, as report.json holds them.

    samples: one number a clip [C], where the figure is their mean: to compare reports clip by clip.
    """

    samples: np.ndarray | None = None


def interval(per_clip: np.ndarray, seed: int = 0) -> Interval:
    """The mean of one number a clip [C], with its 95% bootstrap interval over clips."""
    found = interval_of(lambda rows: per_clip[rows].mean(-1), len(per_clip), seed=seed)
    found.samples = per_clip
    return found


def intervals(per_clip: np.ndarray) -> list[Interval]:
    """The same for every step: [C, S] -> S intervals."""
    return [interval(step) for step in per_clip.T]


def interval_of(
    statistic: Callable[[np.ndarray], np.ndarray], clips: int, *, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """Any figure of clips with its 95% bootstrap interval.

    statistic takes numbers of clips, int [..., C], and returns the figure of each such choice [...].
    """
    rng = np.random.default_rng(seed)
    figures = statistic(rng.integers(clips, size=(resamples, clips)))
    low, high = np.quantile(figures, (0.025, 0.975))
    return Interval(
        mean=round(float(statistic(np.arange(clips))), 4),
        low=round(float(low), 4),
        high=round(float(high), 4),
    )


def unbiased(found: Interval) -> Interval:
    """An interval moved to have its figure in its middle, for figures of at least 0 that repeats shift.

    What a resampling repeats is alike by that alone; what it shifts the figure by on average is taken off.
    """
    added = (found["low"] + found["high"]) / 2 - found["mean"]
    low, high = (round(max(0.0, found[end] - added), 4) for end in ("low", "high"))
    return Interval(mean=found["mean"], low=low, high=high)


def crossed(values_DM: np.ndarray) -> Interval:
    """The mean over D draws, each tried at the same M moments, with a 95% interval over both.

    The errors of either, by their standard deviations, are independent and add up as squares; that of a few
    draws, 2 to 10, is as uncertain as Student (1908) says. One draw tells of moments alone. Values are shares
    or decibels, at least 0.
    """
    draws, moments = values_DM.shape
    mean, reach = float(values_DM.mean()), 0.0
    if moments > 1:
        reach = Z * values_DM.mean(0).std(ddof=1) / np.sqrt(moments)
    if draws > 1:
        own = STUDENT[min(draws, len(STUDENT) + 1) - 2] * values_DM.mean(1).std(ddof=1) / np.sqrt(draws)
        reach = np.hypot(reach, own)
    most = 1.0 if values_DM.max() <= 1 else np.inf
    low, high = max(0.0, mean - reach), min(most, mean + reach)
    return Interval(mean=round(mean, 4), low=round(float(low), 4), high=round(float(high), 4))


def share(passes: np.ndarray) -> Interval:
    """How many of a few trials pass, bool [C], with the 95% interval of Wilson (1927).

    Resampling trials that all pass would claim certainty.
    """
    count, passed = len(passes), float(passes.mean())
    middle, reach = (passed + Z**2 / (2 * count)) / (1 + Z**2 / count), Z / (1 + Z**2 / count)
    reach *= np.sqrt(passed * (1 - passed) / count + Z**2 / (4 * count**2))
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    found = Interval(mean=round(passed, 4), low=round(float(low), 4), high=round(float(high), 4))
    found.samples = passes.astype(float)
    return found
