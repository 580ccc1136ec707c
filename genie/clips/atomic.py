"""Files and folders written whole or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put `content` into `path`; a crash at any moment leaves it as it was or with all of it.

    With `durable` false that holds for a crash of the program, not for a power cut; it waits for no disk.
    Raises OSError where it cannot be written; nothing is then left beside it.
    """
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.tmp")  # of two writers each has its own
    try:
        with temporary.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def replace_folder(staged: Path, target: Path) -> None:
    """Put the folder `staged`, written beside it, where `target` is; what was there goes once it is done.

    Raises OSError where it cannot be put there; `target` is then what it was.
    """
    former = staged.with_name(f"{staged.name}-former")
    if target.exists():
        target.replace(former)
    try:
        staged.replace(target)
    except OSError:
        if former.exists():
            former.replace(target)
        raise
    shutil.rmtree(former, ignore_errors=True)
