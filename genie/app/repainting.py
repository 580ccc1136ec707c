"""A world that is being repainted before play begins: seen as it goes on, and given up when asked to."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from genie.core.errors import GenieError

if TYPE_CHECKING:
    from genie.runtime.first_frames import Painting

APART = 0.05
"""Seconds between two looks: more would only take time from the work itself."""


class GivenUp(GenieError):
    """The player would not wait."""


class Repainting:
    """Hands looks from the thread that paints, which calls `show`, to the one that draws."""

    def __init__(self, notify: Callable[[], None], clock: Callable[[], float] = time.perf_counter) -> None:
        """`notify` is called from the other thread when there is something new to see."""
        self._notify, self._clock = notify, clock
        self._painting: Painting | None = None
        self._given_up = threading.Event()
        self._last = float("-inf")

    @property
    def shown(self) -> "Painting | None":
        """The latest look, or None while nothing is being repainted."""
        return self._painting

    def show(self, painting: "Painting") -> None:
        """Take a look; GivenUp ends the painting."""
        if self._given_up.is_set():
            raise GivenUp("Given up: all is as it was.")
        now = self._clock()
        if painting.step == 0 or now - self._last >= APART:
            self._painting, self._last = painting, now
            self._notify()

    def give_up(self) -> None:
        """Have the painting in hand end as soon as it is looked at."""
        self._given_up.set()

    def end(self) -> None:
        """Nothing is being repainted any more, or not yet."""
        self._painting = None
        self._given_up.clear()
