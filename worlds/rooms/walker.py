"""Walking in first person: what each action does to a pose."""

from __future__ import annotations

import math

import numpy as np

from .lines import nearest_points
from .names import KINDS
from .scene import WALKER_RADIUS, Pose, Scene

TURN = math.radians(7.5)  # a frame: 48 frames go all the way round
FORWARD, BACK = 0.2, 0.14  # metres a frame
MOVES: dict[str, tuple[float, float]] = {  # metres forward, radians to the left
    "noop": (0.0, 0.0),
    "forward": (FORWARD, 0.0),
    "back": (-BACK, 0.0),
    "left": (0.0, TURN),
    "right": (0.0, -TURN),
    "forward+left": (FORWARD, TURN),
    "forward+right": (FORWARD, -TURN),
}
ACTIONS = tuple(MOVES)
_RADIUS = {kind.name: kind.radius for kind in KINDS}
_PUSHES = 4


class Walker:
    """Somebody in a scene; whoever runs into a wall or an object slides along it."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.pose = scene, scene.start
        self.walls, self.things = scene.layout.walls(), scene.places
        self._places = np.array(scene.places)
        self._reach = np.array([_RADIUS[kind] + WALKER_RADIUS for kind, _ in scene.look.objects])

    def step(self, action: str) -> Pose:
        """Turn, then go; returns the new pose."""
        metres, radians = MOVES[action]
        x, z, angle = self.pose
        angle += radians
        if metres:
            x, z = self._slid(x + metres * math.cos(angle), z - metres * math.sin(angle))
        self.pose = Pose(x, z, angle)
        return self.pose

    def _slid(self, x: float, z: float) -> tuple[float, float]:
        """The place nearest to (x, z) that is free; where there is none, the place stays what it was."""
        for _ in range(_PUSHES):
            met = np.concatenate((nearest_points(self.walls, (x, z)), self._places))
            reach = np.concatenate((np.full(len(self.walls), WALKER_RADIUS), self._reach))
            away = np.array((x, z)) - met
            distance = np.linalg.norm(away, axis=1)
            deepest = int(np.argmin(distance - reach))
            if distance[deepest] >= reach[deepest] - 1e-9:
                return x, z
            if distance[deepest] < 1e-9:
                break
            x, z = (met[deepest] + away[deepest] * (reach[deepest] / distance[deepest])).tolist()
        return self.pose.x, self.pose.z
