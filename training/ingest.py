"""Ingesting: people's own videos, of any kind, cut into a captioned-clip dataset."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from genie.clips.atomic import replace_file
from genie.clips.metadata import FILE_NAME, ClipEntry, read_entries
from genie.clips.video import SUFFIX, VideoReader, write_video
from genie.core.errors import ClipError
from training.guard import only_one
from training.ingested import IngestedVideos
from training.numbered import next_number, stem_of

VIDEO_SUFFIXES = frozenset(
    [
        ".avi",
        ".flv",
        ".gif",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".ogv",
        ".ts",
        ".webm",
        ".wmv",
    ]  # what FFmpeg reads, by name
)
Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class IngestConfig:
    """What to make of the videos in `folder` and its subfolders.

    They are cropped around the middle to the shape of `size` (height, width), scaled to it, resampled to
    `fps`, and cut into clips of `frames` frames; a rest shorter than `shortest` is left out. A clip's caption
    is the text beside its video (same name, .txt), else `caption`, else words of the file's name.
    """

    folder: Path
    out: Path
    size: tuple[int, int] = (64, 64)
    fps: int = 15
    frames: int = 128
    shortest: int = 16
    caption: str | None = None
    split: str = "train"

    def __post_init__(self) -> None:
        if not 2 <= self.shortest <= self.frames:
            raise ValueError(f"a clip has at least {self.shortest} frames, not {self.frames}")
        if self.fps < 1 or min(self.size) < 8:
            raise ValueError(
                f"fps must be at least 1 and both sides at least 8, not {self.fps} and {self.size}"
            )


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What came of it: the dataset's folder, how many clips it has, a line for each video left out."""

    folder: Path
    clips: int
    left_out: tuple[str, ...] = field(default=())


def ingest(config: IngestConfig, report: Report) -> Ingested:
    """Turn videos into clips under `out`/`split`; `report(done, total)` counts videos.

    A video that cannot be read is left out, with a line that says why. A video's clips count once all are
    written: killed and started again, it goes on with the next video. Raises ClipError where there
    are no videos, or `out` holds clips made with other settings, GenieError while another process ingests
    into it.
    """
    videos = _videos(config)
    folder = config.out / config.split
    with only_one(folder, "command", "give another --out"):
        return _ingest(videos, folder, config, report)


def _ingest(videos: list[Path], folder: Path, config: IngestConfig, report: Report) -> Ingested:
    metadata = folder / FILE_NAME
    entries = [entry for _, entry in read_entries(metadata)] if metadata.exists() else []
    settings = {"size": list(config.size), "fps": config.fps, "frames": config.frames}
    known = IngestedVideos(folder, settings, entries)
    left_out = []
    for done, video in enumerate(videos):
        report(done, len(videos))
        try:
            name = known.new_name(video, config.folder)
            if name is None:
                continue
            added = _cut(video, name, folder, next_number(entries), config)
        except ClipError as error:
            left_out.append(str(error))
            continue
        known.add(name, video)
        before = metadata.read_bytes().rstrip() + b"\n" if entries else b""
        replace_file(metadata, before + "".join(entry.to_json() + "\n" for entry in added).encode("utf-8"))
        entries += added
    report(len(videos), len(videos))
    if not entries:
        raise ClipError(f"None of the {len(videos)} videos in {config.folder} could be used: {left_out[0]}")
    return Ingested(folder=folder, clips=len(entries), left_out=tuple(left_out))


def _videos(config: IngestConfig) -> list[Path]:
    if not config.folder.is_dir():
        raise ClipError(f"{config.folder}: no such folder of videos")
    out = config.out.resolve()
    found = sorted(
        path
        for path in config.folder.rglob("*")
        if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file() and out not in path.resolve().parents
    )
    if not found:
        endings = ", ".join(sorted(VIDEO_SUFFIXES))
        raise ClipError(f"{config.folder}: no videos in it (looked for {endings})")
    return found


def _cut(video: Path, name: str, folder: Path, first: int, config: IngestConfig) -> list[ClipEntry]:
    """Write the clips of one video, numbered from `first`; all of them or none."""
    staged = folder / ".cutting"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    entries: list[ClipEntry] = []
    try:
        for frames in _clips(video, config):
            number = first + len(entries)
            write_video(staged / f"{number}{SUFFIX}", frames, fps=config.fps)
            entries.append(
                ClipEntry(
                    file_name=stem_of(number) + SUFFIX,
                    caption=_caption(video, config),
                    fps=config.fps,
                    frames=len(frames),
                    attributes={"start": len(entries) * config.frames / config.fps},
                    source=name,
                    split=config.split,
                )
            )
        if not entries:
            raise ClipError(f"{video}: shorter than {config.shortest} frames at {config.fps} a second")
        for number, entry in enumerate(entries, first):
            target = folder / entry.file_name
            target.parent.mkdir(exist_ok=True)
            (staged / f"{number}{SUFFIX}").replace(target)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return entries


def _clips(video: Path, config: IngestConfig) -> Iterator[np.ndarray]:
    frames: list[np.ndarray] = []
    for frame in _resampled(video, config):
        frames.append(frame)
        if len(frames) == config.frames:
            yield np.stack(frames)
            frames = []
    if len(frames) >= config.shortest:
        yield np.stack(frames)


def _resampled(video: Path, config: IngestConfig) -> Iterator[np.ndarray]:
    """What is on the screen at the times 0, 1/fps, 2/fps ...; the last frame is shown for one tick."""
    shown: np.ndarray | None = None
    tick = 0
    scaler = VideoReformatter()
    for time, frame in VideoReader(video).timed():
        # a small slack, so that times rounded by the container do not drop or double frames at equal rates
        while shown is not None and tick / config.fps < time - 0.002:
            yield shown
            tick += 1
        shown = _fitted(frame, config.size, scaler)
    if shown is not None:
        yield shown


def _fitted(frame: np.ndarray, size: tuple[int, int], scaler: VideoReformatter) -> np.ndarray:
    """The middle of the frame in the shape of `size`, scaled to it."""
    height, width = frame.shape[:2]
    scale = max(size[0] / height, size[1] / width)
    inner = min(height, round(size[0] / scale)), min(width, round(size[1] / scale))
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    cropped = np.ascontiguousarray(frame[top : top + inner[0], left : left + inner[1]])
    if cropped.shape[:2] == size:
        return cropped
    picture = av.VideoFrame.from_ndarray(cropped, format="rgb24")
    way = "AREA" if scale < 1 else "BICUBIC"
    return scaler.reformat(picture, width=size[1], height=size[0], interpolation=way).to_ndarray()


def _caption(video: Path, config: IngestConfig) -> str:
    beside = video.with_suffix(".txt")
    if beside.is_file():
        try:
            text = " ".join(beside.read_text(encoding="utf-8").split())
        except UnicodeDecodeError:
            raise ClipError(f"{beside}: a caption must be UTF-8 text") from None
        if text:
            return text
    return config.caption or " ".join(video.stem.replace("_", " ").replace("-", " ").split())
