"""The frames that play may start from: still ones with much to see, of clips that nothing was trained on."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from genie.clips.changes import looks_of
from genie.clips.frame_store import FrameStore
from genie.clips.metadata import FILE_NAME
from training.detail import detail
from training.windows import VALIDATION_EVERY

STARTS = 192
FEWEST = 10  # clips to start from
SPLIT = "starts"  # clips that are there for nothing else
SPAN = (12, 32)  # frames, at least, that a start is the best of: fewer where clips are few
CALM = 0.1  # of a span's frames: those about which the least changes
AHEAD = 24  # frames in which a start shows whether there is a way on from it
EMPTY = 0.5  # of what starts usually show: less is next to nothing to see
ALIKE = 8.0  # grey levels between two starts that are as good as one


def start_clips(
    data: Path, trained: FrameStore, names: Sequence[str], cache: Path | None
) -> tuple[FrameStore, Sequence[int]]:
    """The clips that starts may be of, by number, and the store that they are in: those of the split "starts"
    where that has a folder, else the validation clips of `trained`.

    Of those of the split none begins with values of the attributes `names` that are together in no clip of
    `trained` (if there are any others): what is made of words that the world has never seen together is to be
    the world's own. Raises ClipError.
    """
    if not (data / SPLIT / FILE_NAME).is_file():
        return trained, validation_clips(trained)
    store = FrameStore.open(data, SPLIT, cache)
    known = {_values(look, names) for attributes in trained.attributes for look in looks_of(attributes)}
    seen = [n for n, look in enumerate(store.attributes) if _values(look, names) in known]
    return store, seen or range(len(store.attributes))


def validation_clips(store: FrameStore) -> Sequence[int]:
    """The clips that training is watched by, by number; all clips where those are too few to start from."""
    clips = len(store.starts) - 1
    watched = range(0, clips, VALIDATION_EVERY)
    return watched if len(watched) >= FEWEST else range(clips)


def _values(look: dict, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(look.get(name)) for name in names if not isinstance(look.get(name), list))


def start_frames(store: FrameStore, clips: Sequence[int]) -> tuple[np.ndarray, list[str]]:
    """Frames uint8 [S, H, W, 3] and the captions that hold at them, from spans of the clips.

    Of each span, among the frames about which least changes, of the half with more to see, the one that most
    happens after: nobody starts where there is no way on. Of all of these, the calmer half: nobody starts in
    mid-air; and none that is nearly empty. No two are alike.
    """
    changed = store.changed()
    kept_out = int(sum(store.starts[clip + 1] - store.starts[clip] for clip in clips))
    length = min(max(kept_out // STARTS, SPAN[0]), SPAN[1])
    best = [_best(store.frames, *span) for clip in clips for span in _spans(store, clip, length, changed)]
    usual = np.median([change for _, change in best])
    calm = [row for row, change in best if change <= usual]
    seen = detail(store.frames[calm])
    calm = [row for row, much in zip(calm, seen, strict=True) if much >= EMPTY * np.median(seen)]
    rows: list[int] = []
    for row in np.random.default_rng(0).permutation(calm):
        if all(_distance(store.frames[row], store.frames[other]) > ALIKE for other in rows):
            rows.append(int(row))
        if len(rows) == STARTS:
            break
    rows.sort()
    return np.ascontiguousarray(store.frames[rows]), [store.captions[store.caption_of[row]] for row in rows]


def _spans(store: FrameStore, clip: int, length: int, changed: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """A clip in equal spans, as long at least: the first frame of each, the one after it, the clip's end.

    After a change of look the words may speak of nothing but the change: what follows is left out.
    """
    first, last = int(store.starts[clip]), int(store.starts[clip + 1])
    last = min([last, *changed[(changed > first) & (changed < last)].tolist()])
    for start, end in pairwise(np.linspace(first, last, max(1, (last - first) // length) + 1).astype(int)):
        yield int(start), int(end), last


def _best(frames: np.ndarray, first: int, end: int, last: int) -> tuple[int, float]:
    """A span's best start, and how much changes about it."""
    shown = frames[first : min(end + AHEAD, last)]
    if len(shown) == 1:
        return first, 0.0
    change = np.array([_distance(a, b) for a, b in pairwise(shown)])
    about = np.maximum(change, np.concatenate((change[:1], change[:-1])))[: end - first]
    calm = np.flatnonzero(about <= np.quantile(about, CALM))
    seen = detail(shown[calm])
    rich = calm[seen >= np.median(seen)]
    usual = np.minimum(change, np.quantile(change, 0.9))  # a sudden change of look is no way on
    best = int(rich[np.argmax([usual[start + 1 : start + 1 + AHEAD].sum() for start in rich])])
    return first + best, float(about[best])


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float32) - b).mean())
