"""The curves that a report's lists of figures make, of one report or of several over one another."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from training.pages.plot import Line, level, plot
from training.reports.figures import Value, list_at, value_at


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Where a list lies under `scores`, and what it is over: x is every, 2 * every, ...

    beside: what a report on its own is held against, as (place, name), each a list or a figure.
    """

    title: str
    path: str
    x_label: str
    y_label: str
    every: float = 1
    y_from: float | None = None
    beside: tuple[tuple[str, str], ...] = ()


def _horizon(section: str, end: str, every: int) -> tuple[Curve, ...]:
    """The curves of long sessions, by windows of so many frames."""

    def curve(title: str, name: str, y_label: str, y_from: float | None, real: str = "") -> Curve:
        return Curve(
            title=title,
            path=f"{section}.{name}{end}",
            x_label="frames played",
            y_label=y_label,
            every=every,
            y_from=y_from,
            beside=((f"{section}.{real}", "real frames"),) if real else (),
        )

    return (
        curve(
            "Good pictures, with the character where there is one",
            "frames_passed",
            "share",
            0,
            "real_frames_passed",
        ),
        curve("The character is seen", "character_seen", "share", 0),
        curve("Quality of the picture, by the judge", "quality_db", "dB", None, "real_quality_db"),
        curve("Detail of the picture", "detail", "grey levels", 0, "real_detail"),
        curve("Fréchet distance in the judge's features", "frechet", "distance", 0, "frechet_of_real"),
    )


def _by_step(title: str, name: str, y_label: str) -> Curve:
    return Curve(
        title=title,
        path=f"fidelity.{name}_by_step",
        x_label="predicted frame",
        y_label=y_label,
        beside=(
            (f"fidelity.{name}_copy_last_frame_by_step", "copying the last frame"),
            (f"fidelity.{name}_random_actions_by_step", "random keys"),
        ),
    )


FIDELITY = (
    _by_step("PSNR by predicted frame", "psnr", "dB"),
    _by_step("SSIM by predicted frame", "ssim", "SSIM"),
    _by_step("ΔPSNR by predicted frame, true minus random keys", "delta_psnr", "dB"),
)
HORIZON = _horizon("horizon", "_by_hundred", 100)
LONG_HORIZON = _horizon("long_horizon", "_by_thousand", 1000)
CURVES = (*FIDELITY, *HORIZON, *LONG_HORIZON)


def curve_plot(curve: Curve, reports: list[tuple[str, dict[str, Any]]]) -> Markup | None:
    """A curve of each of several (name, scores); None where no report has it."""
    lines = []
    for colour, (name, scores) in enumerate(reports):
        values = list_at(scores, curve.path)
        if values is not None:
            lines.append(_line(name, curve, values, colour))
    if not lines:
        return None
    if len(reports) == 1:
        lines += _beside(curve, reports[0][1], lines[0])
    return plot(lines, title=curve.title, x_label=curve.x_label, y_label=curve.y_label, y_from=curve.y_from)


def _line(name: str, curve: Curve, values: list[Value], colour: int, number: int = 0) -> Line:
    low = tuple(value.low for value in values if value.low is not None)
    high = tuple(value.high for value in values if value.high is not None)
    known = not number and len(low) == len(high) == len(values)
    return Line(
        name=name,
        x=[curve.every * n for n in range(1, len(values) + 1)],
        y=[value.mean for value in values],
        colour=colour,
        reference=number,
        low=low if known else (),
        high=high if known else (),
    )


def _beside(curve: Curve, scores: dict[str, Any], like: Line) -> list[Line]:
    """What a lone report is held against, dashed in turn."""
    lines = []
    for number, (path, name) in enumerate(curve.beside, 1):
        values, value = list_at(scores, path), value_at(scores, path)
        if values is not None:
            lines.append(_line(name, curve, values, 0, number))
        elif value is not None:
            lines.append(level(name, value.mean, like))
    return lines
