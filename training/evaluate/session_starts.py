"""Where long sessions begin, and the real clips that they are held against."""

import hashlib
from itertools import islice
from typing import NamedTuple

import numpy as np

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError

PLAY_SEED = 4


class PlayClips(NamedTuple):
    """Numbers of a store's clips, no clip in both: reference int [R], those that distances are measured
    from; others int [O], those that sessions begin in, one after another, and that play is held against.
    """

    reference: np.ndarray
    others: np.ndarray


class SessionStarts(NamedTuple):
    """Where S sessions begin: rows int [S] of the store; frames uint8 [S, H, W, 3]; captions, one each."""

    rows: np.ndarray
    frames: np.ndarray
    captions: list[str]

    def digest(self, sessions: int) -> str:
        """Of where the first so many begin: two reports' sessions can be compared one by one where it is
        the same."""
        return hashlib.sha256(self.rows[:sessions].astype("<i8").tobytes()).hexdigest()[:16]


def play_clips(store: FrameStore, count: int, sessions: int) -> PlayClips:
    """Draw so many clips (or all), a half for reference; of the others as many as sessions can use.

    Raises ClipError for fewer than two clips.
    """
    order = np.random.default_rng(PLAY_SEED).permutation(len(store.starts) - 1)
    if len(order) < 2:
        raise ClipError(
            "long play is held against real clips, and the test split has fewer than two: add some"
        )
    half = min(count, len(order)) // 2
    return PlayClips(order[:half], order[half : half + max(count - half, sessions)])


def session_starts(store: FrameStore, clips: np.ndarray, count: int) -> SessionStarts:
    """Frames to begin so many sessions in, each drawn from a clip, the clips in turn, and no frame twice.

    Raises ClipError where they have fewer frames.
    """
    frames = [
        int(store.starts[clip])
        + np.random.default_rng([PLAY_SEED, int(clip)]).permutation(
            store.starts[clip + 1] - store.starts[clip]
        )
        for clip in clips
    ]
    turns = (own[turn] for turn in range(max(map(len, frames))) for own in frames if turn < len(own))
    rows = np.array(list(islice(turns, count)), int)
    if len(rows) < count:
        raise ClipError(f"{count} sessions cannot begin in {len(rows)} frames: record more test clips")
    captions = [store.captions[store.caption_of[row]] for row in rows]
    return SessionStarts(rows, store.frames[rows], captions)


def looks_over(store: FrameStore, clips: np.ndarray, looks: int) -> np.ndarray:
    """Frames spread evenly over whole clips: uint8 [clips, looks, H, W, 3]."""
    lengths = np.diff(store.starts)[clips]
    shares = np.linspace(0, 1, looks)
    rows = store.starts[clips, None] + np.rint(shares * (lengths[:, None] - 1)).astype(int)
    return store.frames[rows]
