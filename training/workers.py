"""Processes that work beside this one, and end with it however it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path


def cores() -> int:
    """How many of the machine's cores this process may use: fewer than it has, in a container."""
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = Path("/sys/fs/cgroup/cpu.max")
    if limit.is_file():
        quota, period = limit.read_text(encoding="utf-8").split()[:2]
        if quota != "max":
            known = min(known, max(1, round(int(quota) / int(period))))
    return known


@contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """`count` processes that import afresh, and end where they are when an exception leaves the block."""
    others = set(multiprocessing.active_children())
    fresh = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks as they are
    pool = ProcessPoolExecutor(count, mp_context=fresh, initializer=_end_with_parent)
    try:
        yield pool
    except BaseException:
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent says what to do
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)  # killed, the parent could not say

    threading.Thread(target=wait, daemon=True).start()
