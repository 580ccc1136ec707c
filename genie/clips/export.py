"""Clips that people can share, written whole or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import av.error
import numpy as np

from genie.clips.clip_writers import ClipWriter, GifClip, PngFolder, VideoClip
from genie.core.errors import ExportError

_Writer = type[VideoClip] | type[GifClip] | type[PngFolder]
_WRITERS: dict[str, _Writer] = {
    ".mp4": VideoClip,
    ".webm": VideoClip,
    ".gif": GifClip,
    "": PngFolder,
}
_KINDS = "use a name ending in .mp4, .webm or .gif, or a new folder's name for PNG files"


def check_export(path: Path | str) -> None:
    """Raise ExportError, saying why, where a clip cannot be exported to `path`; changes nothing on disk."""
    path = Path(path)
    if not path.suffix and (not path.name or "." in path.name):
        raise ExportError(f"Cannot export to {path}: that names no clip and no folder: {_KINDS}.")
    if path.suffix.lower() not in _WRITERS:
        raise ExportError(f"Cannot export to {path}: unknown ending '{path.suffix}': {_KINDS}.")
    if path.is_dir() and (path.suffix or any(path.iterdir())):
        raise ExportError(
            f"Cannot export to {path}: a folder of that name is there already: give another name."
        )
    if not path.suffix and path.exists() and not path.is_dir():
        raise ExportError(f"Cannot export to {path}: a file of that name is there already: {_KINDS}.")
    if not path.parent.is_dir():
        raise ExportError(f"Cannot export to {path}: there is no folder {path.parent}: make it first.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ExportError(
            f"Cannot export to {path}: no right to write into {path.parent}: give another folder."
        )


def export_clip(
    frames: Iterable[np.ndarray],
    path: Path | str,
    fps: int,
    *,
    scale: int = 4,
    metadata: Mapping[str, str] | None = None,
    progress: Callable[[int], None] = lambda written: None,
    cancel: Callable[[], bool] = lambda: False,
) -> Path | None:
    """Write `frames`, uint8 [height, width, 3] each, to `path` and return it; None where `cancel` stopped it.

    The ending chooses: .mp4 (H.264 4:4:4), .webm (VP9 4:4:4), .gif, none for a folder of PNG files. Every
    pixel becomes `scale` x `scale` pixels. `metadata` goes into the file (a comment in a GIF, metadata.json
    in a folder). `progress` is told how many frames are written. All is written under a temporary name beside
    `path` and renamed at the end: whatever happens, no half-written clip is left and a file that was there
    stays until the new one is whole. Raises ExportError where it cannot be written or there is no frame.
    """
    path = Path(path)
    check_export(path)
    if scale < 1:
        raise ExportError(f"Cannot export at scale {scale}: it must be at least 1.")
    staged = path.with_name(f".{path.stem}-{uuid.uuid4().hex[:8]}{path.suffix.lower()}")
    try:
        kind = _WRITERS[path.suffix.lower()]
        if not _write(frames, kind, staged, fps, scale, metadata or {}, progress, cancel):
            return None
        if path.is_dir():
            path.rmdir()  # empty, as checked
        staged.replace(path)
        return path
    except (OSError, av.error.FFmpegError) as error:
        raise ExportError(f"Cannot export to {path}: {error.strerror or error}.") from error
    finally:
        _remove(staged)


def _write(
    frames: Iterable[np.ndarray],
    kind: _Writer,
    staged: Path,
    fps: int,
    scale: int,
    metadata: Mapping[str, str],
    progress: Callable[[int], None],
    cancel: Callable[[], bool],
) -> bool:
    """Whether the clip is whole; False where it was cancelled."""
    writer: ClipWriter | None = None
    finished = False
    count = 0
    try:
        for frame in frames:
            if cancel():
                return False
            large = np.ascontiguousarray(frame.repeat(scale, axis=0).repeat(scale, axis=1))
            if writer is None:
                size = (large.shape[0], large.shape[1])
                writer = kind(staged, fps, size, metadata)
            writer.write(large)
            count += 1
            progress(count)
        if writer is None:
            raise ExportError("Nothing to export: the clip has no frames.")
        if cancel():
            return False
        writer.close()
        finished = True
        return True
    finally:
        if writer is not None and not finished:
            writer.abandon()


def _remove(staged: Path) -> None:
    if staged.is_dir():
        shutil.rmtree(staged, ignore_errors=True)
    else:
        staged.unlink(missing_ok=True)
