"""Looking at other frames of the line that is played, while the session stays where it is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from genie.app.moment import Moment

SPEEDS = ((0.0, 1), (1.0, 2), (3.0, 4), (6.0, 8), (10.0, 16))
"""Frames a tick, by the seconds the key has been held."""


class Scrub:
    """Where one is looking. Pictures come from another thread: `ask(index)` orders one, `show` takes it.

    The session follows once one stops looking: so looking is as fast as decoding one frame, however long it
    takes the session to get there.
    """

    def __init__(self, moment: Moment, fps: float, ask: Callable[[int], None]) -> None:
        self._moment = moment
        self._fps = fps
        self._ask = ask
        self._asked: int | None = None
        self._held = 0
        self.way = 0
        """-1 while going back by itself, 1 while going forward, 0 while led."""
        self.index = moment.index
        """The frame wanted; the picture shown may be an older one for a moment."""
        self.frame: np.ndarray = moment.frame

    def move(self) -> None:
        """Go on by one tick, the faster the longer it has been going."""
        held = self._held / self._fps
        self._held += 1
        self.to(self.index + self.way * [speed for since, speed in SPEEDS if held >= since][-1])

    def to(self, index: int) -> None:
        """Look at a frame, or the nearest there is."""
        self.index = min(max(0, index), self._moment.end)
        if self._asked is None:
            self._order()

    def show(self, index: int, frame: np.ndarray) -> None:
        """Take the picture of frame `index`; another is asked for if another is wanted by now."""
        self.frame, self._asked = frame, None
        if index != self.index:
            self._order()

    @property
    def place(self) -> tuple[int, int]:
        """The branch on whose line it is, and the frame wanted."""
        return self._moment.branch, self.index

    @property
    def moment(self) -> Moment:
        """What is looked at, as if the session were there."""
        return replace(self._moment, index=self.index, frame=self.frame)

    def _order(self) -> None:
        self._asked = self.index
        self._ask(self.index)
