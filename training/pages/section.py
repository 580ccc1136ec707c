"""The parts of a report's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from training.pages.strip import Strip
from training.reports.figures import FIGURES, Figure, said, value_at


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading with what stands under it: a sentence, a table (its first row the heads), plots, strips."""

    id: str
    title: str
    note: str
    table: list[tuple[str, ...]] | None = None
    plots: Sequence[Markup] = ()
    strips: Sequence[Strip] = ()


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A figure to see first: its value, its interval, and what it is held against."""

    title: str
    value: str
    unit: str
    spread: str
    reached: bool | None
    asked: str
    beside: str


def tiles(scores: dict[str, Any]) -> list[Tile]:
    """A tile for each of the figures to see first that the report has."""
    made = (_tile(figure, scores) for figure in FIGURES)
    return [tile for tile in made if tile is not None]


def _tile(figure: Figure, scores: dict[str, Any]) -> Tile | None:
    value = value_at(scores, figure.path)
    if value is None:
        return None
    spread = ""
    if value.low is not None and value.high is not None:
        below, above = value.mean - value.low, value.high - value.mean
        lopsided = min(below, above) < max(below, above) / 4
        spread = f"{said(value.low)} to {said(value.high)}" if lopsided else f"± {said((below + above) / 2)}"
    against = figure.held_against(scores)
    word = "at least" if figure.better > 0 else "at most"
    return Tile(
        title=figure.title,
        value=said(value.mean, beside=figure.floor),
        unit=figure.unit,
        spread=spread,
        reached=figure.reached(value.mean),
        asked="" if figure.floor is None else f"{word} {figure.floor:g}",
        beside="" if against is None else f"{against[1]} {said(against[0].mean)}",
    )
