"""Copies of a session's state, the sparser the older, from which any past frame can be reached."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from genie.runtime.stepper import State

EVERY = 8
"""Frames between two keyframes as they are made."""
MOST_BYTES = 64 * 2**20
MOST_KEYFRAMES = 64


@dataclass(frozen=True, eq=False, kw_only=True)
class Keyframe:
    """The state at frame `index`; immutable, so that sessions and marks may share it."""

    index: int
    state: State


class Keyframes:
    """The keyframes of one trajectory, within limits of memory and number.

    The first and the newest always stay. Where to thin is a matter of what going back would cost: replaying n
    steps to go back over n frames is fair, so a gap may be as wide as it is old.
    """

    def __init__(self, start: Keyframe, most_bytes: int = MOST_BYTES) -> None:
        self._kept = [start]
        self._most_bytes = most_bytes

    @property
    def indices(self) -> tuple[int, ...]:
        """The frame numbers at which there are keyframes."""
        return tuple(keyframe.index for keyframe in self._kept)

    @property
    def nbytes(self) -> int:
        """The memory that all of them take."""
        return sum(keyframe.state.nbytes for keyframe in self._kept)

    def add(self, keyframe: Keyframe) -> None:
        """Keep a keyframe, if there is none at its frame yet, and thin the older ones as need be."""
        place = bisect_right(self.indices, keyframe.index)
        if self._kept[place - 1].index == keyframe.index:
            return
        self._kept.insert(place, keyframe)
        while len(self._kept) > MOST_KEYFRAMES or (self.nbytes > self._most_bytes and len(self._kept) > 2):
            del self._kept[self._least_missed()]

    def nearest(self, index: int) -> Keyframe:
        """Return the last keyframe at or before frame `index`."""
        return self._kept[bisect_right(self.indices, index) - 1]

    def drop_after(self, index: int) -> None:
        """Forget the keyframes after frame `index`: that future is not going to happen."""
        del self._kept[max(1, bisect_right(self.indices, index)) :]

    def _least_missed(self) -> int:
        indices = self.indices
        now = indices[-1] + EVERY

        def loss(i: int) -> float:
            return (indices[i + 1] - indices[i - 1]) / (now - indices[i + 1])

        return min(range(1, len(indices) - 1), key=loss)
