"""Batches read in a thread of their own while the ones before are trained on."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Batch = TypeVar("Batch")

AHEAD = 2  # batches


class ReadAhead(Generic[Batch]):
    """Gives the batch of any step; those of the next steps are being read by then.

    `read` must be a function of the step alone. waited: the seconds that asking has taken so far.
    """

    def __init__(self, read: Callable[[int], Batch]) -> None:
        self.read = read
        self.reader = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self.coming: dict[int, Future[Batch]] = {}
        self.waited = 0.0

    def at(self, step: int) -> Batch:
        """The batch of a step. Raises what reading it raised."""
        begun = time.perf_counter()
        self.coming = {n: batch for n, batch in self.coming.items() if step <= n <= step + AHEAD}
        for n in range(step, step + AHEAD + 1):
            if n not in self.coming:
                self.coming[n] = self.reader.submit(self.read, n)
        batch = self.coming.pop(step).result()
        self.waited += time.perf_counter() - begun
        return batch

    def close(self) -> None:
        """Read no more, and let what was read go."""
        self.reader.shutdown(cancel_futures=True)
        self.coming = {}
