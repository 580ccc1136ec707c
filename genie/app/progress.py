"""How far a long job on the command line is, shown to people and not to files."""

import time
from types import TracebackType
from typing import TextIO

EVERY = 0.1
"""Seconds between two updates."""


class Progress:
    """One line that is written over and gone in the end; nothing where `out` is no terminal."""

    def __init__(self, what: str, total: int, out: TextIO | None) -> None:
        self._what, self._total = what, max(1, total)
        self._out = out if out is not None and out.isatty() else None
        self._began = self._last = time.monotonic()

    def show(self, done: int) -> None:
        """Say how many of the total are done, and how long the rest will take."""
        now = time.monotonic()
        if self._out and now - self._last >= EVERY:
            self._last = now
            left = (now - self._began) / max(1, done) * (self._total - done)
            text = f"{self._what} {done}/{self._total} ({done / self._total:.0%}, {left:.0f} s left)"
            self._out.write(f"\r{text}\033[K")
            self._out.flush()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._out:
            self._out.write("\r\033[K")
            self._out.flush()
