"""Film strips of views that are left and come back to."""

import numpy as np

from training.evaluate.examples import by_rule
from training.evaluate.likeness import psnr
from training.evaluate.real_clips import CONTEXT
from training.evaluate.revisits import Revisited
from training.pages.picture import film
from training.pages.strip import Group, Row, Strip, runs, shown_width

SHOWN = 8  # frames of the way


def revisit_strips(made: Revisited, names: tuple[str, ...]) -> list[Strip]:
    """Truth over model on the way, for the best, the median and the worst view come back to by its PSNR.

    names: what the actions are called.
    """
    ends = zip(made.futures, made.revisits, strict=True)
    quality = np.array([psnr(future[-1], one.frames[-1]) for future, one in ends])
    strips = []
    for place, number in by_rule(quality).items():
        one, future = made.revisits[number], made.futures[number]
        steps = np.unique(np.linspace(0, one.gap, SHOWN + 1).round().astype(int))
        truth = one.frames[CONTEXT - 1 + steps]
        model = np.concatenate((truth[:1], future[steps[1:] - 1]))
        decibels = ("", *(f"{value:.1f} dB" for value in psnr(model[1:], truth[1:])))
        pressed = [names[action] for action in one.actions[CONTEXT - 1 :]]
        strips.append(
            Strip(
                title=f"{place} of {len(quality)}: {quality[number]:.1f} dB after {one.gap} frames",
                note=f"“{one.caption}”; keys: {runs(pressed)}",
                width=shown_width(truth),
                groups=(Group(title="", columns=("left", *(f"+{step}" for step in steps[1:]))),),
                rows=(
                    Row(name="truth", pictures=(film(truth, alt=f"{place} way back, real frames"),)),
                    Row(
                        name="model", pictures=(film(model, alt=f"{place} way back, model"),), under=decibels
                    ),
                ),
            )
        )
    return strips
