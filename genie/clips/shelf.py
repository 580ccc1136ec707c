"""The sessions in a folder, told apart at a glance: what was played, for how long, and its last frame."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genie.clips.atomic import replace_file
from genie.clips.png import png_bytes
from genie.clips.session_log import HEADER, LOG, SUFFIX, read_header, read_session
from genie.clips.session_writer import lock
from genie.core.errors import ClipError

CARD, THUMBNAIL = "card.json", "last.png"


@dataclass(frozen=True, kw_only=True)
class SessionCard:
    """One session in a list.

    `frames` counts those of the line it was left on, `branches` all lines of play; `saved` is when it was
    last played, in seconds since 1970; `thumbnail` its last frame as a PNG, if there is one. Where `damage`
    is not empty, it says why the session cannot be opened, and the rest may be blank.
    """

    path: Path
    saved: float
    world: str = ""
    bundle_hash: str = ""
    seed: int = 0
    prompt: str = ""
    fps: int = 15
    frames: int = 0
    branches: int = 1
    thumbnail: Path | None = None
    damage: str = ""

    @property
    def seconds(self) -> float:
        """How long the line it was left on plays."""
        return self.frames / self.fps


def list_sessions(folder: Path | str, world: str | None = None) -> list[SessionCard]:
    """Return the sessions in `folder`, the latest first: all, or those of one world and the damaged ones.

    A folder that is not there has none. Never fails for what a session holds.
    """
    try:
        found = [path for path in Path(folder).iterdir() if path.suffix == SUFFIX and path.is_dir()]
    except OSError:
        return []
    cards = [read_card(path) for path in found]
    chosen = [card for card in cards if world is None or card.damage or card.world == world]
    return sorted(chosen, key=lambda card: card.saved, reverse=True)


def read_card(path: Path) -> SessionCard:
    """Return what is known of a session, from its summary where that is up to date, else from all of it.

    It is then summed up anew, unless it is just being played.
    """
    saved = _modified(path)
    try:
        header = read_header(path)
        summary = _summary(path) or _summarise(path)
    except (ClipError, OSError) as error:
        return SessionCard(path=path, saved=saved, damage=str(error))
    thumbnail = path / THUMBNAIL
    return SessionCard(
        path=path,
        saved=saved,
        world=header.world,
        bundle_hash=header.bundle_hash,
        seed=header.seed,
        fps=header.fps,
        prompt=summary["prompt"],
        frames=summary["frames"],
        branches=summary["branches"],
        thumbnail=thumbnail if thumbnail.is_file() else None,
    )


def write_card(
    path: Path, *, frames: int, branches: int, prompt: str, log_bytes: int, last: np.ndarray | None
) -> None:
    """Sum a session up beside its log of `log_bytes`; `last` is its last frame, uint8 [height, width, 3]."""
    if last is not None:
        replace_file(path / THUMBNAIL, png_bytes(last), durable=False)
    summary = {"frames": frames, "branches": branches, "prompt": prompt, "log_bytes": log_bytes}
    replace_file(path / CARD, json.dumps(summary, ensure_ascii=False).encode("utf-8"), durable=False)


def remove_session(path: Path) -> None:
    """Delete a session. Raises ClipError where that fails, or for a folder that is none."""
    if path.suffix != SUFFIX or not ((path / HEADER).exists() or (path / LOG).exists()):
        raise ClipError(f"{path} is not a session: nothing was deleted.")
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise ClipError(f"Cannot delete {path}: {error.strerror}.") from None


def _summary(path: Path) -> dict[str, Any] | None:
    """Return the summary on disk if it is sound and as new as the log."""
    try:
        summary = json.loads((path / CARD).read_bytes()[: 1 << 16])
        current = summary["log_bytes"] == (path / LOG).stat().st_size
        kinds = (type(summary["frames"]), type(summary["branches"]), type(summary["prompt"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return summary if current and kinds == (int, int, str) else None


def _summarise(path: Path) -> dict[str, Any]:
    log_bytes = (path / LOG).stat().st_size if (path / LOG).exists() else 0
    record = read_session(path)
    line = record.tree.line()
    prompt = line.prompts[-1][1] if line.prompts else record.header.prompt
    summary: dict[str, Any] = {
        "frames": len(line) + 1,
        "branches": len(record.tree.living),
        "prompt": prompt,
    }
    with contextlib.suppress(OSError), (path / LOG).open("rb") as log:
        lock(log)
        write_card(path, **summary, log_bytes=log_bytes, last=None)
    return summary


def _modified(path: Path) -> float:
    for file in (path / LOG, path):
        try:
            return file.stat().st_mtime
        except OSError:
            continue
    return 0.0
