"""How the clips of a split are numbered and named."""

import re
from collections.abc import Iterable

from genie.clips.metadata import ClipEntry

_FOLDER_SIZE = 1000
_NUMBERED = re.compile(r"\d{3,}/(\d{6,})\..+")


def stem_of(number: int) -> str:
    """The path of a clip's files in its split, without what they end in."""
    return f"{number // _FOLDER_SIZE:03d}/{number:06d}"


def next_number(entries: Iterable[ClipEntry]) -> int:
    """The number above all others, however many lines were taken out: no listed clip is written over."""
    names = (_NUMBERED.fullmatch(entry.file_name) for entry in entries)
    return max((int(name[1]) + 1 for name in names if name), default=0)
