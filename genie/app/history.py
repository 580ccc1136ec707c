"""The last frames of a session, kept for instant rewinding and for export."""

import threading
from collections import deque

import numpy as np

DEFAULT_BYTES = 48 * 2**20
"""About four and a half minutes of a 64 x 64 world at 15 frames a second."""


class FrameHistory:
    """The newest frames by frame number, oldest dropped first to stay within `most_bytes`.

    Frames are uint8 [height, width, 3] and must not be changed afterwards. One thread adds while others read.
    """

    def __init__(self, most_bytes: int = DEFAULT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._frames: deque[np.ndarray] = deque()
        self._oldest = 0
        self._lock = threading.Lock()

    @property
    def oldest(self) -> int:
        """The frame number of the oldest frame kept."""
        return self._oldest

    def begin(self, index: int, frame: np.ndarray) -> None:
        """Forget everything and start with `frame` as number `index`."""
        with self._lock:
            self._frames = deque([frame])
            self._oldest = index

    def add(self, frame: np.ndarray) -> None:
        """Append the frame after the newest."""
        with self._lock:
            self._frames.append(frame)
            while len(self._frames) > max(2, self._most_bytes // frame.nbytes):
                self._frames.popleft()
                self._oldest += 1

    def rewind(self, index: int, frame: np.ndarray) -> None:
        """Drop what came after frame `index`, which shows `frame`."""
        if index < self._oldest:
            self.begin(index, frame)
            return
        with self._lock:
            while len(self._frames) > index - self._oldest + 1:
                self._frames.pop()

    def frame(self, index: int) -> np.ndarray | None:
        """Return frame `index`, or None when it is no longer (or not yet) here."""
        with self._lock:
            place = index - self._oldest
            return self._frames[place] if 0 <= place < len(self._frames) else None

    def since(self, index: int) -> list[np.ndarray]:
        """Return the frames from `index`, or from the oldest kept, to the newest."""
        with self._lock:
            return list(self._frames)[max(0, index - self._oldest) :]
