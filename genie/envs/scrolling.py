"""How far a picture moved sideways: a reward that needs nothing but frames."""

from __future__ import annotations

import numpy as np

from genie.envs.transition import Transition

FARTHEST = 5
"""The largest move that is looked for, in pixels."""


def scrolled_right(transition: Transition) -> float:
    """Return how many pixels the view went right (the picture left) in one step: -5.5 to 5.5."""
    return horizontal_move(transition.before, transition.frame)


def horizontal_move(before: np.ndarray, after: np.ndarray) -> float:
    """Return by how many pixels the view moved right between two frames uint8 [height, width, 3].

    The whole shift at which the frames agree best, made finer by a parabola through its neighbours; 0.0 for
    pictures without anything in them to tell a move by.
    """
    first, second = before.mean(axis=2), after.mean(axis=2)
    width = first.shape[1]
    middle = slice(FARTHEST + 1, width - FARTHEST - 1)
    shifts = range(-FARTHEST - 1, FARTHEST + 2)
    errors = np.array(
        [np.square(first[:, middle.start + s : middle.stop + s] - second[:, middle]).mean() for s in shifts]
    )
    best = 1 + int(np.argmin(errors[1:-1]))
    left, here, right = errors[best - 1 : best + 2]
    bend = left - 2 * here + right
    if bend <= 0:  # flat: nothing moved that could be seen
        return 0.0
    return shifts[best] + float(np.clip((left - right) / (2 * bend), -0.5, 0.5))
