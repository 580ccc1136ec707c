"""Session files: what was played, written as it happens, so that a crash loses nothing that was played.

A session is a folder NAME.genie-session:

- session.json: the header, written once, last of what makes a session: `schema` and the fields of
  SessionHeader.
- start.png: the picture it started from, where one was given; given-N.png: pictures put in place of frames.
- log.jsonl: one event a line, only ever appended to. One stands at a frame of a branch; branch 0 begins at
  frame 0, which is shown before anything is done.
  {"a": ACTION, "d": DIGEST, "t": TOKENS, "i": FILE}: action number ACTION led to the next frame. DIGEST is
  its pixels' CRC-32 in eight hex digits, TOKENS the frame as the world's packed tokens in base64, FILE the
  name of the picture that was given as that frame; all three may be missing.
  {"p": [FRAME, TEXT]}: the prompt TEXT is in force from the present frame, FRAME, on.
  {"w": [FRAME, STRENGTH]}: words count so much, 0 to 10, from the present frame, FRAME, on (since schema 5).
  {"g": [BRANCH, FRAME]}: go to frame FRAME of the line that ends at the tip of branch BRANCH. What is done
  there continues the branch if that is its last frame; otherwise it begins a new branch, numbered from 1.
  {"x": BRANCH}: that branch was removed; it keeps its number, and those that part from it stay.
  {"u": BRANCH}: it was brought back.
  {"r": FRAME} stands for "g" within the present branch (schema 1, whose lines had "a" alone).
  {"d": DIGEST}: the start frame's checksum.
- card.json and last.png: a summary for lists of sessions, see genie.clips.shelf. They may be missing or older
  than the log.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from genie.clips.atomic import replace_file
from genie.clips.png import read_png
from genie.clips.session_tree import Tree
from genie.core.captions import LONGEST_PROMPT
from genie.core.errors import ClipError, UsageError
from genie.core.strength import checked_strength

SCHEMA = 5
SUFFIX = ".genie-session"
HEADER, LOG, IMAGE = "session.json", "log.jsonl", "start.png"
_MAX_HEADER, _MAX_LINE, _MAX_IMAGE = 1 << 16, 1 << 20, 1 << 26
_MAX_ACTIONS = 1 << 16
_MAX_TOKENS = 1 << 16
_SINCE_4 = ("choice", "strength")
_KINDS = {"int": (int,), "str": (str,), "float | None": (float, int, type(None))}
_GIVEN = re.compile(r"given-\d{1,9}\.png")


@dataclass(frozen=True, kw_only=True)
class SessionHeader:
    """How a session began: the world and its bundle's hash, the device, the seed and the first prompt.

    `choice` says which of the first frames for the prompt it was, 0 being the best, and `strength` how much
    words counted, None for as much as the world had it (before schema 4).
    """

    world: str
    bundle_hash: str
    device: str
    seed: int
    prompt: str
    fps: int = 15
    choice: int = 0
    strength: float | None = None


@dataclass(frozen=True, kw_only=True)
class SessionRecord:
    """A session read back: `tree` holds every branch of it, and stands where it was left.

    `image` is the start frame that was given, uint8 [height, width, 3], if one was; `start_digest` the
    checksum of the first frame, if it is known.
    """

    header: SessionHeader
    image: np.ndarray | None
    tree: Tree
    start_digest: int | None = None

    @property
    def actions(self) -> tuple[int, ...]:
        """The actions that lead to where it was left; action t leads from frame t to t + 1."""
        return self.tree.line().actions

    @property
    def prompts(self) -> tuple[tuple[int, str], ...]:
        """The changes of prompt (frame, text) on the way there, each in force from its frame on."""
        return self.tree.line().prompts


def checksum(frame: np.ndarray) -> int:
    """Return what tells one frame, uint8 [height, width, 3], from another: the CRC-32 of its bytes."""
    return zlib.crc32(frame.tobytes())


def write_header(path: Path, header: SessionHeader) -> None:
    """Write a session folder's header; OSError where that fails."""
    text = json.dumps({"schema": SCHEMA, **asdict(header)}, ensure_ascii=False, indent=1)
    replace_file(path / HEADER, (text + "\n").encode("utf-8"), durable=False)


def read_session(path: Path | str) -> SessionRecord:
    """Read a session folder; a last line that breaks off, as after a crash, is left out.

    Raises ClipError, naming the file, for anything missing, too large, made by a newer version, or senseless.
    """
    path = Path(path)
    header = read_header(path)
    image = None
    if (path / IMAGE).exists():
        _check_size(path / IMAGE, _MAX_IMAGE)
        image = read_png(path / IMAGE)
    log = _Log(path)
    for number, line in enumerate(_whole_lines(path / LOG), 1):
        log.add(line, number)
    return SessionRecord(header=header, image=image, tree=log.tree, start_digest=log.start_digest)


def read_header(path: Path) -> SessionHeader:
    """Read how a session began. Raises ClipError, naming the file."""
    if not path.is_dir():
        raise ClipError(f"{path} is not a session: give a folder ending in {SUFFIX}.")
    file = path / HEADER
    _check_size(file, _MAX_HEADER)
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise ClipError(f"{file} is not a session's header: it is damaged.") from None
    schema = table.get("schema") if isinstance(table, dict) else None
    if type(schema) is int and schema > SCHEMA:
        raise ClipError(f"{file} is from a newer version (schema {schema}): update Genie to open it.")
    if type(schema) is not int or schema < 1:
        raise ClipError(f"{file} is not a session's header.")
    values: dict[str, Any] = {}
    for field in fields(SessionHeader):
        if field.name in _SINCE_4 and schema < 4:
            continue
        value = table.get(field.name)
        if type(value) not in _KINDS[str(field.type)]:
            raise ClipError(f"{file}: '{field.name}' is {value!r}, not of type {field.type}.")
        values[field.name] = value
    header = SessionHeader(**values)
    if header.fps < 1 or header.seed < 0 or header.choice < 0:
        told = f"{header.fps} frames a second, seed {header.seed}, choice {header.choice}"
        raise ClipError(f"{file}: no session has {told}.")
    return header


def _check_size(path: Path, limit: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ClipError(f"{path} cannot be read ({error.strerror}): the session is incomplete.") from None
    if size > limit:
        raise ClipError(f"{path} has {size} bytes; a session's may have {limit}.")


def _whole_lines(path: Path) -> Iterator[str]:
    """Yield a log's lines, of which there may be any number; one that breaks off is left out."""
    try:
        with path.open("rb") as log:
            while (line := log.readline(_MAX_LINE)).endswith(b"\n"):
                yield line[:-1].decode("utf-8")
        if len(line) == _MAX_LINE:
            raise ClipError(f"{path} is damaged: a line of it has over {_MAX_LINE} bytes.")
    except UnicodeDecodeError:
        raise ClipError(f"{path} is damaged: it is not text.") from None
    except OSError as error:
        raise ClipError(f"{path} cannot be read ({error.strerror}): the session is incomplete.") from None


class _Log:
    """Replays a log's events."""

    def __init__(self, folder: Path) -> None:
        self.tree = Tree()
        self.start_digest: int | None = None
        self._folder = folder

    def add(self, line: str, number: int) -> None:
        try:
            event = json.loads(line)
            if not isinstance(event, dict):
                raise ValueError("not an event")
            self._apply(event)
        except (ValueError, RecursionError, UsageError, binascii.Error):
            raise ClipError(
                f"{self._folder / LOG}:{number}: damaged: {line[:60]!r} is nothing that was played."
            ) from None

    def _apply(self, event: dict[str, Any]) -> None:
        tree = self.tree
        match event:
            case {"a": int(index)} if type(index) is int and 0 <= index < _MAX_ACTIONS:
                tree.act(index, _tokens(event), _digest(event), self._given(event))
            case {"p": [int(frame), str(text)]} if frame == tree.frame and len(text) <= LONGEST_PROMPT:
                tree.tell(text)
            case {"w": [int(frame), int() | float() as strength]} if frame == tree.frame:
                tree.weigh(checked_strength(strength))
            case {"g": [int(branch), int(frame)]}:
                tree.go(branch, frame)
            case {"x": int(branch)}:
                tree.remove(branch)
            case {"u": int(branch)}:
                tree.bring_back(branch)
            case {"r": int(frame)} if frame <= tree.frame:
                tree.go(tree.branch, frame)
            case {"d": str()} if tree.frame == 0:
                self.start_digest = _digest(event)
            case _:
                raise ValueError("unknown")

    def _given(self, event: dict[str, Any]) -> np.ndarray | None:
        name = event.get("i")
        if name is None:
            return None
        if not (isinstance(name, str) and _GIVEN.fullmatch(name)):
            raise ValueError("no name of a picture")
        _check_size(self._folder / name, _MAX_IMAGE)
        return read_png(self._folder / name)


def _digest(event: dict[str, Any]) -> int | None:
    text = event.get("d")
    return None if text is None else int(_of_type(text, str), 16) & 0xFFFFFFFF


def _tokens(event: dict[str, Any]) -> bytes | None:
    text = event.get("t")
    if text is None:
        return None
    if len(_of_type(text, str)) > _MAX_TOKENS:
        raise ValueError("too long")
    return base64.b64decode(text, validate=True)


def _of_type(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"not a {kind.__name__}")
    return value
