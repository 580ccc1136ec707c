"""What a file is known again by, wherever it lies and whatever it is called."""

from __future__ import annotations

import hashlib
from pathlib import Path

from genie.core.errors import ClipError

_READ = 1 << 16


def fingerprint(path: Path) -> str:
    """Sixteen hex digits of a file's size and its first 64 KiB; raises ClipError where it cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(_READ)
        return hashlib.sha256(f"{path.stat().st_size} ".encode() + start).hexdigest()[:16]
    except OSError as error:
        raise ClipError(f"{path}: cannot be read ({error.strerror})") from None
