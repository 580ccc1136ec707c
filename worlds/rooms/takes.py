"""One walk through a scene, not yet drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lines import free_ahead
from .players import play
from .scene import Pose, Scene
from .sight import Place, places_of
from .walker import Walker


@dataclass(frozen=True, kw_only=True)
class Take:
    """What happened frame by frame; actions[t] leads from frame t to frame t + 1.

    places: where every object is seen at every frame; free_ahead: metres to the wall ahead.
    """

    scene: Scene
    player: str
    poses: tuple[Pose, ...]
    actions: tuple[str, ...]
    places: tuple[tuple[Place, ...], ...]
    free_ahead: tuple[float, ...]


def walk(scene: Scene, player: str, frames: int, rng: np.random.Generator) -> Take:
    """Let a player walk from the scene's start for so many frames."""
    walker = Walker(scene)
    moves = play(player, walker, rng)
    poses, actions = [walker.pose], []
    while len(poses) < frames:
        actions.append(next(moves))
        poses.append(walker.step(actions[-1]))
    return Take(
        scene=scene,
        player=player,
        poses=tuple(poses),
        actions=tuple(actions),
        places=tuple(places_of(scene, walker.walls, pose) for pose in poses),
        free_ahead=tuple(free_ahead(walker.walls, *pose) for pose in poses),
    )
