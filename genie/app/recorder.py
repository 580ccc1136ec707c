"""Session files written as they are played."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from genie.app.take import Start
from genie.core.errors import ClipError

if TYPE_CHECKING:
    from genie.clips.session_log import SessionWriter
    from genie.runtime.world import World

SUFFIX = ".genie-session"


class Recorder:
    """Writes one session file into a folder for every session begun.

    A folder whose own name ends in .genie-session is itself the first session; later ones stand beside it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: SessionWriter | None = None
        self.paths: list[Path] = []
        """The session files written so far, the one being written last."""

    def check(self) -> None:
        """Raise ClipError when nothing can be recorded here; changes nothing on disk."""
        if self._folder.suffix == SUFFIX and self._folder.exists():
            raise ClipError(
                f"{self._folder} is already there: give --record a new name, or a folder for sessions."
            )
        existing = self._folder
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            raise ClipError(
                f"Cannot record into {self._folder}: {existing} is not a folder that can be written to."
            )

    def begin(self, world: "World", start: Start) -> None:
        """Close the session being written, if any, and begin another."""
        from genie.clips.session_log import SessionHeader, SessionWriter

        self.close()
        path = self._next_path(world.id)
        header = SessionHeader(
            world=world.id,
            bundle_hash=world.manifest.digest,
            device=world.device,
            seed=start.seed,
            prompt=start.prompt,
            fps=world.fps,
        )
        self._writer = SessionWriter(path, header, image=start.image)
        self.paths.append(path)

    def action(self, index: int) -> None:
        """Log one action, by its index."""
        if self._writer:
            self._writer.append_action(index)

    def prompt(self, text: str, frame: int) -> None:
        """Log that `text` holds from `frame` on."""
        if self._writer:
            self._writer.append_prompt(text, frame)

    def rewind(self, frame: int) -> None:
        """Log that play went back to `frame`."""
        if self._writer:
            self._writer.append_rewind(frame)

    def close(self) -> None:
        """End the session file being written; does nothing when there is none."""
        writer, self._writer = self._writer, None
        if writer:
            try:
                writer.close()
            except OSError as error:  # the disk is full
                raise ClipError(f"Cannot finish the recording {self.paths[-1]}: {error.strerror}.") from None

    def _next_path(self, world: str) -> Path:
        if self._folder.suffix == SUFFIX:
            folder, stem = self._folder.parent, self._folder.stem
        else:
            folder, stem = self._folder, f"{world}-{time.strftime('%Y%m%d-%H%M%S')}"
        path = folder / f"{stem}{SUFFIX}"
        number = 2
        while path.exists():
            path = folder / f"{stem}-{number}{SUFFIX}"
            number += 1
        return path
