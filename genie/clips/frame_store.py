"""Every frame of a dataset decoded once into one memory-mapped file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genie.clips.changes import changes_of
from genie.clips.clip_folder import Clip, ClipFolder
from genie.core.errors import ClipError

_VERSION = 1
_CACHE = ".frames"
ABANDONED = 600.0
"""Seconds after which a store that nobody goes on building is nobody's."""
UNKNOWN = -1
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class FrameStore:
    """The frames of all clips of a split, one clip after another, ready to be cut into windows.

    frames uint8 [N, height, width, 3], memory-mapped; clip i is frames[starts[i]:starts[i + 1]];
    actions int16 [N]: the index into `action_names` that leads from frame t to t + 1 of the same clip, -1
    where unknown and at each clip's last frame; caption_of int32 [N] indexes `captions`, a text true at that
    frame (the timed caption where there is one, else the clip's); clip_captions holds each clip's own caption
    and attributes its plain facts, one a clip, true of its first frame. home: the folder that it lies in,
    where what is found out about its frames may be kept too; None for one that lies nowhere.
    """

    frames: np.ndarray
    starts: np.ndarray
    actions: np.ndarray
    captions: list[str]
    caption_of: np.ndarray
    clip_captions: list[str]
    attributes: list[dict]
    action_names: tuple[str, ...]
    fps: float
    hash: str
    home: Path | None = None

    def changed(self) -> np.ndarray:
        """The frames, int64, sorted, at which a clip begins to look other than before (see `changes`)."""
        rows = [
            int(self.starts[clip]) + frame
            for clip, attributes in enumerate(self.attributes)
            for frame, _ in changes_of(attributes)
        ]
        return np.array(sorted(rows), np.int64)

    @classmethod
    def open(
        cls, folder: Path | str, split: str, cache: Path | None = None, progress: Progress | None = None
    ) -> FrameStore:
        """Map the store of `folder`'s `split`, building it first where it is missing or the dataset changed.

        It lies in `cache`, or in a hidden folder within the dataset. `progress(done, total)` counts clips
        while it is built. Raises ClipError that names the broken file or line.
        """
        folder = Path(folder)
        clips = ClipFolder(folder).clips(split)
        if not clips:
            raise ClipError(f"{folder}: no clips of the split {split!r}")
        digest = digest_of(clips)
        # a shared cache serves many datasets, and each may clear away only what was its own
        owner = "" if cache is None else hashlib.sha256(bytes(folder.resolve())).hexdigest()[:8] + "-"
        home = (cache or folder / _CACHE) / f"{owner}{split}-{digest[:16]}"
        if not (home / "index.json").is_file():
            try:
                _build(home, clips, progress or (lambda done, total: None))
            except OSError as error:
                why = error.strerror or "the disk is full"  # numpy does not say
                raise ClipError(
                    f"{home}: cannot keep decoded frames there ({why}): make room, or give another --cache"
                ) from error
        return _load(home, digest)


def digest_of(clips: list[Clip]) -> str:
    """What a dataset is known by: it changes whenever a line, an action or a video's size does.

    8,000 clips take about a second.
    """
    digest = hashlib.sha256(str(_VERSION).encode())
    for clip in clips:
        digest.update(clip.entry.to_json().encode())
        digest.update(str(clip.video.stat().st_size).encode())
        if clip.entry.actions is not None:
            digest.update((clip.folder / clip.entry.actions).read_bytes())
    return digest.hexdigest()


def _build(home: Path, clips: list[Clip], progress: Progress) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    for torn in home.parent.glob(home.name.rsplit("-", 1)[0] + "-" + "?" * 16 + ".tmp-*"):
        if _is_abandoned(torn):
            shutil.rmtree(torn, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=home.name + ".tmp-", dir=home.parent))
    try:
        _decode(work, clips, progress)
        _write_index(work, clips)
        for stale in home.parent.glob(home.name.rsplit("-", 1)[0] + "-" + "?" * 16):
            if stale != home:
                shutil.rmtree(stale)
        try:
            work.replace(home)
        except OSError:
            if not (home / "index.json").is_file():
                raise
            shutil.rmtree(work)  # somebody else built the same one meanwhile
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _is_abandoned(work: Path) -> bool:
    """Whether nothing has been written to a store being built for a while: who built it was killed."""
    try:
        return time.time() - max(path.stat().st_mtime for path in (work, *work.iterdir())) > ABANDONED
    except FileNotFoundError:
        return False  # it is whole by now


def _decode(work: Path, clips: list[Clip], progress: Progress) -> None:
    """Write frames.bin and lengths.npy; a thread a core decodes ahead, the file is written in order."""
    lengths: list[int] = []
    shape: tuple[int, ...] | None = None
    threads = os.cpu_count() or 1
    ahead = 4 * threads
    with (work / "frames.bin").open("wb") as out, ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(clip.read_frames) for clip in clips[:ahead]]
        for done in range(len(clips)):
            frames = waiting.pop(0).result()
            if done + ahead < len(clips):
                waiting.append(pool.submit(clips[done + ahead].read_frames))
            shape = shape or frames.shape[1:]
            if frames.shape[1:] != shape:
                size = "x".join(map(str, frames.shape[1:3]))
                raise ClipError(f"{clips[done].video}: {size} frames in a dataset of {shape[0]}x{shape[1]}")
            frames.tofile(out)
            lengths.append(len(frames))
            progress(done + 1, len(clips))
    np.savez(work / "shape.npz", lengths=np.array(lengths, np.int64), shape=np.array(shape, np.int64))


def _write_index(work: Path, clips: list[Clip]) -> None:
    lengths = np.load(work / "shape.npz")["lengths"]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    names = _action_names(clips)
    number = {name: i for i, name in enumerate(names)}
    actions = np.full(starts[-1], UNKNOWN, np.int16)
    captions: dict[str, int] = {}
    caption_of = np.empty(starts[-1], np.int32)
    for i, clip in enumerate(clips):
        first, last = int(starts[i]), int(starts[i + 1])
        taken = clip.read_actions()
        if taken is not None:
            if len(taken) != last - first - 1:
                raise ClipError(
                    f"{clip.video}: {last - first} frames but {len(taken)} actions: one fewer is needed"
                )
            actions[first : last - 1] = [number[name] for name in taken]
        caption_of[first:last] = captions.setdefault(clip.entry.caption, len(captions))
        for timed in clip.entry.captions:
            if timed.end > last - first:
                raise ClipError(f"{clip.video}: {last - first} frames, but a caption is timed to {timed.end}")
            caption_of[first + timed.start : first + timed.end] = captions.setdefault(
                timed.text, len(captions)
            )
    np.savez(work / "index.npz", starts=starts, actions=actions, caption_of=caption_of)
    fps = clips[0].entry.fps
    if other := next((clip for clip in clips if clip.entry.fps != fps), None):
        raise ClipError(f"{other.video}: {other.entry.fps:g} frames a second, and other clips have {fps:g}")
    index = {
        "captions": list(captions),
        "clip_captions": [clip.entry.caption for clip in clips],
        "attributes": [dict(clip.entry.attributes) for clip in clips],
        "action_names": names,
        "fps": fps,
    }
    (work / "index.json").write_text(json.dumps(index), encoding="utf-8")


def _action_names(clips: list[Clip]) -> list[str]:
    """The order that the metadata gives; names that it does not list follow in alphabetical order."""
    names: dict[str, None] = {}
    loose: set[str] = set()
    for clip in clips:
        names.update(dict.fromkeys(clip.entry.action_names))
        if clip.entry.actions is not None and not clip.entry.action_names:
            loose.update(clip.read_actions() or ())
    names.update(dict.fromkeys(sorted(loose)))
    return list(names)


def _load(home: Path, digest: str) -> FrameStore:
    shape = tuple(int(side) for side in np.load(home / "shape.npz")["shape"])
    arrays = np.load(home / "index.npz")
    index = json.loads((home / "index.json").read_text(encoding="utf-8"))
    count = int(arrays["starts"][-1])
    return FrameStore(
        frames=np.memmap(home / "frames.bin", np.uint8, "r", shape=(count, *shape)),
        starts=arrays["starts"],
        actions=arrays["actions"],
        captions=index["captions"],
        caption_of=arrays["caption_of"],
        clip_captions=index["clip_captions"],
        attributes=index["attributes"],
        action_names=tuple(index["action_names"]),
        fps=index["fps"],
        hash=digest,
        home=home,
    )
