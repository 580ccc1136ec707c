"""How a scene looks, by name; and which combinations are held out of training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .names import COLOURS, FLOORS, KINDS, TOPS, WALLS

WALL_NAMES = tuple(wall.name for wall in WALLS)
FLOOR_NAMES = tuple(floor.name for floor in FLOORS)
TOP_NAMES = tuple(top.name for top in TOPS)
KIND_NAMES = tuple(kind.name for kind in KINDS)
COLOUR_NAMES = tuple(COLOURS)
_HIDES = {surface.name: surface.hides for surface in (*WALLS, *FLOORS)}
Combinations = Literal["seen", "held out", "all"]


@dataclass(frozen=True, kw_only=True)
class Look:
    """The names of walls, floor and top (a ceiling or a sky), and of each object's kind and colour."""

    walls: str
    floor: str
    top: str
    objects: tuple[tuple[str, str], ...]


def wall_and_floor_held_out(walls: str, floor: str) -> bool:
    """Whether these walls and this floor never meet in training: each walls lack one floor."""
    return FLOOR_NAMES.index(floor) == (3 * WALL_NAMES.index(walls) + 1) % len(FLOORS)


def object_held_out(kind: str, colour: str) -> bool:
    """Whether objects of this kind never have this colour in training: one colour a kind, none for two."""
    return COLOUR_NAMES.index(colour) == (2 * KIND_NAMES.index(kind) + 1) % len(COLOURS)


def is_legible(look: Look) -> bool:
    """Whether every object can be told from the walls and the floor."""
    hidden = {*_HIDES[look.walls], *_HIDES[look.floor]}
    return hidden.isdisjoint(colour for _, colour in look.objects)


def is_seen(look: Look) -> bool:
    """Whether nothing in this look is held out of training."""
    return not wall_and_floor_held_out(look.walls, look.floor) and not any(
        object_held_out(kind, colour) for kind, colour in look.objects
    )


def draw_look(rng: np.random.Generator, objects: int, combinations: Combinations) -> Look:
    """A legible look with so many objects, no two of the same kind and colour.

    seen: nothing held out; held out: walls and floor are a held-out pair, and so are the first object's kind
    and colour; all: anything.
    """
    while True:
        walls, floor, top = (_one(names, rng) for names in (WALL_NAMES, FLOOR_NAMES, TOP_NAMES))
        things = tuple((_one(KIND_NAMES, rng), _one(COLOUR_NAMES, rng)) for _ in range(objects))
        look = Look(walls=walls, floor=floor, top=top, objects=things)
        if is_legible(look) and len(set(things)) == objects and _fits(look, combinations):
            return look


def _fits(look: Look, combinations: Combinations) -> bool:
    if combinations == "held out":
        first, *others = (object_held_out(*thing) for thing in look.objects)
        return first and not any(others) and wall_and_floor_held_out(look.walls, look.floor)
    return combinations == "all" or is_seen(look)


def _one(names: tuple[str, ...], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]
