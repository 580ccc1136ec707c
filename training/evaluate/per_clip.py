"""The summary figures clip by clip, so that reports on the same clips can be compared one clip at a time."""

from typing import Any

from training.evaluate.interval import Interval
from training.reports.figures import FIGURES, node_at


def per_clip(scores: dict[str, Any]) -> dict[str, list[float]]:
    """By a figure's dotted path, its value for each clip (moment, session), where it is their mean."""
    found = {}
    for figure in FIGURES:
        node = node_at(scores, figure.path)
        if isinstance(node, Interval) and node.samples is not None:
            found[figure.path] = [round(float(value), 4) for value in node.samples]
    return found
