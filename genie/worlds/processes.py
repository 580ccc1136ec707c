"""Work for a simulator done in processes of its own: several at once, and its crashes stay there."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from genie.core.errors import SimulatorDied
from genie.worlds.source import import_adapter

_AHEAD = 4  # jobs under way for each process


class Processes:
    """Up to `count` processes that call functions of the Python file `file`, part of an adapter.

    They start with the first job and stay until this process ends: opening a simulator is slow. Arguments and
    results are sent by multiprocessing, so they are plain data or the engine's own classes.
    """

    def __init__(self, file: Path, count: int) -> None:
        self._file, self._count = file, count
        self._pool: ProcessPoolExecutor | None = None

    def each(self, function: str, jobs: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """`function(*job)` of every job, in the order of the jobs.

        Raises what the function raises, and SimulatorDied where a process dies.
        """
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._count, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare
            )
            # Where this is itself such a process, it waits for its own before it ends, and they for work.
            Finalize(self._pool, self._pool.shutdown, exitpriority=100)  # before its queues close, at 10
        waiting: deque[Future[Any]] = deque()
        try:
            for job in jobs:
                waiting.append(self._pool.submit(_call, self._file, function, job))
                if len(waiting) > _AHEAD * self._count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            self._pool = None
            simulator = f"{self._file.parent.name}'s simulator"
            raise SimulatorDied(f"A process of {simulator} died; try again.") from None
        finally:
            for future in waiting:
                future.cancel()


def _call(file: Path, function: str, job: tuple[Any, ...]) -> Any:
    return getattr(import_adapter(file), function)(*job)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked for the work
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
