"""Files and folders written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

_NEW, _STAGED = ".new-", ".export-"


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
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def replace_folder(staged: Path, target: Path) -> None:
    """Put the folder `staged`, written beside it, where `target` is; what was there goes once it is done.

    A kill at any moment leaves `target` as it was or whole and new, or takes it away until `restore_folder`.
    Raises OSError where it cannot be put there; `target` is then what it was, as it is after Ctrl-C.
    """
    restore_folder(target)
    former = _former(target)
    try:
        if target.exists():
            target.replace(former)
        staged.replace(target)
    except BaseException:
        restore_folder(target)
        raise
    if former.exists():
        former.replace(staged)  # so that what a kill leaves of it is never taken for the whole
        shutil.rmtree(staged, ignore_errors=True)


def restore_folder(target: Path) -> None:
    """Put back what `replace_folder` had taken away when it was killed, and clear away what is left of it."""
    former = _former(target)
    if former.exists() and not target.exists():
        former.replace(target)
    shutil.rmtree(former, ignore_errors=True)


@contextlib.contextmanager
def staged_beside(target: Path) -> Iterator[Path]:
    """A new folder beside `target` to write in, for `replace_folder`; gone in the end if it is still there.

    What killed programs left there of theirs goes first, and `target` is put back if one had it taken away.
    """
    restore_folder(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f"{_STAGED}{'?' * 8}"):
        with _held(left) as is_ours:
            if is_ours:
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_NEW, dir=target.parent))
    try:
        with _held(folder):  # before it has the name by which others clear away what nobody holds
            folder = folder.rename(folder.with_name(_STAGED + folder.name.removeprefix(_NEW)))
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder until the end, or that of this process; false where another holds it, or nobody can."""
    try:
        import fcntl
    except ImportError:  # on Windows: what a kill leaves stays
        yield False
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # it is gone by now
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = True
        except OSError:
            is_ours = False
        yield is_ours
    finally:
        os.close(handle)


def _former(target: Path) -> Path:
    return target.with_name(f".{target.name}-former")
