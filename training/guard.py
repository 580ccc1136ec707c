"""What work is guarded by: being told to stop, and a second one in its folder."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from genie.core.errors import GenieError

LOCK = "lock"
"""The file that says a folder is worked in."""


@contextmanager
def stop_requests() -> Iterator[list[int]]:
    """Collects SIGINT and SIGTERM, so that a step in progress ends and is saved."""
    caught: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.signal(number, lambda n, _: caught.append(n)) for number in numbers}
    try:
        yield caught
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def only_one(
    folder: Path, work: str = "training", instead: str = "give another --run", *, wait: bool = False
) -> Iterator[None]:
    """Refuses a second `work` in the same folder, or has it `wait`; the lock goes with the process.

    The folder is made where it is missing, and is gone in the end if nothing came into it and nobody may wait
    for it. Where nothing can be written, no second one can either: there is no lock. Raises GenieError that
    says what to do `instead`.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists() and not wait]
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        yield
        return
    lock = folder / LOCK
    try:
        with FileLock(lock, timeout=-1 if wait else 0):
            try:
                yield
            finally:
                with suppress(OSError):  # Windows removes no open file
                    lock.unlink()
    except Timeout:
        raise GenieError(f"another {work} is running in {folder}: wait for it, or {instead}") from None
    finally:
        with suppress(OSError):  # something is in it
            for path in missing:
                path.rmdir()
