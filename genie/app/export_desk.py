"""Where clips are ordered and collected: one is written at a time, while play goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from genie.app.clip import Clip
from genie.app.export_order import ExportOrder
from genie.app.exporter import Export
from genie.core.errors import ExportError, GenieError

if TYPE_CHECKING:
    from genie.app.game import Game
    from genie.app.player import Player


class ExportDesk:
    """Keeps the export that is running and what came of earlier ones; belongs to the thread that draws."""

    def __init__(self, game: "Game", notify: Callable[[], None]) -> None:
        """`notify` is called from the export's thread when there is something to collect."""
        self.running: Export | None = None
        self.written: list[Path] = []
        self._ordered = False  # and not begun yet
        self._game = game
        self._notify = notify

    def begin(self, order: ExportOrder) -> None:
        """Write a clip in the background."""
        game = self._game
        if self.running is not None or self._ordered:
            game.say("One export at a time: this one has to finish first.", is_error=True)
            return

        def clip(player: "Player") -> Clip | GenieError:
            try:
                return order.clip(player, game.plan)
            except GenieError as error:
                return error

        self._ordered = True
        game.order(clip, self._begun)

    def write(self, path: Path) -> None:
        """Write all that leads here to `path` in the background."""
        self.begin(ExportOrder(path=path, look=self._game.plan.look))

    def cancel(self) -> None:
        """Give the running export up, if there is one."""
        if self.running:
            self.running.cancel()

    def collect(self) -> None:
        """Say what came of an export that has ended."""
        export = self.running
        if export is None or not export.done:
            return
        self.running = None
        if export.path is not None:
            self.written.append(export.path)
            self._game.say(f"Exported to {export.path}")
        elif export.cancelled:
            self._game.say("The export was given up; nothing was written.")
        else:
            self._game.refuse(export.error or ExportError("The export failed."))

    def close(self) -> None:
        """Give the running export up and wait until nothing half-written is left."""
        if self.running:
            self.running.cancel()
            self.running.join(30.0)

    def _begun(self, clip: Clip | GenieError) -> None:
        self._ordered = False
        if isinstance(clip, GenieError):
            self._game.refuse(clip)
        else:
            self.running = Export(clip, self._notify)
