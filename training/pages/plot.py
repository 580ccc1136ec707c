"""Line plots as inline SVG, coloured by the page's own style sheet, so that they are crisp in any theme."""

import math
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 22, 12, 40
COLOURS = 8  # line colours that the style sheet knows


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a plot: points (x, y), and the index of its colour; references 1 and 2 are dashed and grey.

    low and high, where given, are drawn as a band around it.
    """

    name: str
    x: list[float]
    y: list[float]
    colour: int = 0
    reference: int = 0
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    @property
    def style(self) -> str:
        """The class by which the style sheet colours it."""
        return f"ref r{self.reference}" if self.reference else f"s{self.colour % COLOURS}"


def level(name: str, y: float, like: Line) -> Line:
    """A reference at one height, as long as another line."""
    return Line(name=name, x=[like.x[0], like.x[-1]], y=[y, y], reference=1)


def plot(lines: list[Line], *, title: str, x_label: str, y_label: str, y_from: float | None = None) -> Markup:
    """A figure with its legend; lines may be of different lengths. y_from: where the y axis begins at least.

    Points that are not finite are left out. Raises ValueError when nothing is left.
    """
    lines = [line for line in lines if any(map(math.isfinite, line.y))]
    if not lines:
        raise ValueError(f"nothing to plot: {title}")
    xs = [x for line in lines for x in line.x]
    ys = [y for line in lines for y in (*line.y, *line.low, *line.high) if math.isfinite(y)]
    ys += [] if y_from is None else [y_from]
    axes = _Axes(ticks(min(xs), max(xs)), ticks(min(ys), max(ys)), (min(xs), max(xs)))
    drawn = Markup("").join([_grid(axes), *(_drawn(line, axes) for line in lines)])
    keys = Markup("").join(
        Markup('<span class="key {}">{}</span>').format(line.style, line.name) for line in lines
    )
    return Markup(
        '<figure class="plot"><figcaption><b>{}</b><span class="keys">{}</span></figcaption>'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<text class="axis" x="{}" y="{}">{}</text>'
        '<text class="axis" transform="translate(12 {}) rotate(-90)">{}</text></svg></figure>'
    ).format(
        title,
        keys,
        WIDTH,
        HEIGHT,
        title,
        drawn,
        (LEFT + WIDTH - RIGHT) / 2,
        HEIGHT - 6,
        x_label,
        (TOP + HEIGHT - BOTTOM) / 2,
        y_label,
    )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that span low..high, some `about` of them, rising."""
    if high <= low:
        low, high = low - max(0.5, abs(low) / 20), low + max(0.5, abs(low) / 20)
    rough = (high - low) / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(unit * power for unit in (1, 2, 2.5, 5, 10) if unit * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


class _Axes:
    """Where on the picture a point lies; the x axis ends with the data, the y axis with a tick."""

    def __init__(self, x_ticks: list[float], y_ticks: list[float], x_range: tuple[float, float]) -> None:
        self.low, self.high = x_range if x_range[0] < x_range[1] else (x_ticks[0], x_ticks[-1])
        self.x_ticks = [tick for tick in x_ticks if self.low <= tick <= self.high]
        self.y_ticks = y_ticks

    def x(self, value: float) -> float:
        return round(LEFT + (value - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT), 2)

    def y(self, value: float) -> float:
        bottom, top = self.y_ticks[0], self.y_ticks[-1]
        return round(HEIGHT - BOTTOM - (value - bottom) / (top - bottom) * (HEIGHT - TOP - BOTTOM), 2)


def _grid(axes: _Axes) -> Markup:
    parts = []
    for tick in axes.y_ticks:
        y = axes.y(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{_label(tick)}</text>')
    for tick in axes.x_ticks:
        x = axes.x(tick)
        parts.append(f'<text class="tick" x="{x}" y="{HEIGHT - BOTTOM + 16}">{_label(tick)}</text>')
    return Markup("".join(parts))


def _drawn(line: Line, axes: _Axes) -> Markup:
    pairs = [(x, y) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(y)]
    points = " ".join(f"{axes.x(x)},{axes.y(y)}" for x, y in pairs)
    drawn = _band(line, axes) + f'<polyline class="line {line.style}" points="{points}"/>'
    if not line.reference and len(pairs) <= 120:
        told = [(axes.x(x), axes.y(y), f"{line.name}: {_label(y)} at {_label(x)}") for x, y in pairs]
        radius = 3 if len(pairs) <= 24 else 1.5
        drawn += "".join(
            f'<circle class="dot {line.style}" cx="{x}" cy="{y}" r="{radius}">'
            f"<title>{escape(text)}</title></circle>"
            for x, y, text in told
        )
    return Markup(drawn)


def _band(line: Line, axes: _Axes) -> str:
    if not line.low or not line.high:
        return ""
    there = [f"{axes.x(x)},{axes.y(y)}" for x, y in zip(line.x, line.low, strict=True)]
    back = [f"{axes.x(x)},{axes.y(y)}" for x, y in zip(line.x, line.high, strict=True)]
    return f'<polygon class="band {line.style}" points="{" ".join([*there, *reversed(back)])}"/>'


def _label(value: float) -> str:
    """A number as short as it can be said: 12,000; 0.25; 31."""
    rounded = np.format_float_positional(value, precision=4, unique=True, fractional=False, trim="-")
    return f"{value:,.0f}" if abs(value) >= 1000 else rounded
