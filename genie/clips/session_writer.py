"""A session file being written."""

from __future__ import annotations

import base64
import contextlib
import importlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from genie.clips.png import png_bytes
from genie.clips.session_log import IMAGE, LOG, SessionHeader, read_header, write_header
from genie.clips.session_tree import Tree
from genie.core.errors import ClipError

SYNC_SECONDS = 1.0
LOCKED = 2**31 - 2
"""The byte that is locked on Windows: far beyond the end of any log, and not too far for its C library."""


class SessionWriter:
    """Appends to a session folder; every line reaches the operating system at once.

    A crash or a kill of the program loses nothing that was appended, a power cut about a second of it. The
    format is documented in genie.clips.session_log. `size` is the log's, in bytes. Raises ClipError where the
    folder is there already or cannot be written.
    """

    _flushes = True
    """Whether every line is handed to the system by itself."""

    def __init__(self, path: Path | str, header: SessionHeader, image: np.ndarray | None = None) -> None:
        self.path = Path(path)
        self.given = self.size = 0
        try:
            self.path.mkdir(parents=True)
            self._begin(header, image)
        except FileExistsError:
            raise ClipError(f"{self.path} is there already: give the session another name.") from None
        except OSError as error:
            raise ClipError(f"Cannot write the session {self.path}: {error.strerror}.") from error

    def _begin(self, header: SessionHeader, image: np.ndarray | None) -> None:
        """Fill the new folder; where that fails, none is left behind."""
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, self.path, ignore_errors=True)
            if image is not None:
                (self.path / IMAGE).write_bytes(png_bytes(image))
            self._log: BinaryIO = undo.enter_context((self.path / LOG).open("xb"))
            lock(self._log)
            write_header(self.path, header)
            undo.pop_all()
        self._sync = _Sync(self._log)

    @classmethod
    def reopen(cls, path: Path | str) -> SessionWriter:
        """Go on with a session that was read from `path`: a last line that breaks off is cut away first."""
        writer = cls.__new__(cls)
        writer.path = Path(path)
        writer.given = len(list(writer.path.glob("given-*.png")))
        try:
            writer._log = (writer.path / LOG).open("r+b")
            lock(writer._log)  # before anything is cut away that another program may just be writing
            writer.size = sum(len(line) for line in writer._log if line.endswith(b"\n"))
            writer._log.truncate(writer.size)
            writer._log.seek(writer.size)
            write_header(writer.path, read_header(writer.path))  # what follows may be of a newer schema
            writer._sync = _Sync(writer._log)
        except BlockingIOError:
            raise ClipError(f"The session {path} is being played in another window.") from None
        except OSError as error:
            raise ClipError(f"Cannot go on with the session {path}: {error.strerror}.") from error
        return writer

    def append_start(self, digest: int) -> None:
        """`digest` is the start frame's checksum."""
        self._append({"d": f"{digest:08x}"})

    def append_action(
        self,
        index: int,
        tokens: bytes | None = None,
        digest: int | None = None,
        given: np.ndarray | None = None,
    ) -> None:
        """An action and the frame it led to: packed, as a checksum, as the picture given in its place."""
        event: dict[str, Any] = {"a": int(index)}
        if digest is not None:
            event["d"] = f"{digest:08x}"
        if tokens is not None:
            event["t"] = base64.b64encode(tokens).decode("ascii")
        if given is not None:
            event["i"] = self._keep(given)
        self._append(event)

    def append_prompt(self, text: str, frame: int) -> None:
        """`text` is in force from `frame`, the present one, on."""
        self._append({"p": [int(frame), text]})

    def append_strength(self, strength: float, frame: int) -> None:
        """Words count so much from `frame`, the present one, on."""
        self._append({"w": [int(frame), float(strength)]})

    def append_go(self, branch: int, frame: int) -> None:
        """Play stands at `frame` of the line of `branch`; nothing is lost."""
        self._append({"g": [int(branch), int(frame)]})

    def append_removal(self, branch: int) -> None:
        """A branch that nobody stands on is removed."""
        self._append({"x": int(branch)})

    def append_return(self, branch: int) -> None:
        """A branch that was removed is there again."""
        self._append({"u": int(branch)})

    def append_tree(self, tree: Tree) -> None:
        """All that was played, branch by branch, into a log in which nothing was; then where it was left."""
        self._flushes = False
        for branch in tree.branches:
            if branch.parent is not None:
                self.append_go(branch.parent, branch.fork)
            prompts, strengths = dict(branch.prompts), dict(branch.strengths)
            for index, action in enumerate(branch.actions):
                frame = branch.fork + index
                self._append_words(frame, prompts, strengths)
                given = branch.given.get(frame + 1)
                self.append_action(action, branch.tokens[index], branch.digests[index], given)
            self._append_words(branch.end, prompts, strengths)
        self.append_go(tree.branch, tree.frame)
        for number in tree.removed:
            self.append_removal(number)
        self._flushes = True
        self._flush()

    def close(self) -> None:
        """End the file."""
        self._sync.stop()
        self._log.close()

    def _append_words(self, frame: int, prompts: Mapping[int, str], strengths: Mapping[int, float]) -> None:
        if frame in prompts:
            self.append_prompt(prompts[frame], frame)
        if frame in strengths:
            self.append_strength(strengths[frame], frame)

    def _keep(self, picture: np.ndarray) -> str:
        name = f"given-{self.given}.png"
        self.given += 1
        with self._told():
            (self.path / name).write_bytes(png_bytes(picture))
        return name

    def _append(self, event: dict[str, Any]) -> None:
        line = json.dumps(event, ensure_ascii=False).encode("utf-8") + b"\n"
        with self._told():
            self._log.write(line)
            self.size += len(line)
        if self._flushes:
            self._flush()

    def _flush(self) -> None:
        """Hand all that was appended to the system."""
        with self._told():
            self._log.flush()
            self._sync.dirty.set()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ClipError(f"Cannot go on recording into {self.path}: {error.strerror}.") from error


class _Sync:
    """Has the system put a file on disk every second in which it grew; nobody waits for the disk."""

    def __init__(self, file: BinaryIO) -> None:
        self.dirty = threading.Event()
        self._stopped = threading.Event()
        self._file = file
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what was written since the last time is put on disk."""
        self._stopped.set()
        self.dirty.set()
        self._thread.join()
        self._put()

    def _run(self) -> None:
        while not self._stopped.wait(SYNC_SECONDS):
            self.dirty.wait()
            self.dirty.clear()
            self._put()

    def _put(self) -> None:
        with contextlib.suppress(OSError):  # a full disk shows when the next line is written
            os.fsync(self._file.fileno())


def lock(file: BinaryIO) -> None:
    """Keep others from going on with the session whose log `file` is; BlockingIOError where one does.

    Some file systems know no locks: there nothing is kept from anybody.
    """
    try:
        _lock(file)
    except BlockingIOError:
        raise
    except OSError:
        return


def _lock(file: BinaryIO) -> None:
    try:
        import fcntl
    except ImportError:
        _lock_byte(file)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_byte(file: BinaryIO) -> None:
    """Do the same on Windows, which locks bytes, and nobody else may then read or write those."""
    msvcrt = importlib.import_module("msvcrt")  # which only Windows has, and mypy knows only there
    number = file.fileno()
    here = os.lseek(number, 0, os.SEEK_CUR)
    os.lseek(number, LOCKED, os.SEEK_SET)
    try:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
    except PermissionError as error:
        raise BlockingIOError(error.errno, error.strerror) from None
    finally:
        os.lseek(number, here, os.SEEK_SET)
