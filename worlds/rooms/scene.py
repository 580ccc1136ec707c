"""A level: its floor plan, what stands where, and where the walker begins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .layout import Layout, Room, draw_layout
from .lines import clear, distance_to_walls
from .look import Combinations, Look, draw_look
from .names import KINDS

WALKER_RADIUS = 0.35
_RADIUS = {kind.name: kind.radius for kind in KINDS}
_FROM_WALLS, _APART = 0.25, 1.0  # metres of free floor around an object
_IN_FRONT = (2.2, 6.0)  # metres from where the walker begins to the first object
_OFF_CENTRE, _OFF_BROADSIDE = 0.42, 0.6  # radians
_TRIES = 200


class Pose(NamedTuple):
    """A place (metres) and a direction (radians, counter-clockwise seen from above, 0 along x)."""

    x: float
    z: float
    angle: float


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One level. places (x, z) and turns (radians) belong to the look's objects, in order."""

    layout: Layout
    look: Look
    places: tuple[tuple[float, float], ...]
    turns: tuple[float, ...]
    start: Pose


def scene_of(level: int, combinations: Combinations) -> Scene:
    """The level with this number: a pure function of its arguments."""
    rng = np.random.default_rng([level, 4])
    look = draw_look(rng, int(rng.choice((1, 2, 3), p=(0.35, 0.4, 0.25))), combinations)
    while True:
        layout = draw_layout(rng)
        if (scene := _furnished(layout, look, rng)) is not None:
            return scene


def direction(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The angle (radians) in which b lies from a."""
    return math.atan2(a[1] - b[1], b[0] - a[0])


def _furnished(layout: Layout, look: Look, rng: np.random.Generator) -> Scene | None:
    """The floor plan with its objects; None where they do not fit."""
    walls = layout.walls()
    rooms = [room for room in layout.rooms if not room.is_doorway]
    start = _point_in(rooms[int(rng.integers(len(rooms)))], rng)
    if distance_to_walls(walls, start) < 2 * WALKER_RADIUS:
        return None
    places: list[tuple[float, float]] = []
    for kind, _ in look.objects:
        for _ in range(_TRIES):
            place = _point_in(rooms[int(rng.integers(len(rooms)))], rng)
            if _fits(place, _RADIUS[kind], places, start, walls):
                places.append(place)
                break
        else:
            return None
    # the first object is in the first picture, though not always in its middle
    angle = direction(start, places[0]) + rng.uniform(-_OFF_CENTRE, _OFF_CENTRE)
    # edge on, a key is but a stick: from the start it shows its broad side, more or less
    turns = [direction(start, place) + rng.uniform(-_OFF_BROADSIDE, _OFF_BROADSIDE) for place in places]
    turned = tuple(map(float, turns))
    return Scene(layout=layout, look=look, places=tuple(places), turns=turned, start=Pose(*start, angle))


def _fits(
    place: tuple[float, float],
    radius: float,
    others: list[tuple[float, float]],
    start: tuple[float, float],
    walls: np.ndarray,
) -> bool:
    away = math.dist(place, start)
    if not others and not _IN_FRONT[0] < away < _IN_FRONT[1]:
        return False
    if away < radius + WALKER_RADIUS + _APART / 2:
        return False
    if any(math.dist(place, other) < radius + _APART for other in others):
        return False
    if distance_to_walls(walls, place) < radius + _FROM_WALLS:
        return False
    return bool(others) or bool(clear(walls, start, np.array([place]))[0])


def _point_in(room: Room, rng: np.random.Generator) -> tuple[float, float]:
    corners = np.array(room.corners)
    along = np.roll(corners, -1, 0) - corners
    while True:
        point = rng.uniform(corners.min(0), corners.max(0))
        offset = point - corners
        if (along[:, 0] * offset[:, 1] - along[:, 1] * offset[:, 0] <= 0).all():
            return float(point[0]), float(point[1])
