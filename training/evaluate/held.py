"""One start, and what a world makes of every action held from there."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from genie.runtime.world import World
from training.evaluate.real_clips import CONTEXT, RealClips

STEPS = 10


class Held(NamedTuple):
    """start uint8 [H, W, 3], as the world renders it; futures uint8 [A, 10, H, W, 3], by action."""

    start: np.ndarray
    futures: np.ndarray


def hold(
    world: World, clips: RealClips, clip: int, meaning: Callable[[np.ndarray, int], int] | None = None
) -> Held:
    """Hold each of the world's actions after the context of a real clip.

    meaning: for a world whose actions are not the clip's keys, which action a key stands for after frames
    uint8 [1, K, H, W, 3].
    """
    frames = clips.frames[clip]
    session = world.start(prompt=clips.captions[clip], image=frames[0], seed=clip)
    seen = [session.frame] * world.manifest.history
    for key, frame in zip(clips.actions[clip], frames[1:CONTEXT], strict=False):
        past = np.stack(seen[-world.manifest.history :])[None]
        seen.append(session.step(int(key) if meaning is None else meaning(past, int(key)), frame=frame))
    mark = session.snapshot()
    futures = []
    for action in range(len(world.actions)):
        session.restore(mark)
        futures.append([session.step(action) for _ in range(STEPS)])
    return Held(seen[-1], np.array(futures))
