"""Session files: what was played, written as it happens, so that a crash loses nothing that was played."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from genie.clips.png import png_bytes, read_png
from genie.core.errors import ClipError

SCHEMA = 1
_HEADER, _LOG, _IMAGE = "session.json", "log.jsonl", "start.png"
_MAX_HEADER, _MAX_LOG, _MAX_IMAGE = 1 << 16, 1 << 26, 1 << 26
_MAX_PROMPT = 1000
_MAX_ACTIONS = 1 << 16


@dataclass(frozen=True, kw_only=True)
class SessionHeader:
    """How a session began: the world and its bundle's hash, the device, the seed and the first prompt."""

    world: str
    bundle_hash: str
    device: str
    seed: int
    prompt: str
    fps: int = 15


@dataclass(frozen=True, kw_only=True)
class SessionRecord:
    """A session read back: rewinds are applied, so `actions` (indices; action t leads from frame t to t + 1)
    and `prompts` (frame, text; in force from that frame on) are those of the course that was played last.

    `image` is the start frame that was given, uint8 [height, width, 3], if one was.
    """

    header: SessionHeader
    image: np.ndarray | None
    actions: tuple[int, ...]
    prompts: tuple[tuple[int, str], ...]


class SessionWriter:
    """Appends to a session folder; every line reaches the operating system at once.

    A crash or a kill of the program loses nothing; a power cut may lose what the system had not yet put on
    disk. Raises ClipError where the folder is there already or cannot be written.
    """

    def __init__(self, path: Path | str, header: SessionHeader, image: np.ndarray | None = None) -> None:
        self.path = Path(path)
        try:
            self.path.mkdir(parents=True)
            if image is not None:
                (self.path / _IMAGE).write_bytes(png_bytes(image))
            self._log: TextIO = (self.path / _LOG).open("x", encoding="utf-8", buffering=1)
            text = json.dumps({"schema": SCHEMA, **asdict(header)}, ensure_ascii=False, indent=1)
            (self.path / _HEADER).write_text(text + "\n", encoding="utf-8")
        except FileExistsError:
            raise ClipError(f"{self.path} is there already: give the session another name.") from None
        except OSError as error:
            raise ClipError(f"Cannot write the session {self.path}: {error.strerror}.") from error

    def append_action(self, index: int) -> None:
        self._append({"a": int(index)})

    def append_prompt(self, text: str, frame: int) -> None:
        """`text` is in force from `frame` on."""
        self._append({"p": [int(frame), text]})

    def append_rewind(self, frame: int) -> None:
        """What was played after `frame` no longer counts; it stays in the file."""
        self._append({"r": int(frame)})

    def close(self) -> None:
        self._log.close()

    def _append(self, event: dict[str, Any]) -> None:
        try:
            self._log.write(json.dumps(event, ensure_ascii=False) + "\n")
        except OSError as error:
            raise ClipError(f"Cannot go on recording into {self.path}: {error.strerror}.") from error


def read_session(path: Path | str) -> SessionRecord:
    """Read a session folder; a last line that breaks off, as after a crash, is left out.

    Raises ClipError, naming the file, for anything missing, too large, made by a newer version, or senseless.
    """
    path = Path(path)
    if not path.is_dir():
        raise ClipError(f"{path} is not a session: give a folder ending in .genie-session.")
    header = _read_header(path / _HEADER)
    image = None
    if (path / _IMAGE).exists():
        _check_size(path / _IMAGE, _MAX_IMAGE)
        image = read_png(path / _IMAGE)
    log = _Log()
    for number, line in enumerate(_whole_lines(path / _LOG), 1):
        log.add(line, f"{path / _LOG}:{number}")
    return SessionRecord(header=header, image=image, actions=tuple(log.actions), prompts=tuple(log.prompts))


def _check_size(path: Path, limit: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ClipError(f"{path} cannot be read ({error.strerror}): the session is incomplete.") from None
    if size > limit:
        raise ClipError(f"{path} has {size} bytes; a session's may have {limit}.")


def _read_header(path: Path) -> SessionHeader:
    _check_size(path, _MAX_HEADER)
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise ClipError(f"{path} is not a session's header: it is damaged.") from None
    schema = table.get("schema") if isinstance(table, dict) else None
    if type(schema) is int and schema > SCHEMA:
        raise ClipError(f"{path} is from a newer version (schema {schema}): update Genie to open it.")
    if schema != SCHEMA:
        raise ClipError(f"{path} is not a session's header.")
    values: dict[str, Any] = {}
    for field in fields(SessionHeader):
        value = table.get(field.name)
        if type(value) is not {"int": int, "str": str}[str(field.type)]:
            raise ClipError(f"{path}: '{field.name}' is {value!r}, not of type {field.type}.")
        values[field.name] = value
    return SessionHeader(**values)


def _whole_lines(path: Path) -> list[str]:
    _check_size(path, _MAX_LOG)
    raw = path.read_bytes()
    try:
        return raw[: raw.rfind(b"\n") + 1].decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError:
        raise ClipError(f"{path} is damaged: it is not text.") from None


class _Log:
    def __init__(self) -> None:
        self.actions: list[int] = []
        self.prompts: list[tuple[int, str]] = []

    def add(self, line: str, where: str) -> None:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            event = None
        match event:
            case {"a": int(index)} if 0 <= index < _MAX_ACTIONS and index is not True and index is not False:
                self.actions.append(index)
            case {"p": [int(frame), str(text)]} if frame == len(self.actions) and len(text) <= _MAX_PROMPT:
                self.prompts = [entry for entry in self.prompts if entry[0] != frame]
                self.prompts.append((frame, text))
            case {"r": int(frame)} if 0 <= frame <= len(self.actions):
                del self.actions[frame:]
                self.prompts = [entry for entry in self.prompts if entry[0] <= frame]
            case _:
                raise ClipError(f"{where}: damaged: {line[:60]!r} is not an action, a prompt or a rewind.")
