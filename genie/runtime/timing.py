"""How long steps take, from the key to the frame."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from genie.runtime.session import Session


class StepTimes(NamedTuple):
    """Times of whole steps, in milliseconds: how many, the median, and what one in a hundred exceeds."""

    steps: int
    median: float
    p99: float


def time_steps(session: Session, steps: int = 200, warm_up: int = 20) -> StepTimes:
    """Play `steps` frames after `warm_up` uncounted ones, taking the actions in turn; time each."""
    taken = np.empty(steps)
    for i in range(-warm_up, steps):
        action = (i // 8) % len(session.world.actions)
        began = time.perf_counter()
        session.step(action)
        if i >= 0:
            taken[i] = (time.perf_counter() - began) * 1000
    return StepTimes(steps, float(np.median(taken)), float(np.percentile(taken, 99)))
