"""Recording: clips from a world's simulator into a captioned-clip dataset."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from genie.clips.atomic import replace_file
from genie.clips.metadata import FILE_NAME, ClipEntry, TimedCaption, parse_entry
from genie.clips.video import SUFFIX, write_video
from genie.core.errors import ClipError, SourceError, suggest
from genie.worlds import find
from genie.worlds.source import Source, SourceClip, load_source
from training.workers import cores, workers

CHUNK = 128
_FOLDER_SIZE = 1000
_WRITERS = 2
Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class RecordConfig:
    """What to record: `clips` clips of up to `frames` frames of `world` into `out`/`split`.

    `seed` decides everything; the same arguments give the same dataset, however many `processes` make it
    (None: one a core). After so many `seconds`, where given, no chunk of clips is begun any more.
    """

    world: str
    clips: int
    out: Path
    frames: int = 128
    split: str = "train"
    seed: int = 0
    processes: int | None = 1
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.clips < 1:
            raise ValueError(f"clips must be at least 1, not {self.clips}")
        if self.frames < 2:
            raise ValueError(f"frames must be at least 2, not {self.frames}: a clip needs one action")
        if self.processes is not None and self.processes < 1:
            raise ValueError(f"processes must be at least 1, not {self.processes}")


def record(config: RecordConfig, report: Report) -> Path:
    """Record, and return the folder that holds the split's metadata.jsonl.

    Work goes by chunks of 128 clips, each a function of seed and chunk number, and a chunk's metadata is
    added only when its videos are written: killed and started again, recording goes on after the last whole
    chunk and ends with the same files. `report(done, total)` counts clips. Raises SourceError where the
    simulator or the split is missing, ClipError where the folder holds another recording.
    """
    spec = find(config.world)
    source = load_source(spec)
    if config.split not in source.splits:
        known = ", ".join(source.splits)
        raise SourceError(
            f"{spec.id} has no split {config.split!r} (it has {known}).{suggest(config.split, source.splits)}"
        )
    folder = config.out / config.split
    with _made(config.out), _made(folder):
        _record(config, source, folder, spec.id, report)
    return folder


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """The folder is there, and if it was not before and nothing came into it, it is gone in the end."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()


def _record(config: RecordConfig, source: Source, folder: Path, world: str, report: Report) -> None:
    chunks = _Chunks(config, source, folder, world)
    done = chunks.recorded()
    report(done, config.clips)
    firsts = range(done, config.clips, CHUNK)
    processes = min(len(firsts), config.processes or cores())
    if processes > 1:
        _share_out(chunks, config, firsts, processes, report)
        return
    begun = time.monotonic()
    for first in firsts:
        if first > done and _over(config, begun):
            break
        count = min(CHUNK, config.clips - first)
        chunks.keep(chunks.write(first, count, lambda done: report(done, config.clips)))


def _share_out(chunks: _Chunks, config: RecordConfig, firsts: range, processes: int, report: Report) -> None:
    """Have the chunks written by several processes, and kept in order."""
    begun = time.monotonic()
    with workers(processes) as pool:
        waiting = [pool.submit(_write_chunk, config, n, min(CHUNK, config.clips - n)) for n in firsts]
        for first, chunk in zip(firsts, waiting, strict=True):
            if chunk.cancelled():
                break
            entries = chunk.result()
            chunks.keep(entries)
            report(first + len(entries), config.clips)
            if _over(config, begun):
                for later in reversed(waiting):  # they are begun in order: those that are not, come last
                    later.cancel()


def _over(config: RecordConfig, begun: float) -> bool:
    return config.seconds is not None and time.monotonic() - begun > config.seconds


def _write_chunk(config: RecordConfig, first: int, count: int) -> list[str]:
    """What a process of its own does: the files of one chunk; returns its lines of metadata."""
    world, source = _source(config.world)
    chunks = _Chunks(config, source, config.out / config.split, world)
    return chunks.write(first, count, lambda done: None)


@lru_cache(maxsize=1)
def _source(world: str) -> tuple[str, Source]:
    spec = find(world)
    return spec.id, load_source(spec)


class _Chunks:
    def __init__(self, config: RecordConfig, source: Source, folder: Path, world: str) -> None:
        self._config, self._source, self._folder, self._world = config, source, folder, world
        self._metadata = folder / FILE_NAME

    def recorded(self) -> int:
        """How many clips are there already: whole chunks, or all; lines of a torn chunk are dropped."""
        if not self._metadata.exists():
            return 0
        raw = self._metadata.read_bytes()
        lines = raw[: raw.rfind(b"\n") + 1].splitlines(keepends=True)
        count = len(lines)
        if count > self._config.clips:
            raise ClipError(
                f"{self._folder} holds {count} clips already, more than the {self._config.clips} asked for: "
                "ask for more, or give another folder"
            )
        for n, line in ((0, lines[0]), (count - 1, lines[-1])) if lines else ():
            entry = parse_entry(line.decode("utf-8"), f"{self._metadata}:{n + 1}")
            if (entry.source, entry.seed) != (self._world, self._config.seed):
                raise ClipError(
                    f"{self._folder} holds clips of {entry.source} with seed {entry.seed}, not of "
                    f"{self._world} with seed {self._config.seed}: give another folder"
                )
        if count < self._config.clips:
            count -= count % CHUNK
            replace_file(self._metadata, b"".join(lines[:count]))
        return count

    def write(self, first: int, count: int, wrote: Callable[[int], None]) -> list[str]:
        """Record the chunk of clips that begins at `first`; returns their lines of metadata.

        `wrote` is told the number of each next clip.
        """
        config = self._config
        chunk_seed = int(np.random.SeedSequence([config.seed, first // CHUNK]).generate_state(1)[0])
        clips = self._source.record(split=config.split, clips=count, frames=config.frames, seed=chunk_seed)
        lines: list[str] = []
        waiting: list[Future[None]] = []
        with ThreadPoolExecutor(max_workers=_WRITERS) as pool:
            for number, clip in enumerate(clips, first):
                entry = self._entry(number, clip)
                lines.append(entry.to_json() + "\n")
                waiting.append(pool.submit(self._write_files, entry, clip))
                if len(waiting) > 4 * _WRITERS:
                    waiting.pop(0).result()
                wrote(number + 1)
            for future in waiting:
                future.result()
        return lines

    def keep(self, lines: list[str]) -> None:
        """Add a chunk's lines, its files being written, to the metadata."""
        whole = self._metadata.read_bytes() if self._metadata.exists() else b""
        replace_file(self._metadata, whole + "".join(lines).encode())

    def _entry(self, number: int, clip: SourceClip) -> ClipEntry:
        stem = f"{number // _FOLDER_SIZE:03d}/{number:06d}"
        return ClipEntry(
            file_name=stem + SUFFIX,
            caption=clip.caption,
            fps=self._source.fps,
            frames=len(clip.frames),
            actions=f"{stem}.actions.txt",
            action_names=tuple(self._source.action_names),
            captions=tuple(
                TimedCaption(start=start, end=end, text=text) for start, end, text in clip.captions
            ),
            attributes={**clip.attributes, "level": clip.level, "policy": clip.policy},
            source=self._world,
            seed=self._config.seed,
            split=self._config.split,
        )

    def _write_files(self, entry: ClipEntry, clip: SourceClip) -> None:
        video = self._folder / entry.file_name
        video.parent.mkdir(parents=True, exist_ok=True)
        write_video(video, clip.frames, fps=self._source.fps)
        names = [self._source.action_names[int(action)] for action in clip.actions]
        (self._folder / str(entry.actions)).write_text(
            "".join(name + "\n" for name in names), encoding="utf-8"
        )
