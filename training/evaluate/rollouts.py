"""What a world predicts: short futures of real clips, and long play on its own."""

import numpy as np

from genie.runtime.world import World
from training.evaluate.real_clips import CONTEXT, RealClips


def predict(world: World, clips: RealClips, actions: np.ndarray) -> np.ndarray:
    """The world's futures uint8 [C, 10, H, W, 3] of clips, after their first 4 frames, under actions [C, 13].

    The first 4 frames and 3 actions are the clip's own; then the world sees nothing but itself.
    """
    futures = []
    for number, (frames, taken, caption) in enumerate(
        zip(clips.frames, actions, clips.captions, strict=True)
    ):
        session = world.start(prompt=caption, image=frames[0], seed=number, expand=False)
        for t in range(CONTEXT - 1):
            session.step(int(clips.actions[number, t]), frame=frames[t + 1])
        futures.append([session.step(int(action)) for action in taken[CONTEXT - 1 :]])
    return np.array(futures)


def wander(actions: int, frames: int, rng: np.random.Generator) -> np.ndarray:
    """A player's keys for a long session: each held for a third of a second or so, all as likely."""
    held, keys = 0, []
    for _ in range(frames):
        if rng.random() < 0.2:
            held = int(rng.integers(actions))
        keys.append(held)
    return np.array(keys)
