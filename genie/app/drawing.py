"""A frame being painted on: brushes, filling, erasing and undoing, without a window."""

from collections.abc import Iterator

import numpy as np

MOST_UNDONE = 64
Spot = tuple[int, int]
"""(column, row) of a pixel."""


class Drawing:
    """A picture uint8 [height, width, 3] and what was done to it; all spots may lie outside of it."""

    def __init__(self, frame: np.ndarray) -> None:
        self.frame = frame.copy()
        self._before: list[np.ndarray] = []
        self._stroke: np.ndarray | None = None
        self._last: Spot | None = None

    @property
    def touched(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._before)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.frame.shape[1], self.frame.shape[0]

    def colour_at(self, spot: Spot) -> tuple[int, int, int]:
        """Return the colour of the pixel nearest to a spot."""
        width, height = self.size
        red, green, blue = self.frame[min(max(spot[1], 0), height - 1), min(max(spot[0], 0), width - 1)]
        return int(red), int(green), int(blue)

    def begin(self) -> None:
        """Begin a stroke: everything until `end` is undone at once."""
        self._before = [*self._before[1 - MOST_UNDONE :], self.frame.copy()]
        self._stroke = np.zeros(self.frame.shape[:2], bool)
        self._last = None

    def paint(self, spot: Spot, width: int, colour: tuple[int, int, int] | None) -> None:
        """Draw from the last spot of the stroke to this one; the colour None erases."""
        assert self._stroke is not None, "paint belongs between begin and end"
        for x, y in _line(self._last or spot, spot):
            self._stroke[_span(y, width), _span(x, width)] = True
        self._last = spot
        if colour is None:
            self.frame = filled_in(self._before[-1], self._stroke)
        else:
            self.frame = self.frame.copy()  # whoever shows the old one may go on showing it
            self.frame[self._stroke] = colour

    def end(self) -> None:
        """End the stroke."""
        if self._stroke is not None and not self._stroke.any():
            self._before.pop()
        self._stroke = self._last = None

    def fill(self, spot: Spot, colour: tuple[int, int, int]) -> None:
        """Give the area of one colour around a spot another one."""
        width, height = self.size
        if not (0 <= spot[0] < width and 0 <= spot[1] < height):
            return
        self._before = [*self._before[1 - MOST_UNDONE :], self.frame.copy()]
        area = _area(self.frame, spot)
        self.frame = self.frame.copy()
        self.frame[area] = colour

    def clear(self, colour: tuple[int, int, int]) -> None:
        """Give the whole picture one colour."""
        self._before = [*self._before[1 - MOST_UNDONE :], self.frame]
        self.frame = np.broadcast_to(np.array(colour, np.uint8), self.frame.shape).copy()

    def undo(self) -> None:
        """Take back the last stroke or filling, if there is one."""
        if self._before:
            self.frame = self._before.pop()
        self._stroke = self._last = None


def filled_in(frame: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Return a frame uint8 [H, W, 3] with a hole, bool [H, W], grown over from its edge.

    A pixel takes the mean of its neighbours that are known, ring by ring; a hole as large as the frame
    becomes the frame's mean colour.
    """
    if hole.all():
        return np.broadcast_to(frame.mean(axis=(0, 1)).astype(np.uint8), frame.shape).copy()
    known = ~hole
    values = np.where(known[..., None], frame.astype(np.float32), 0.0)
    while not known.all():
        total, count = _neighbours(values), _neighbours(known.astype(np.float32)[..., None])
        ring = ~known & (count[..., 0] > 0)
        values[ring] = total[ring] / count[ring]
        known |= ring
    return np.where(hole[..., None], np.rint(values).astype(np.uint8), frame)


def _neighbours(values: np.ndarray) -> np.ndarray:
    """Return the sum over the eight neighbours of each pixel, [H, W, C]; beyond the edge there is nothing."""
    height, width = values.shape[:2]
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)))
    around = [(dy, dx) for dy in range(3) for dx in range(3) if (dy, dx) != (1, 1)]
    total: np.ndarray = sum(padded[dy : dy + height, dx : dx + width] for dy, dx in around)  # type: ignore[assignment]
    return total


def _area(frame: np.ndarray, spot: Spot, tolerance: int = 24) -> np.ndarray:
    """Return bool [H, W]: the pixels that hang together with a spot and have nearly its colour."""
    alike = np.abs(frame.astype(np.int16) - frame[spot[1], spot[0]].astype(np.int16)).max(axis=2) <= tolerance
    found = np.zeros_like(alike)
    found[spot[1], spot[0]] = True
    while True:
        grown = found.copy()
        grown[1:] |= found[:-1]
        grown[:-1] |= found[1:]
        grown[:, 1:] |= found[:, :-1]
        grown[:, :-1] |= found[:, 1:]
        grown &= alike
        if (grown == found).all():
            return found
        found = grown


def _span(middle: int, width: int) -> slice:
    first = middle - (width - 1) // 2
    return slice(max(0, first), max(0, first + width))


def _line(start: Spot, end: Spot) -> Iterator[Spot]:
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for step in range(steps + 1):
        yield (
            round(start[0] + (end[0] - start[0]) * step / steps),
            round(start[1] + (end[1] - start[1]) * step / steps),
        )
