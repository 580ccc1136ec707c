"""Going back in time while a key is held."""

from dataclasses import replace

import numpy as np

from genie.app.history import FrameHistory
from genie.app.player import Moment

SPEEDS = ((0.0, 1), (1.0, 2), (3.0, 4))
"""Frames a tick, by the seconds the key has been held."""


class Rewind:
    """Where a rewind stands: it shows remembered frames; the session follows once the key is let go.

    So going back is as fast as drawing, however costly the session's own rewinding is.
    """

    def __init__(self, history: FrameHistory, moment: Moment, fps: float) -> None:
        self._history = history
        self._fps = fps
        self._ticks = 0
        self.index = moment.index
        """The frame shown."""
        self.frame: np.ndarray = moment.frame

    def next(self) -> int | None:
        """Go back one tick; return None, or the frame number that only the session itself can go back to."""
        held = self._ticks / self._fps
        self._ticks += 1
        speed = [speed for since, speed in SPEEDS if held >= since][-1]
        target = max(0, self.index - speed)
        if target == self.index:
            return None
        frame = self._history.frame(target)
        if frame is None:
            return target
        self.index, self.frame = target, frame
        return None

    def arrive(self, moment: Moment) -> None:
        """Show the frame that the session went back to."""
        self.index, self.frame = moment.index, moment.frame

    def as_moment(self, moment: Moment) -> Moment:
        """Return `moment` moved to the frame shown."""
        return replace(moment, index=self.index, frame=self.frame)
