"""A progress bar with an honest time left; plain lines where there is no terminal."""

import sys
import threading
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

LINE_SECONDS = 60.0  # without a terminal: a line a minute


class Progress:
    """Shows how far a piece of work of `total` steps is, its figures, and the time left at its speed."""

    def __init__(self, title: str, total: int, done: int = 0, *, shown: bool = True) -> None:
        self.title, self.total, self.done = title, total, done
        self.first, self.begun = done, time.monotonic()
        self.figures = ""
        self.shown = shown
        self.printed = self.begun
        self.bar: Bar | None = None
        self._lock = threading.Lock()
        if shown and sys.stderr is not None and sys.stderr.isatty():
            self.bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[figures]}"),
                console=Console(stderr=True),
            )
            self.task = self.bar.add_task(title, total=total, completed=done, figures="")

    def __enter__(self) -> "Progress":
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()
        elif self.done > self.first:
            self._line()

    def advance(
        self, figures: dict[str, float] | None = None, steps: int = 1, total: int | None = None
    ) -> None:
        """Count steps as done; figures, where given, are shown until the next ones; the total may change.

        Any thread may count.
        """
        with self._lock:
            self.done += steps
        self.total = total or self.total
        if figures:
            self.figures = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        if self.bar:
            self.bar.update(self.task, completed=self.done, total=self.total, figures=self.figures)
        elif time.monotonic() - self.printed > LINE_SECONDS:
            self._line()

    def _line(self) -> None:
        if not self.shown:
            return
        self.printed = time.monotonic()
        pace = (self.done - self.first) / max(1e-9, self.printed - self.begun)
        left = (self.total - self.done) / max(1e-9, pace)
        line = f"{self.title}: {self.done}/{self.total}, {left / 60:.1f} min left  {self.figures}"
        print(line, file=sys.stderr, flush=True)


class Counter:
    """A progress bar for work that reports (done, total), not knowing the total before it starts."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.progress: Progress | None = None

    def __enter__(self) -> "Counter":
        return self

    def __exit__(self, *problem: object) -> None:
        if self.progress:
            self.progress.__exit__(*problem)

    def __call__(self, done: int, total: int) -> None:
        if self.progress is None:
            self.progress = Progress(self.title, total, done).__enter__()
        self.progress.advance(steps=done - self.progress.done)
