"""The real clips that a world is held against."""

from typing import NamedTuple

import numpy as np

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError

CONTEXT, PREDICTED = 4, 10
SPAN = CONTEXT + PREDICTED


class RealClips(NamedTuple):
    """Windows of real clips: frames uint8 [C, 14, H, W, 3], actions int [C, 13], captions, one a window.

    numbers int [C]: which clips of the dataset's split they are of.
    """

    frames: np.ndarray
    actions: np.ndarray
    captions: list[str]
    numbers: np.ndarray


def real_clips(store: FrameStore, count: int, seed: int = 0) -> RealClips:
    """Windows of `count` different clips of a store, or of all there are, chosen by the seed.

    Raises ClipError where no clip is long enough, or actions are not known.
    """
    rng = np.random.default_rng(seed)
    long_enough = np.flatnonzero(np.diff(store.starts) >= SPAN)
    if not len(long_enough):
        raise ClipError(f"no clip of the test split has {SPAN} frames: record longer ones")
    clips = np.sort(rng.permutation(long_enough)[:count])
    first = np.array([rng.integers(store.starts[c], store.starts[c + 1] - SPAN + 1) for c in clips])
    rows = first[:, None] + np.arange(SPAN)
    actions = store.actions[rows[:, :-1]].astype(int)
    if (actions < 0).any():
        raise ClipError("some clips of the test split have no actions: a world is scored on clips that do")
    captions = [store.captions[store.caption_of[row]] for row in first + CONTEXT - 1]
    return RealClips(store.frames[rows], actions, captions, clips)


def real_play(store: FrameStore, clips: int, looks: int, seed: int = 4) -> np.ndarray:
    """Frames spread evenly over so many whole clips (or all), by the seed: uint8 [clips, looks, H, W, 3]."""
    chosen = np.random.default_rng(seed).permutation(len(store.starts) - 1)[:clips]
    lengths = np.diff(store.starts)[chosen]
    shares = np.linspace(0, 1, looks)
    rows = store.starts[chosen, None] + np.rint(shares * (lengths[:, None] - 1)).astype(int)
    return store.frames[rows]
