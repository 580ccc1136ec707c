"""Recording: clips from a world's simulator into a captioned-clip dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genie.clips.atomic import replace_file
from genie.clips.metadata import FILE_NAME, ClipEntry, TimedCaption, parse_entry
from genie.clips.video import SUFFIX, write_video
from genie.core.errors import ClipError, SourceError, suggest
from genie.worlds import find
from genie.worlds.source import Source, SourceClip, load_source

CHUNK = 128
_FOLDER_SIZE = 1000
_WRITERS = 2
Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class RecordConfig:
    """What to record: `clips` clips of up to `frames` frames of `world` into `out`/`split`.

    `seed` decides everything; the same arguments give the same dataset.
    """

    world: str
    clips: int
    out: Path
    frames: int = 128
    split: str = "train"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.clips < 1:
            raise ValueError(f"clips must be at least 1, not {self.clips}")
        if self.frames < 2:
            raise ValueError(f"frames must be at least 2, not {self.frames}: a clip needs one action")


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
    folder.mkdir(parents=True, exist_ok=True)
    chunks = _Chunks(config, source, folder, spec.id)
    done = chunks.recorded()
    report(done, config.clips)
    while done < config.clips:
        for written in chunks.write(done):
            report(done + written, config.clips)
        done = min(done + CHUNK, config.clips)
    return folder


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

    def write(self, first: int) -> Iterator[int]:
        """Record the chunk that begins at clip `first`; yields how many of its clips are written."""
        config = self._config
        chunk_seed = int(np.random.SeedSequence([config.seed, first // CHUNK]).generate_state(1)[0])
        count = min(CHUNK, config.clips - first)
        clips = self._source.record(split=config.split, clips=count, frames=config.frames, seed=chunk_seed)
        entries: list[ClipEntry] = []
        waiting: list[Future[None]] = []
        with ThreadPoolExecutor(max_workers=_WRITERS) as pool:
            for number, clip in enumerate(clips, first):
                entries.append(self._entry(number, clip))
                waiting.append(pool.submit(self._write_files, entries[-1], clip))
                if len(waiting) > 4 * _WRITERS:
                    waiting.pop(0).result()
                yield len(entries)
            for future in waiting:
                future.result()
        whole = self._metadata.read_bytes() if self._metadata.exists() else b""
        replace_file(self._metadata, whole + "".join(entry.to_json() + "\n" for entry in entries).encode())

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
        video.parent.mkdir(exist_ok=True)
        write_video(video, clip.frames, fps=self._source.fps)
        names = [self._source.action_names[int(action)] for action in clip.actions]
        (self._folder / str(entry.actions)).write_text(
            "".join(name + "\n" for name in names), encoding="utf-8"
        )
