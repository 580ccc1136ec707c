"""What a world predicts: short futures of real clips, and long play on its own."""

from typing import NamedTuple

import numpy as np

from genie.runtime.world import World
from training.evaluate.crew import Crew
from training.evaluate.real_clips import CONTEXT, RealClips


class Rollouts(NamedTuple):
    """context uint8 [C, 4, H, W, 3], the real frames as the world renders them; futures [C, 10, H, W, 3]."""

    context: np.ndarray
    futures: np.ndarray


def predict(world: World, clips: RealClips, actions: np.ndarray, crew: Crew, title: str) -> Rollouts:
    """The world's futures of clips, after their first 4 frames, under actions [C, 13].

    The first 4 frames and 3 actions are the clip's own; then the world sees nothing but itself.
    """

    def one(number: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        frames, taken = clips.frames[number], clips.actions[number]
        session = world.start(prompt=clips.captions[number], image=frames[0], seed=number, expand=False)
        context = [session.frame]
        context += [session.step(int(taken[t]), frame=frames[t + 1]) for t in range(CONTEXT - 1)]
        return context, [session.step(int(action)) for action in actions[number, CONTEXT - 1 :]]

    contexts, futures = zip(*crew.each(one, len(clips.frames), title), strict=True)
    return Rollouts(np.array(contexts), np.array(futures))


def session_keys(actions: int, frames: int, number: int) -> np.ndarray:
    """The keys [frames] of the long session with this number, in the world as in the true game."""
    return wander(actions, frames, np.random.default_rng([3, number]))


def wander(actions: int, frames: int, rng: np.random.Generator) -> np.ndarray:
    """A player's keys for a long session: each held for a third of a second or so, all as likely."""
    held, keys = 0, []
    for _ in range(frames):
        if rng.random() < 0.2:
            held = int(rng.integers(actions))
        keys.append(held)
    return np.array(keys)
