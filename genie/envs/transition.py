"""One step of a world as a reward or a termination sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False, kw_only=True)
class Transition:
    """From one frame to the next.

    `before` and `frame` uint8 [height, width, 3], RGB; `action` the name of what led from one to the other;
    `index` the number of `frame`, the first one being 0; `prompt` the text in force.
    """

    before: np.ndarray
    frame: np.ndarray
    action: str
    index: int
    prompt: str


Reward = Callable[[Transition], float]
"""What a step is worth. Of many environments it is called from several threads: keep no state in it."""

Termination = Callable[[Transition], bool]
"""Whether a step ended the episode; the same goes for it."""
