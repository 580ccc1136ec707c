"""A captioned-clip dataset on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from genie.clips.metadata import FILE_NAME, ClipEntry, read_entries
from genie.clips.video import SUFFIX, VideoReader
from genie.core.errors import ClipError, suggest

_TAKE_OUT = "take that line out"


class Clip(NamedTuple):
    """One clip of a folder: its entry, the folder that the entry's paths are relative to, and which line it
    is of ("FILE:LINE")."""

    entry: ClipEntry
    folder: Path
    where: str

    @property
    def video(self) -> Path:
        return self.folder / self.entry.file_name

    def read_frames(self) -> np.ndarray:
        """uint8 [T, height, width, 3]; raises ClipError, naming the line, for a video that cannot be read, or
        whose `frames` in the metadata is not T."""
        try:
            frames = VideoReader(self.video).read()
        except ClipError as error:
            raise ClipError(f"{self.where}: {error}: put a sound video there, or {_TAKE_OUT}") from error
        if self.entry.frames is not None and self.entry.frames != len(frames):
            raise ClipError(
                f"{self.where}: {self.video}: {len(frames)} frames, but its metadata says "
                f"{self.entry.frames}: mend that line, or {_TAKE_OUT}"
            )
        return frames

    def read_actions(self) -> list[str] | None:
        """The action names, one a frame transition; None where the clip has none."""
        if self.entry.actions is None:
            return None
        path = self.folder / self.entry.actions
        try:
            names = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ClipError(f"{path}: cannot read the actions of {self.entry.file_name} ({reason})") from None
        if names and not names[-1]:
            names.pop()
        if self.entry.frames is not None and len(names) != self.entry.frames - 1:
            raise ClipError(
                f"{path}: {len(names)} actions for a clip of {self.entry.frames} frames: one fewer is needed"
            )
        if self.entry.action_names:
            for n, name in enumerate(names, 1):
                if name not in self.entry.action_names:
                    known = self.entry.action_names
                    raise ClipError(f"{path}:{n}: no action {name!r} in this dataset.{suggest(name, known)}")
        return names


class ClipFolder:
    """The clips of `path`: of its metadata.jsonl, or of those in its subfolders (one for each split).

    Opening checks every line, that every file is there, and that none is listed twice; the videos themselves
    are checked when they are read. Raises ClipError that names the file and the line.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.metadata_files = _metadata_files(self.path)
        self._clips = [clip for file in self.metadata_files for clip in _checked(file)]

    def __len__(self) -> int:
        return len(self._clips)

    def __iter__(self) -> Iterator[ClipEntry]:
        return (clip.entry for clip in self._clips)

    def clips(self, split: str | None = None) -> list[Clip]:
        """The clips of one split, or all; a clip that names no split counts as "train"."""
        return [clip for clip in self._clips if split is None or (clip.entry.split or "train") == split]

    def unlisted(self) -> list[Path]:
        """The videos that lie here and that no line names, sorted; nothing hidden counts."""
        listed = {clip.video for clip in self._clips}
        kinds = {SUFFIX, *(video.suffix for video in listed)}
        return sorted(
            path
            for folder in {file.parent for file in self.metadata_files}
            for path in folder.rglob("*")
            if path.suffix in kinds
            and path not in listed
            and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        )


def _metadata_files(path: Path) -> list[Path]:
    if (path / FILE_NAME).is_file():
        return [path / FILE_NAME]
    inner = sorted(file for file in path.glob(f"*/{FILE_NAME}") if not file.parent.name.startswith("."))
    if not path.is_dir():
        raise ClipError(f"{path}: not a clip folder: no such folder")
    if not inner:
        raise ClipError(
            f"{path}: not a clip folder: no {FILE_NAME} in it or in its subfolders: make them of videos with "
            f"python -m training ingest FOLDER --out {path}"
        )
    return inner


def _checked(metadata: Path) -> list[Clip]:
    seen: set[str] = set()
    clips = []
    for where, entry in read_entries(metadata):
        if entry.file_name in seen:
            raise ClipError(f"{where}: {entry.file_name} is listed twice: {_TAKE_OUT}")
        seen.add(entry.file_name)
        for name in filter(None, (entry.file_name, entry.actions)):
            if not (metadata.parent / name).is_file():
                raise ClipError(f"{where}: {name} is missing from the folder: put it back, or {_TAKE_OUT}")
        clips.append(Clip(entry, metadata.parent, where))
    return clips
