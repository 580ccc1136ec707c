"""Recording: clips from a world's simulator into a captioned-clip dataset."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from genie.clips.atomic import replace_file
from genie.clips.metadata import FILE_NAME, ClipEntry, TimedCaption, parse_entry, read_entries
from genie.clips.video import SUFFIX, write_video
from genie.core.errors import ClipError, SourceError, suggest
from genie.worlds import find
from genie.worlds.source import Source, SourceClip, load_source
from training.guard import only_one
from training.numbered import next_number, stem_of
from training.workers import cores, workers

CHUNK = 128
_WRITERS = 2
Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class RecordConfig:
    """What to record: `clips` clips of up to `frames` frames of `world` into `out`/`split`.

    `seed` decides everything; the same arguments give the same dataset, however many `processes` make it
    (None: one a core). Asking for more later, in the same steps, does so, too; in other steps it gives other
    clips. After so many `seconds`, where given, no chunk of clips is begun any more.
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

    Work goes by chunks of 128 clips, each a function of seed and first clip, and a chunk's metadata is added
    only when its videos are written: killed and started again, recording goes on after the last whole chunk
    and ends with the same files. Asked for more, it leaves what is there as it is, and clips whose lines were
    taken out are not made again, but for the last ones. `report(done, total)` counts clips. Raises
    SourceError where the simulator or the split is missing, ClipError where the folder holds another
    recording, GenieError while another process records into it.
    """
    spec = find(config.world)
    source = load_source(spec)
    if config.split not in source.splits:
        known = ", ".join(source.splits)
        raise SourceError(
            f"{spec.id} has no split {config.split!r} (it has {known}).{suggest(config.split, source.splits)}"
        )
    folder = config.out / config.split
    with only_one(folder, "command", "give another --out"):
        _record(config, source, folder, spec.id, report)
    return folder


def _record(config: RecordConfig, source: Source, folder: Path, world: str, report: Report) -> None:
    chunks = _Chunks(config, source, folder, world)
    done = chunks.recorded()
    report(min(done, config.clips), config.clips)
    firsts = _firsts(done, config.clips)
    processes = min(len(firsts), config.processes or cores())
    if processes > 1:
        _share_out(chunks, config, firsts, processes, report)
        return
    begun = time.monotonic()
    for first in firsts:
        if first > done and _over(config, begun):
            break
        count = _length(first, config.clips)
        chunks.keep(chunks.write(first, count, lambda done: report(done, config.clips)))


def _firsts(done: int, clips: int) -> list[int]:
    """Where the chunks begin that are still to be recorded: at `done`, then at each multiple of CHUNK."""
    following = (done // CHUNK + 1) * CHUNK
    return [done, *range(following, clips, CHUNK)] if done < clips else []


def _length(first: int, clips: int) -> int:
    """How many clips the chunk has that begins at `first`."""
    return min(CHUNK - first % CHUNK, clips - first)


def _share_out(
    chunks: _Chunks, config: RecordConfig, firsts: list[int], processes: int, report: Report
) -> None:
    """Have the chunks written by several processes, and kept in order."""
    begun = time.monotonic()
    with workers(processes) as pool:
        waiting = [pool.submit(_write_chunk, config, n, _length(n, config.clips)) for n in firsts]
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
        """The number of the next clip; what a kill tore off at the end of the metadata is dropped."""
        entries = self._entries()
        for where, entry in entries:
            if (entry.source, entry.seed) != (self._world, self._config.seed):
                raise ClipError(
                    f"{where}: holds a clip of {entry.source} with seed {entry.seed}, not of "
                    f"{self._world} with seed {self._config.seed}: give another folder"
                )
        if len(entries) > self._config.clips:
            raise ClipError(
                f"{self._folder} holds {len(entries)} clips already, more than the {self._config.clips} "
                "asked for: ask for more, or give another folder"
            )
        return next_number(entry for _, entry in entries)

    def _entries(self) -> list[tuple[str, ClipEntry]]:
        if not self._metadata.exists():
            return []
        raw = self._metadata.read_bytes()
        whole, last = raw[: raw.rfind(b"\n") + 1], raw[raw.rfind(b"\n") + 1 :]
        if last:
            try:
                parse_entry(last.decode("utf-8"), "")
                whole = raw + b"\n"  # only its end is missing
            except (ClipError, UnicodeDecodeError):
                pass
            replace_file(self._metadata, whole)
        return read_entries(self._metadata)

    def write(self, first: int, count: int, wrote: Callable[[int], None]) -> list[str]:
        """Record the chunk of clips that begins at `first`; returns their lines of metadata.

        `wrote` is told the number of each next clip.
        """
        config = self._config
        place = [first // CHUNK, *([first % CHUNK] if first % CHUNK else [])]  # more was asked for after it
        chunk_seed = int(np.random.SeedSequence([config.seed, *place]).generate_state(1)[0])
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
        stem = stem_of(number)
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
