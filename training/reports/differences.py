"""Reports put beside one another: which figures differ, and which differences are noise."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from training.reports.figures import FIGURES, Figure, Value, all_values, node_at, value_at
from training.reports.report import Report

RESAMPLES = 2000
FEWEST = 10  # clips or sessions that can be resampled; of fewer, chance draws too narrow a picture
# Where reports say what was asked beside the clips: figures of these are compared one by one only where it is
# the same.
ASKED = {
    "text.unseen.": "text.unseen.asked",
    "text.named": "text.asked",
    "text.": "text.asked_changes",
    "counterfactuals.": "counterfactuals.asked",
    "held_keys.": "counterfactuals.asked",
    "horizon.": "horizon.asked",
    "long_horizon.": "long_horizon.asked",
}
ALONE = "horizon.of_true_game."  # which levels the true game was played on, no report says
Verdict = Literal["better", "worse", "differs", "within noise", "no interval", "same", ""]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One report's figure, against the first report's.

    value: None where the report has none; change: how much it differs, noise: by how much it might by chance
    (half of a 95% interval), either None where that is not known; paired: whether the clips were the same,
    and so compared one by one.
    """

    value: Value | None
    change: float | None = None
    noise: float | None = None
    paired: bool = False
    verdict: Verdict = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One figure of every report, in their order."""

    figure: Figure
    entries: tuple[Entry, ...]


def compare(reports: list[Report]) -> list[Comparison]:
    """Every figure that two reports or more have: those a person should see first, then all others."""
    known = {figure.path for figure in FIGURES}
    others = {path: None for report in reports for path, _ in all_values(report.scores) if path not in known}
    figures = [*FIGURES, *(Figure(title=path, path=path, better=0) for path in others)]
    compared = [compare_figure(figure, reports) for figure in figures]
    return [row for row in compared if sum(entry.value is not None for entry in row.entries) > 1]


def compare_figure(figure: Figure, reports: list[Report]) -> Comparison:
    """One figure of every report; all are held against the first one that has it."""
    entries: list[Entry] = []
    first: Report | None = None
    for report in reports:
        value = value_at(report.scores, figure.path)
        if value is None or first is None:
            entries.append(Entry(value=value))
            first = first or (report if value is not None else None)
        else:
            entries.append(_against(first, report, figure))
    return Comparison(figure=figure, entries=tuple(entries))


def same_clips(a: Report, b: Report) -> bool:
    """Whether two reports were measured on the same clips."""
    ours, theirs = a.content["data"], b.content["data"]
    return (ours["hash"], ours["clips"]) == (theirs["hash"], theirs["clips"])


def _against(first: Report, report: Report, figure: Figure) -> Entry:
    old, new = value_at(first.scores, figure.path), value_at(report.scores, figure.path)
    assert old is not None and new is not None
    change = new.mean - old.mean
    noise, paired = _paired_noise(first, report, figure.path), True
    if noise is None:
        noise, paired = _noise(old, new), False
    return Entry(
        value=new,
        change=change,
        noise=noise,
        paired=paired,
        verdict=_verdict(change, noise, figure.better),
    )


def _verdict(change: float, noise: float | None, better: int) -> Verdict:
    if change == 0:
        return "same"
    if noise is None:
        return "no interval"
    if abs(change) <= noise:
        return "within noise"
    return "differs" if better == 0 else "better" if change * better > 0 else "worse"


def _noise(old: Value, new: Value) -> float | None:
    """Of independent errors the squares add up; on the same clips this is too wide rather than too narrow."""
    ours, theirs = _half(old), _half(new)
    return None if ours is None or theirs is None else float(np.hypot(ours, theirs))


def _half(value: Value) -> float | None:
    if value.low is None or value.high is None:
        return None
    return max(value.high - value.mean, value.mean - value.low, 0.0)


def _paired_noise(first: Report, report: Report, path: str) -> float | None:
    """Half of the 95% bootstrap interval of the mean difference clip by clip; None where it cannot be had."""
    ours, theirs = (r.content.get("per_clip", {}).get(path) for r in (first, report))
    if not ours or not theirs or len(ours) != len(theirs) or not same_clips(first, report):
        return None
    if path.startswith(ALONE) or _asked(first, path) != _asked(report, path):
        return None  # other moments, sessions or prompts
    apart = np.array(theirs) - np.array(ours)
    if len(apart) < FEWEST or not np.ptp(apart):
        return None  # that all differ alike is no certainty: the figures' own intervals say more
    rows = np.random.default_rng(0).integers(len(apart), size=(RESAMPLES, len(apart)))
    low, high = np.quantile(apart[rows].mean(1), (0.025, 0.975))
    return float(max(high - apart.mean(), apart.mean() - low))


def _asked(report: Report, path: str) -> Any:
    """What a figure was measured on beside the clips; None where the report does not say."""
    place = next((place for start, place in ASKED.items() if path.startswith(start)), None)
    return None if place is None else node_at(report.scores, place)
