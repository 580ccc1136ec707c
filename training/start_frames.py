"""The frames that play may start from: still ones with much to see, of clips that nothing was trained on."""

import numpy as np

from genie.clips.frame_store import FrameStore
from training.detail import detail
from training.windows import VALIDATION_EVERY

STARTS = 96
CALM = 0.25  # of a clip's frames: those after which the least changes


def start_frames(store: FrameStore) -> tuple[np.ndarray, list[str]]:
    """Frames uint8 [S, H, W, 3] and the captions that hold at them, one from each of some validation clips.

    Of each clip, among the frames after which least changes (nobody starts in mid-air), the one with the most
    to see.
    """
    clips = np.arange(0, len(store.starts) - 1, VALIDATION_EVERY)
    rng = np.random.default_rng(0)
    clips = np.sort(rng.choice(clips, min(STARTS, len(clips)), replace=False))
    rows = [int(store.starts[c]) + _best(store.frames[store.starts[c] : store.starts[c + 1]]) for c in clips]
    return np.ascontiguousarray(store.frames[rows]), [store.captions[store.caption_of[row]] for row in rows]


def _best(clip_THW3: np.ndarray) -> int:
    if len(clip_THW3) == 1:
        return 0
    change = np.array([_distance(a, b) for a, b in zip(clip_THW3[1:], clip_THW3[:-1], strict=True)])
    calm = np.flatnonzero(change <= np.quantile(change, CALM))
    return int(calm[np.argmax(detail(clip_THW3[calm]))])


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float32) - b).mean())
