"""The real clips that a world is held against."""

from typing import Any, NamedTuple

import numpy as np

from genie.clips.changes import attributes_at
from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from training.windows import steady_starts

CONTEXT, PREDICTED = 4, 10
SPAN = CONTEXT + PREDICTED


class RealClips(NamedTuple):
    """Windows of real clips: frames uint8 [C, 14, H, W, 3], actions int [C, 13], captions, one a window.

    attributes: what is so throughout each window. None goes over a change of look.
    """

    frames: np.ndarray
    actions: np.ndarray
    captions: list[str]
    attributes: list[dict[str, Any]]


def real_clips(store: FrameStore, count: int, seed: int = 0) -> RealClips:
    """Windows of `count` different clips of a store, or of all there are, chosen by the seed.

    Raises ClipError where no clip is long enough, or actions are not known.
    """
    rng = np.random.default_rng(seed)
    starts = _starts(store)
    long_enough = np.flatnonzero([len(some) for some in starts])
    if not len(long_enough):
        raise ClipError(f"no clip of the test split has {SPAN} frames: record longer ones")
    clips = np.sort(rng.permutation(long_enough)[:count])
    first = np.array([starts[c][rng.integers(len(starts[c]))] for c in clips])
    rows = first[:, None] + np.arange(SPAN)
    actions = store.actions[rows[:, :-1]].astype(int)
    if (actions < 0).any():
        raise ClipError("some clips of the test split have no actions: a world is scored on clips that do")
    captions = [store.captions[store.caption_of[row]] for row in first + CONTEXT - 1]
    attributes = [
        attributes_at(store.attributes[c], int(row - store.starts[c]))
        for c, row in zip(clips, first, strict=True)
    ]
    return RealClips(store.frames[rows], actions, captions, attributes)


def usable(store: FrameStore) -> int:
    """How many clips of a store there are such windows of."""
    return sum(len(own) > 0 for own in _starts(store))


def _starts(store: FrameStore) -> list[np.ndarray]:
    """Of each clip, the rows that a window may begin at."""
    changed = store.changed()
    spans = zip(store.starts[:-1], store.starts[1:], strict=True)
    return [steady_starts(np.arange(a, b - SPAN + 1), SPAN, changed) for a, b in spans]
