"""Clips written in the background while play goes on."""

import threading
from collections.abc import Callable
from pathlib import Path

from genie.app.clip import Clip
from genie.core.errors import ExportError, GenieError


class Export:
    """One clip being written by a thread of its own; whole in the end, or not there at all."""

    def __init__(self, clip: Clip, notify: Callable[[], None] = lambda: None) -> None:
        """Begin writing; `notify` is called from the thread whenever `fraction` or `done` has changed."""
        self.clip = clip
        self.fraction = 0.0
        self.error: GenieError | None = None
        self.path: Path | None = None
        """Where the finished clip is; None until then, and for good when cancelled or failed."""
        self._cancelled = threading.Event()
        self._notify = notify
        self._thread = threading.Thread(target=self._run, name="export", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the thread has finished, failed or been cancelled."""
        return not self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask for the export to be given up; what was written so far is removed."""
        self._cancelled.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread and return whether it is done."""
        self._thread.join(timeout)
        return self.done

    def _run(self) -> None:
        from genie.clips.export import export_clip  # PyAV takes a tenth of a second: not at start-up

        clip = self.clip
        try:
            self.path = export_clip(
                clip.pictures,
                clip.path,
                clip.fps,
                scale=1,
                metadata=dict(clip.metadata),
                progress=self._progress,
                cancel=self._cancelled.is_set,
            )
        except GenieError as error:
            self.error = error
        except Exception as error:  # a thread's traceback would be lost under the window: say it in a line
            self.error = ExportError(
                f"The export failed ({type(error).__name__}: {error}): try another format."
            )
        finally:
            self._notify()

    def _progress(self, frames: int) -> None:
        self.fraction = min(1.0, frames / max(1, self.clip.total))
        self._notify()
