"""The thread that makes frames, so that the window answers meanwhile."""

import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class _Finished:
    then: Callable[[Any], None]
    otherwise: Callable[[BaseException], None]
    value: Any = None
    error: BaseException | None = None


class Worker:
    """Runs jobs one at a time, in order, and hands their results back to the thread that asked."""

    def __init__(self, notify: Callable[[], None] = lambda: None) -> None:
        """`notify` is called from the worker thread when a result waits to be collected."""
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[_Finished] = queue.SimpleQueue()
        self._pending = 0
        self._notify = notify
        self._thread = threading.Thread(target=self._run, name="world", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a job was submitted whose result has not been collected."""
        return self._pending > 0

    def submit(
        self,
        job: Callable[[], Any],
        then: Callable[[Any], None],
        otherwise: Callable[[BaseException], None],
    ) -> None:
        """Run `job` in the worker; `then(result)` or `otherwise(error)` is called by a later `collect`."""
        self._pending += 1
        self._jobs.put((job, then, otherwise))

    def collect(self) -> bool:
        """Call back for every job that has finished, in this thread; return whether there was any."""
        any_finished = False
        while not self._results.empty():
            finished = self._results.get()
            self._pending -= 1
            any_finished = True
            if finished.error is not None:
                finished.otherwise(finished.error)
            else:
                finished.then(finished.value)
        return any_finished

    def close(self, timeout: float = 10.0) -> bool:
        """End the thread after the job in hand, dropping those that wait; return whether it has ended."""
        # Not `empty` and then `get`: the worker may take the last job in between, and `get` wait for ever.
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()
        self._jobs.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (request := self._jobs.get()) is not None:
            job, then, otherwise = request
            try:
                finished = _Finished(then, otherwise, value=job())
            except Exception as error:  # whatever it is, the thread that asked must hear of it
                finished = _Finished(then, otherwise, error=error)
            self._results.put(finished)
            self._notify()
