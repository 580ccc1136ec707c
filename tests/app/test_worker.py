import queue
import threading

import pytest

from genie.app.worker import Worker


def ignore(_: object) -> None:
    return None


def test_results_and_errors_come_back_in_order_to_the_thread_that_collects() -> None:
    told = threading.Event()
    worker = Worker(told.set)
    heard: list[object] = []

    def fail() -> None:
        raise ValueError("broken")

    worker.submit(lambda: threading.current_thread().name, heard.append, ignore)
    worker.submit(fail, ignore, lambda error: heard.append((str(error), threading.current_thread().name)))
    while worker.busy:
        assert told.wait(20)
        told.clear()
        worker.collect()
    assert heard == ["world", ("broken", threading.current_thread().name)]
    assert worker.close()


def test_closing_drops_what_waits_and_lets_the_job_in_hand_finish() -> None:
    worker, begun, go, done = Worker(), threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        assert go.wait(20)
        done.append(1)

    worker.submit(first, ignore, ignore)
    worker.submit(lambda: done.append(2), ignore, ignore)
    assert begun.wait(20)
    threading.Timer(0.05, go.set).start()
    assert worker.close(20)
    assert done == [1]


def test_closing_never_waits_for_a_job_that_the_worker_took_first(monkeypatch: pytest.MonkeyPatch) -> None:
    class Snatched(queue.SimpleQueue):  # type: ignore[type-arg]
        """Says that a job waits, although the worker has just taken it."""

        def empty(self) -> bool:
            return False

    worker = Worker()
    worker.close()
    monkeypatch.setattr(worker, "_jobs", Snatched())
    closing = threading.Thread(target=worker.close, daemon=True)
    closing.start()
    closing.join(5)
    assert not closing.is_alive()
