"""What the walker sees of the objects, worked out from the plan of the scene."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from .lines import clear
from .names import KINDS
from .scene import Pose, Scene, direction

FIELD_OF_VIEW = 72.0  # degrees, across and upright alike
EYE = 1.3  # metres
SIDE = 64  # pixels
Place = Literal["ahead", "left", "right", "hidden", "behind"]
SEEN = frozenset(("ahead", "left", "right"))
_KINDS = {kind.name: kind for kind in KINDS}
_PIXELS = SIDE / 2 / math.tan(math.radians(FIELD_OF_VIEW / 2))  # of a thing one metre wide one metre away
_LEAST_PIXELS = 4.0  # across: what is smaller is not seen
_AHEAD, _BEHIND = 11.0, 110.0  # degrees
_ACROSS = np.linspace(-0.9, 0.9, 7)  # where over its width an object is looked at
_ENOUGH = 4  # of those


def places_of(scene: Scene, walls: np.ndarray, pose: Pose) -> tuple[Place, ...]:
    """Where each object is: seen ahead, seen on the left or right, not seen ("hidden"), or well behind.

    Seen means that most of its width is in the picture and not behind walls or other objects.
    """
    eye = (pose.x, pose.z)
    views = [
        _View(kind, eye, place) for (kind, _), place in zip(scene.look.objects, scene.places, strict=True)
    ]
    return tuple(_place_of(view, views, walls, pose) for view in views)


class _View:
    """One object from one point: bearing and half its width in radians, distance, the slope up to its top."""

    def __init__(self, kind: str, eye: tuple[float, float], place: tuple[float, float]) -> None:
        self.eye, self.place = eye, place
        self.away = max(math.dist(eye, place), 0.01)
        self.bearing = direction(eye, place)
        self.half = math.asin(min(0.99, _KINDS[kind].radius / self.away))
        self.slope = (_KINDS[kind].height - EYE) / self.away
        self.pixels = 2 * _KINDS[kind].radius * _PIXELS / self.away


def _place_of(view: _View, views: list[_View], walls: np.ndarray, pose: Pose) -> Place:
    turn = math.degrees(_wrapped(view.bearing - pose.angle))
    if _seen(view, views, walls, pose):
        return "ahead" if abs(turn) < _AHEAD else ("left" if turn > 0 else "right")
    return "behind" if abs(turn) > _BEHIND else "hidden"


def _seen(view: _View, views: list[_View], walls: np.ndarray, pose: Pose) -> bool:
    if view.pixels < _LEAST_PIXELS:
        return False
    bearings = view.bearing + _ACROSS * view.half
    shown = np.abs(_wrapped(bearings - pose.angle)) < math.radians(FIELD_OF_VIEW / 2)
    if shown.sum() < _ENOUGH:
        return False
    ends = np.array(view.eye) + view.away * np.stack((np.cos(bearings), -np.sin(bearings)), 1)
    shown &= clear(walls, view.eye, ends)
    for other in views:
        if other is not view and other.away < view.away and other.slope >= view.slope:
            shown &= np.abs(_wrapped(bearings - other.bearing)) > other.half
    return bool(shown.sum() >= _ENOUGH)


def _wrapped(angle: np.ndarray | float) -> np.ndarray | float:
    """The same angle in -pi..pi."""
    return (angle + math.pi) % (2 * math.pi) - math.pi
