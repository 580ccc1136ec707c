"""Film strips: rows of frames under one another, which clips they show being chosen by rule."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from training.evaluate.examples import by_rule, telling_moment
from training.evaluate.held import Held
from training.evaluate.likeness import psnr
from training.pages.picture import difference, enlarged, film

STEPS = (1, 2, 3, 4, 6, 8, 10)  # which predicted frames are shown
KEY_STEPS = (2, 4, 8)
HELD_STEPS = (2, 4, 6, 8, 10)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Columns that belong together: a title over them, and a label for each."""

    title: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A name, a picture for each group, and what is written under the last one's columns."""

    name: str
    pictures: tuple[Markup, ...]
    under: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Strip:
    """What one figure shows; width is that of a column, in pixels of the page."""

    title: str
    note: str
    width: int
    groups: tuple[Group, ...]
    rows: tuple[Row, ...]


def clip_strips(
    frames: np.ndarray, futures: np.ndarray, actions: np.ndarray, captions: list[str], names: tuple[str, ...]
) -> list[Strip]:
    """Truth over model over difference, for the best, the median and the worst clip by mean PSNR.

    frames: uint8 [C, T, H, W, 3], real ones; futures: uint8 [C, P, H, W, 3], what stands in the model for the
    last P of them; actions: int [C, T - 1], names: what they are called.
    """
    steps = futures.shape[1]
    context = frames.shape[1] - steps
    quality = psnr(futures, frames[:, context:])
    shown = [step for step in STEPS if step <= steps]
    strips = []
    for place, clip in by_rule(quality.mean(1)).items():
        truth = frames[clip, [context - 1, *(context - 1 + step for step in shown)]]
        model = np.concatenate((truth[:1], futures[clip, [step - 1 for step in shown]]))
        pressed = [names[action] for action in actions[clip, context - 1 :]]
        columns = ("last seen", *(f"+{step}" for step in shown))
        decibels = ("", *(f"{quality[clip, step - 1]:.1f} dB" for step in shown))
        strips.append(
            Strip(
                title=f"{place}: clip {clip} of {len(frames)}, {quality[clip].mean():.1f} dB",
                note=f"“{captions[clip]}”; keys: {runs(pressed)}",
                width=shown_width(frames),
                groups=(Group(title="", columns=columns),),
                rows=(
                    Row(name="truth", pictures=(film(truth, alt=f"{place} clip, real frames"),)),
                    Row(name="model", pictures=(film(model, alt=f"{place} clip, model"),), under=decibels),
                    Row(name="difference x 2", pictures=(film(difference(truth, model), alt="difference"),)),
                ),
            )
        )
    return strips


def key_strip(
    past: np.ndarray, futures: np.ndarray, imagined: np.ndarray, captions: list[str], names: tuple[str, ...]
) -> Strip:
    """One start under each key, the simulator's frames beside the model's.

    past: uint8 [M, C, H, W, 3]; futures and imagined: uint8 [M, A, F, H, W, 3]. Of the moments at which all
    keys' true futures differ as much as at the median moment, the one of median PSNR is shown.
    """
    chosen = telling_moment(futures, imagined)
    shown = [step for step in KEY_STEPS if step <= futures.shape[2]]
    picked = [step - 1 for step in shown]
    columns = tuple(f"+{step}" for step in shown)
    rows = []
    for key, name in enumerate(names):
        truth, model = futures[chosen, key], imagined[chosen, key]
        under = tuple(f"{value:.1f} dB" for value in psnr(model, truth)[picked])
        pictures = (
            film(past[chosen, -1:], alt="the start"),
            film(truth[picked], alt=f"{name}, simulator"),
            film(model[picked], alt=f"{name}, model"),
        )
        rows.append(Row(name=name, pictures=pictures, under=under))
    return Strip(
        title=f"Moment {chosen} of {len(past)}, each key held from the same frame",
        note=f"“{captions[chosen]}”",
        width=shown_width(past),
        groups=(
            Group(title="start", columns=("",)),
            Group(title="simulator", columns=columns),
            Group(title="model", columns=columns),
        ),
        rows=tuple(rows),
    )


def held_strip(held: Held, names: tuple[str, ...], *, title: str, note: str) -> Strip:
    """One start under each of several actions, without truth."""
    start, futures = held
    shown = [step for step in HELD_STEPS if step <= futures.shape[1]]
    columns = ("start", *(f"+{step}" for step in shown))
    rows = tuple(
        Row(
            name=name,
            pictures=(film(np.stack([start, *(taken[step - 1] for step in shown)]), alt=name),),
        )
        for name, taken in zip(names, futures, strict=True)
    )
    return Strip(
        title=title,
        note=note,
        width=shown_width(futures),
        groups=(Group(title="", columns=columns),),
        rows=rows,
    )


def shown_width(frames: np.ndarray) -> int:
    """How wide frames [..., H, W, 3] are shown, in pixels of the page."""
    return frames.shape[-2] * enlarged(frames.shape[-3])


def runs(names: list[str]) -> str:
    """Names said once for each run of equals: "right x3, up x1"."""
    told: list[list] = []
    for name in names:
        if told and told[-1][0] == name:
            told[-1][1] += 1
        else:
            told.append([name, 1])
    return ", ".join(name if count == 1 else f"{name} x{count}" for name, count in told)
