"""What a world predicts: short futures of real clips, and long play on its own."""

from typing import NamedTuple

import numpy as np

from genie.clips.frame_store import FrameStore
from genie.runtime.world import World

CONTEXT, PREDICTED = 4, 10
SPAN = CONTEXT + PREDICTED


class TestClips(NamedTuple):
    """Windows of real clips: frames uint8 [C, 14, H, W, 3], actions int [C, 13], captions, one a window."""

    __test__ = False

    frames: np.ndarray
    actions: np.ndarray
    captions: list[str]


def test_clips(store: FrameStore, count: int, seed: int = 0) -> TestClips:
    """Windows of `count` different clips of a store, chosen by the seed."""
    rng = np.random.default_rng(seed)
    long_enough = np.flatnonzero(np.diff(store.starts) >= SPAN)
    clips = np.sort(rng.permutation(long_enough)[:count])
    first = np.array([rng.integers(store.starts[c], store.starts[c + 1] - SPAN + 1) for c in clips])
    rows = first[:, None] + np.arange(SPAN)
    captions = [store.captions[store.caption_of[row]] for row in first + CONTEXT - 1]
    return TestClips(store.frames[rows], store.actions[rows[:, :-1]].astype(int), captions)


def predict(world: World, clips: TestClips, actions: np.ndarray, progress: object = None) -> np.ndarray:
    """The world's futures uint8 [C, 10, H, W, 3] of clips, after their first 4 frames, under actions [C, 13].

    The first 4 frames and 3 actions are the clip's own; then the world sees nothing but itself.
    """
    futures = []
    for number, (frames, taken, caption) in enumerate(zip(clips.frames, actions, clips.captions, strict=True)):
        session = world.start(prompt=caption, image=frames[0], seed=number)
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


def psnr(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """PSNR in dB of each frame: uint8 [..., H, W, 3] twice -> float [...]; equal frames count as 60 dB."""
    error = ((predicted.astype(np.float32) - truth) ** 2).mean(axis=(-3, -2, -1))
    return 10 * np.log10(255**2 / np.maximum(error, 255**2 / 1e6))
