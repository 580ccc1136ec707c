"""Session files written as they are played."""

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genie.app.moment import Moment
from genie.app.take import Start
from genie.clips.session_log import SUFFIX, SessionHeader
from genie.clips.session_tree import Tree
from genie.clips.session_writer import SessionWriter
from genie.clips.shelf import remove_session, write_card
from genie.core.errors import ClipError

if TYPE_CHECKING:
    from genie.runtime.world import World

CARD_SECONDS = 5
"""How much play there is between two summaries of a session."""


class Recorder:
    """Writes one session file into a folder for every session begun.

    A folder whose own name ends in .genie-session is itself the first session; later ones stand beside it.
    With `keep_empty` false, a session in which nothing was done leaves no file.
    """

    def __init__(self, folder: Path, *, keep_empty: bool = True, reopen: bool = False) -> None:
        """With `reopen`, `folder` is a session to go on with; those begun later stand beside it."""
        self._folder = folder
        self._reopen = reopen
        self.quiet = not keep_empty or reopen
        """Whether it records without having been asked for this session."""
        self._keep_empty = keep_empty
        self._writer: SessionWriter | None = None
        self._since_card = 0
        self._played = False
        self.paths: list[Path] = []
        """The session files written so far, the one being written last."""
        self.trouble = ""
        """Why something that was played is not kept, where that is so."""
        self.note = ""
        """Something the player should know that is no trouble."""

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

    @property
    def recording(self) -> bool:
        """Whether a session is being written."""
        return self._writer is not None

    def begin(self, world: "World", start: Start, digest: int, played: Tree | None = None) -> None:
        """Begin another session, whose first frame has this checksum; the one before must be closed.

        `played` is what was played of it before, elsewhere; a file that is reopened has it already.
        """
        self._played = False
        self._since_card = self._card_every = CARD_SECONDS * world.fps  # the first action writes a card
        if self._reopened():
            return
        path = self._next_path(world.id)
        header = header_of(world, start)
        self._writer = SessionWriter(path, header, image=start.image)
        self.paths.append(path)
        self._writer.append_start(digest)
        if played is not None:
            self._writer.append_tree(played)

    def action(
        self, index: int, tokens: bytes, digest: int, given: np.ndarray | None, moment: Moment
    ) -> None:
        """Log one action, by its index, and the frame it led to."""
        if self._writer:
            self._writer.append_action(index, tokens, digest, given)
            self._played = True
            self._since_card += 1
            if self._since_card >= self._card_every:
                self._write_card(moment)

    def prompt(self, text: str, frame: int) -> None:
        """Log that `text` holds from `frame` on."""
        if self._writer:
            self._writer.append_prompt(text, frame)
            self._played = True

    def strength(self, strength: float, frame: int) -> None:
        """Log that words count so much from `frame` on: that alone is nothing played."""
        if self._writer:
            self._writer.append_strength(strength, frame)

    def go(self, branch: int, frame: int, moment: Moment) -> None:
        """Log that play went to `frame` of the line of `branch`."""
        if self._writer:
            self._writer.append_go(branch, frame)
            self._write_card(moment)

    def removal(self, branch: int, moment: Moment) -> None:
        """Log that a branch was removed."""
        if self._writer:
            self._writer.append_removal(branch)
            self._played = True
            self._write_card(moment)

    def returning(self, branch: int, moment: Moment) -> None:
        """Log that a branch that was removed is there again."""
        if self._writer:
            self._writer.append_return(branch)
            self._played = True
            self._write_card(moment)

    def close(self, moment: Moment | None = None) -> None:
        """End the session file being written, left at `moment`; does nothing when there is none."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        try:
            writer.close()
            if not self._played and not self._keep_empty:
                remove_session(writer.path)
                self.paths.remove(writer.path)
            elif moment is not None:
                self._write_card(moment, writer)
        except OSError as error:  # the disk is full
            raise ClipError(f"Cannot finish the recording {writer.path}: {error.strerror}.") from None

    def give_up(self, error: ClipError) -> None:
        """Leave the session file being written as it is, after `error`; the next session is tried again."""
        writer, self._writer = self._writer, None
        self.trouble = f"{error} What you play from here is not kept."
        if writer is not None:
            with contextlib.suppress(OSError):  # what the disk has no room for
                writer.close()

    def _reopened(self) -> bool:
        """Go on with the file that is to be reopened; where that fails, a copy beside it is to be begun."""
        reopen, path = self._reopen, self._folder
        if reopen:
            self._reopen, self._folder = False, path.parent
            try:
                self._writer = SessionWriter.reopen(path)
            except ClipError as error:
                self.note = f"What you play from here is kept in a copy beside it. {error}"
                return False
            self._played = True
            self.paths.append(path)
        return reopen

    def _write_card(self, moment: Moment, writer: SessionWriter | None = None) -> None:
        writer = writer or self._writer
        assert writer is not None
        self._since_card = 0
        with contextlib.suppress(ClipError):  # it may be missing, or older than the log
            write_summary(writer.path, moment, writer.size, moment.branches)

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


def header_of(world: "World", start: Start) -> SessionHeader:
    """Return what a session file says of how it began."""
    return SessionHeader(
        world=world.id,
        bundle_hash=world.manifest.digest,
        device=world.device,
        seed=start.seed,
        prompt=start.prompt,
        fps=world.fps,
        choice=start.choice,
        strength=world.manifest.strength if start.strength is None else start.strength,
    )


def write_summary(path: Path, moment: Moment, log_bytes: int, branches: int) -> None:
    """Sum a session up as it stands. Raises ClipError."""
    try:
        write_card(
            path,
            frames=moment.index + 1,
            branches=branches,
            prompt=moment.prompt,
            log_bytes=log_bytes,
            last=moment.frame,
        )
    except OSError as error:
        raise ClipError(f"Cannot go on recording into {path}: {error.strerror}.") from None
