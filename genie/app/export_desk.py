"""Where clips are handed in and collected: one is written at a time, while play goes on."""

from collections.abc import Callable
from pathlib import Path

from genie.app.clip import Clip
from genie.app.exporter import Export
from genie.core.errors import ExportError


class ExportDesk:
    """Keeps the export that is running and what came of earlier ones; belongs to the thread that draws."""

    def __init__(self, notify: Callable[[], None]) -> None:
        """`notify` is called from the export's thread when there is something to collect."""
        self.running: Export | None = None
        self.written: list[Path] = []
        self._notify = notify

    def begin(self, clip: Clip) -> None:
        """Write a clip in the background; there must be none running."""
        assert self.running is None
        self.running = Export(clip, self._notify)

    def cancel(self) -> None:
        """Give the running export up, if there is one."""
        if self.running:
            self.running.cancel()

    def collect(self) -> str:
        """Return news of an export that has ended, or "". Raises ExportError, or what made it fail."""
        export = self.running
        if export is None or not export.done:
            return ""
        self.running = None
        if export.path is not None:
            self.written.append(export.path)
            return f"Exported to {export.path}"
        if export.cancelled:
            return "The export was given up; nothing was written."
        raise export.error or ExportError("The export failed.")

    def close(self) -> None:
        """Give the running export up and wait until nothing half-written is left."""
        if self.running:
            self.running.cancel()
            self.running.join(30.0)
