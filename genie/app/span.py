"""A part of a line of play, as given on the command line: "30:150", "2s:10s", "5s:"."""

import re
from dataclasses import dataclass

from genie.core.errors import UsageError

_END = re.compile(r"(\d{1,9})|(\d{1,7}(?:\.\d{1,6})?)s")


@dataclass(frozen=True, kw_only=True)
class Span:
    """The first and the last frame of a part; None is the line's own start or end."""

    first: int | None = None
    last: int | None = None

    def within(self, end: int) -> tuple[int, int]:
        """Return the first and last frame of it in a line that ends at frame `end`; UsageError when empty."""
        first = self.first or 0
        last = end if self.last is None else min(self.last, end)
        if first > last:
            raise UsageError(f"--span begins at frame {first}, but what was played ends at frame {last}.")
        return first, last


def parse_span(text: str, fps: int) -> Span:
    """Read START:END, each a frame's number or seconds with an "s" behind them, or nothing. UsageError."""
    start, colon, end = text.partition(":")
    if not colon:
        raise UsageError(f"--span '{text[:40]}' is not START:END, as in 30:150 or 2s:10s.")
    span = Span(first=_frame(start, text, fps), last=_frame(end, text, fps))
    if span.first is not None and span.last is not None and span.first > span.last:
        raise UsageError(f"--span '{text[:40]}' ends before it begins.")
    return span


def _frame(word: str, text: str, fps: int) -> int | None:
    if not word:
        return None
    match = _END.fullmatch(word)
    if match is None:
        raise UsageError(f"--span '{text[:40]}' is not START:END, as in 30:150 or 2s:10s.")
    return int(match[1]) if match[1] else round(float(match[2]) * fps)
