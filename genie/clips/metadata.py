"""One line of metadata.jsonl: a clip and everything that is known about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from genie.core.errors import ClipError

FILE_NAME = "metadata.jsonl"
_MAX_LINE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class TimedCaption:
    """`text` is true of frames start .. end - 1; `source` says where it came from, if that is known."""

    start: int
    end: int
    text: str
    source: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that stands in the line."""
        told = {"start": self.start, "end": self.end, "text": self.text}
        return told if self.source is None else {**told, "from": self.source}


@dataclass(frozen=True, kw_only=True)
class ClipEntry:
    """A clip: `file_name` and `actions` are paths relative to the folder of the metadata file.

    `actions` names a text file with one action name a line: line t leads from frame t to frame t + 1, so a
    clip of N `frames` has N - 1 lines. `action_names` is the order in which the world lists its actions;
    `caption_from` what wrote the caption, if that is known.
    """

    file_name: str
    caption: str
    fps: float
    frames: int | None = None
    actions: str | None = None
    action_names: tuple[str, ...] = ()
    captions: tuple[TimedCaption, ...] = ()
    caption_from: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    seed: int | None = None
    split: str | None = None

    def to_json(self) -> str:
        """The line that `parse_entry` reads back, without a line end."""
        line: dict[str, Any] = {"file_name": self.file_name, "caption": self.caption, "fps": self.fps}
        for name in ("frames", "actions", "source", "seed", "split", "caption_from"):
            if (value := getattr(self, name)) is not None:
                line[name] = value
        if self.action_names:
            line["action_names"] = list(self.action_names)
        if self.captions:
            line["captions"] = [caption.to_json() for caption in self.captions]
        if self.attributes:
            line["attributes"] = dict(self.attributes)
        return json.dumps(line, ensure_ascii=False, allow_nan=False)


def parse_entry(text: str, where: str) -> ClipEntry:
    """The entry written in one line; raises ClipError that begins with `where` ("FILE:LINE")."""
    if len(text) > _MAX_LINE:
        raise ClipError(f"{where}: a line of {len(text)} characters is too long")
    try:
        line = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ClipError(f"{where}: not valid JSON ({error})") from None
    if not isinstance(line, dict):
        raise ClipError(f"{where}: a line must be a JSON object with file_name, caption and fps")
    try:
        json.dumps(line, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:  # half an emoji, NaN: Python reads them, and writes none
        raise ClipError(f"{where}: it holds what cannot be written again ({error}): mend that line") from None
    read = _Fields(line, where)
    frames = read.number("frames", int, required=False)
    if frames is not None and frames < 1:
        raise ClipError(f"{where}: frames is {frames}: a clip has at least one")
    return ClipEntry(
        file_name=read.inner_path("file_name", required=True) or "",
        caption=read.text("caption", required=True) or "",
        fps=read.rate(),
        frames=frames,
        actions=read.inner_path("actions", required=False),
        action_names=read.names("action_names"),
        captions=read.timed_captions(frames),
        caption_from=read.text("caption_from", required=False),
        attributes=read.mapping("attributes"),
        source=read.text("source", required=False),
        seed=read.number("seed", int, required=False),
        split=read.text("split", required=False),
    )


class _Fields:
    """Typed access to the fields of one line."""

    def __init__(self, line: dict[str, Any], where: str) -> None:
        self._line, self._where = line, where

    def text(self, name: str, *, required: bool) -> str | None:
        value = self._get(name, required)
        if value is not None and not isinstance(value, str):
            raise self._error(f"{name} must be a string")
        return value

    def number(self, name: str, kind: type[int], *, required: bool) -> int | None:
        value = self._get(name, required)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise self._error(f"{name} must be a whole number")
        return value

    def rate(self) -> float:
        value = self._get("fps", True)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1000:
            raise self._error("fps must be a number above 0 and at most 1000")
        return float(value)

    def inner_path(self, name: str, *, required: bool) -> str | None:
        value = self.text(name, required=required)
        if value is None:
            return None
        path = PurePosixPath(value)
        if not value or path.is_absolute() or ".." in path.parts or "\\" in value or "\0" in value:
            raise self._error(f"{name} {value!r} must be a path inside the clip folder")
        return value

    def names(self, name: str) -> tuple[str, ...]:
        value = self._line.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(f"{name} must be a list of strings")
        return tuple(value)

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._line.get(name) or {}
        if not isinstance(value, dict):
            raise self._error(f"{name} must be an object")
        return value

    def timed_captions(self, frames: int | None) -> tuple[TimedCaption, ...]:
        value = self._line.get("captions") or []
        if not isinstance(value, list):
            raise self._error("captions must be a list of {start, end, text}")
        captions = tuple(self._timed_caption(item, frames) for item in value)
        for one, other in pairwise(sorted(captions, key=lambda caption: caption.start)):
            if other.start < one.end:
                both = " and ".join(f"{each.start}..{each.end} {each.text[:60]!r}" for each in (one, other))
                raise self._error(f"two captions of {self._line['file_name']} are true at once: {both}")
        return captions

    def _timed_caption(self, item: Any, frames: int | None) -> TimedCaption:
        if not isinstance(item, dict) or not isinstance(item.get("text"), str):
            raise self._error("each of captions must be {start, end, text}")
        start, end = item.get("start"), item.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start < end:
            raise self._error(
                f"a caption is timed {start}..{end}: start must be below end, both frame numbers"
            )
        if frames is not None and end > frames:
            raise self._error(f"a caption is timed {start}..{end} in a clip of {frames} frames")
        source = item.get("from")
        if source is not None and not isinstance(source, str):
            raise self._error("where a caption is from must be a string")
        return TimedCaption(start=start, end=end, text=item["text"], source=source)

    def _get(self, name: str, required: bool) -> Any:
        if required and self._line.get(name) is None:
            raise self._error(f"{name} is missing")
        return self._line.get(name)

    def _error(self, what: str) -> ClipError:
        return ClipError(f"{self._where}: {what}")


def read_entries(path: Path) -> list[tuple[str, ClipEntry]]:
    """Every entry of a file with its place ("FILE:LINE"); blank lines are skipped. Raises ClipError."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise ClipError(f"{path}: no such file: a clip folder needs one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ClipError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    places = ((f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip())
    return [(place, parse_entry(line, place)) for place, line in places]
