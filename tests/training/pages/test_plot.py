"""Plots put points where their numbers say."""

from __future__ import annotations

import re

import pytest

from training.pages.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Line, level, plot, ticks


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (19.6, 27.2, [18, 20, 22, 24, 26, 28]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (100, 10_000, [0, 2000, 4000, 6000, 8000, 10000]),
    ],
)
def test_ticks_are_round_and_span_the_range(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_ticks_of_a_flat_line_are_there_too() -> None:
    for value in (0.0, 1.0, -3e5):
        found = ticks(value, value)
        assert len(found) >= 3 and found[0] < value < found[-1]


def points(svg: str, kind: str = "polyline") -> list[list[tuple[float, float]]]:
    found = re.findall(rf'<{kind} class="[^"]*" points="([^"]*)"', svg)
    return [[tuple(map(float, p.split(","))) for p in line.split()] for line in found]  # type: ignore[misc]


def test_lines_go_through_their_points_and_bands_around_them() -> None:
    line = Line(name="model", x=[1, 2, 3], y=[0, 5, 10], low=(0, 4, 9), high=(1, 6, 10))
    svg = plot([line, level("real", 10, line)], title="t", x_label="x", y_label="y", y_from=0)
    drawn, reference = points(svg)
    left, right, bottom, top = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, TOP
    assert drawn == [(left, bottom), ((left + right) / 2, (bottom + top) / 2), (right, top)]
    assert reference == [(left, top), (right, top)]
    (band,) = points(svg, "polygon")
    assert len(band) == 6 and band[0] == (left, bottom) and band[3] == (right, top)


def test_what_is_not_a_number_is_left_out_and_text_is_escaped() -> None:
    line = Line(name="<i>", x=[1, 2, 3], y=[1, float("nan"), 2])
    svg = plot([line], title="a < b", x_label="", y_label="")
    assert len(points(svg)[0]) == 2
    assert "<i>" not in svg and "a &lt; b" in svg and "nan" not in svg
    with pytest.raises(ValueError):
        plot([Line(name="", x=[1], y=[float("nan")])], title="t", x_label="", y_label="")
