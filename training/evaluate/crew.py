"""Many sessions of one world played at once, one on each processor."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from training.progress import Progress

Result = TypeVar("Result")


class Crew:
    """Workers that share out pieces of work; what comes of a piece does not depend on how many they are."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self._stopping = threading.Event()

    def each(self, work: Callable[[int], Result], count: int, title: str | None = None) -> list[Result]:
        """work(0) .. work(count - 1), in this order whoever is done first. An error ends them all.

        Progress is shown under the title; without one, work shows its own.
        """
        with (
            Progress(title or "", count, shown=title is not None) as progress,
            ThreadPoolExecutor(self.workers) as pool,
        ):
            jobs = [pool.submit(work, number) for number in range(count)]
            try:
                for job in as_completed(jobs):
                    job.result()
                    progress.advance()
            except BaseException:
                self._stopping.set()
                for job in jobs:
                    job.cancel()
                raise
            return [job.result() for job in jobs]

    def go_on(self) -> None:
        """Asked by long work now and then, so that Ctrl-C need not wait for its end."""
        if self._stopping.is_set():
            raise KeyboardInterrupt
