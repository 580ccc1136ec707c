"""Floor plans: one to three rooms of varying shape, and the walls that they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HEIGHT = 2.74
_DOOR_HEIGHT = 2.3
_THICKNESS = 0.3  # of the wall between two rooms


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A gap in the edge `edge` of a room, from `start` to `end` metres along it and up to `height`."""

    edge: int
    start: float
    end: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Room:
    """A convex room: its corners (x, z), counter-clockwise seen from above (as the simulator wants them).

    A doorway is a small room through a thick wall, lower than the others.
    """

    corners: tuple[tuple[float, float], ...]
    openings: tuple[Opening, ...] = ()
    height: float = HEIGHT

    @property
    def is_doorway(self) -> bool:
        return self.height < HEIGHT


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A floor plan; `shape` names it, and its doorways are among the `rooms`."""

    shape: str
    rooms: tuple[Room, ...]

    def walls(self) -> np.ndarray:
        """Every stretch of wall that stops a walker: float [n, 2, 2], two ends (x, z) each."""
        return np.array([wall for room in self.rooms for wall in _walls_of(room)])


class Rect:
    """A rectangular room in the making: x from x0 to x1, z from z0 to z1."""

    _SIDES = ("east", "north", "west", "south")

    def __init__(self, x0: float, x1: float, z0: float, z1: float) -> None:
        self.x0, self.x1, self.z0, self.z1 = x0, x1, z0, z1
        self._openings: list[Opening] = []

    def open(self, side: str, low: float, high: float, height: float) -> None:
        """Open a side between two coordinates (z on the east and west, x on the north and south)."""
        start, end = {
            "east": (self.z1 - high, self.z1 - low),
            "north": (self.x1 - high, self.x1 - low),
            "west": (low - self.z0, high - self.z0),
            "south": (low - self.x0, high - self.x0),
        }[side]
        opening = Opening(edge=self._SIDES.index(side), start=start, end=end, height=height)
        self._openings.append(opening)

    def room(self, height: float = HEIGHT) -> Room:
        corners = ((self.x1, self.z1), (self.x1, self.z0), (self.x0, self.z0), (self.x0, self.z1))
        openings = tuple(sorted(self._openings, key=lambda opening: opening.start))
        return Room(corners=corners, openings=openings, height=height)


def draw_layout(rng: np.random.Generator) -> Layout:
    """A floor plan by chance."""
    shapes = (_room, _hall, _octagon, _angle, _two, _three)
    return shapes[int(rng.choice(len(shapes), p=(0.25, 0.1, 0.15, 0.15, 0.25, 0.1)))](rng)


def _room(rng: np.random.Generator) -> Layout:
    width, depth = rng.uniform(5, 9, 2)
    return Layout(shape="room", rooms=(Rect(0, width, 0, depth).room(),))


def _hall(rng: np.random.Generator) -> Layout:
    return Layout(shape="hall", rooms=(Rect(0, rng.uniform(11, 15), 0, rng.uniform(3.2, 4.2)).room(),))


def _octagon(rng: np.random.Generator) -> Layout:
    size = rng.uniform(6.5, 9.5)
    cut = size * 0.29
    far = size - cut
    corners = ((size, far), (size, cut), (far, 0), (cut, 0), (0, cut), (0, far), (cut, size), (far, size))
    return Layout(shape="octagon", rooms=(Room(corners=tuple((float(x), float(z)) for x, z in corners)),))


def _angle(rng: np.random.Generator) -> Layout:
    """Two halls that meet at a right angle."""
    width, length, reach = rng.uniform(3.5, 4.5), rng.uniform(7, 10), rng.uniform(4, 6.5)
    long, short = Rect(0, length, 0, width), Rect(0, width, width, width + reach)
    long.open("south", 0, width, HEIGHT)
    short.open("north", 0, width, HEIGHT)
    return Layout(shape="angle", rooms=(long.room(), short.room()))


def _two(rng: np.random.Generator) -> Layout:
    first, second = _beside(Rect(0, rng.uniform(5, 7), 0, rng.uniform(5, 7)), rng)
    return Layout(shape="two", rooms=tuple(_joined(first, second, "east", rng)))


def _three(rng: np.random.Generator) -> Layout:
    first, second = _beside(Rect(0, rng.uniform(5, 6), 0, rng.uniform(5, 6)), rng)
    below = first.z1 + _THICKNESS
    third = Rect(first.x0, first.x1, below, below + rng.uniform(4.5, 6))
    passage = _joined(first, second, "east", rng)[2:]
    rest = _joined(first, third, "south", rng)
    return Layout(shape="three", rooms=(rest[0], second.room(), *rest[1:], *passage))


def _beside(first: Rect, rng: np.random.Generator) -> tuple[Rect, Rect]:
    left = first.x1 + _THICKNESS
    return first, Rect(left, left + rng.uniform(4.5, 7), first.z0, first.z1)


def _joined(a: Rect, b: Rect, side: str, rng: np.random.Generator) -> list[Room]:
    """Both rooms and the doorway through the wall between them; b lies at `side` of a."""
    width = rng.uniform(1.6, 2.4)
    first, last = (a.z0, a.z1) if side == "east" else (a.x0, a.x1)
    low = rng.uniform(first + 0.8, last - 0.8 - width)
    high = low + width
    a.open(side, low, high, _DOOR_HEIGHT)
    b.open("west" if side == "east" else "north", low, high, _DOOR_HEIGHT)
    door = Rect(a.x1, b.x0, low, high) if side == "east" else Rect(low, high, a.z1, b.z0)
    for end in ("east", "west") if side == "east" else ("north", "south"):
        door.open(end, low, high, _DOOR_HEIGHT)
    return [a.room(), b.room(), door.room(_DOOR_HEIGHT)]


def _walls_of(room: Room) -> list[tuple[np.ndarray, np.ndarray]]:
    walls = []
    corners = np.array(room.corners)
    for edge, corner in enumerate(corners):
        along = corners[(edge + 1) % len(corners)] - corner
        length = float(np.linalg.norm(along))
        at = 0.0
        for opening in (o for o in room.openings if o.edge == edge):
            if opening.start > at + 1e-6:
                walls.append((corner + along * at / length, corner + along * opening.start / length))
            at = opening.end
        if at < length - 1e-6:
            walls.append((corner + along * at / length, corner + along))
    return walls
