"""Played sessions as clips to train on: rendered once, cut, with every action and timed prompt."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import genie
from genie.clips.atomic import replace_folder, restore_folder
from genie.clips.metadata import FILE_NAME, ClipEntry, TimedCaption
from genie.clips.session_log import SUFFIX, SessionRecord, read_session
from genie.clips.video import SUFFIX as VIDEO_SUFFIX
from genie.clips.video import write_video
from genie.core.errors import ClipError, GenieError
from genie.core.line import Line
from genie.worlds.spec import WorldSpec
from training.guard import only_one
from training.progress import Counter

if TYPE_CHECKING:
    from genie.runtime.world import World

RENDERED = ".clips"
"""Where the clips of a folder of sessions lie that is itself given as a dataset."""
_MADE_OF = "made-of.json"
Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class SessionsConfig:
    """What to make of the sessions in `folder` and its subfolders.

    Those played in `world` (an id or a bundle's folder; None: the one that all were played in) are rendered
    by its bundle and cut into clips of `frames` frames; a rest shorter than `shortest` is left out. The
    caption of a frame is the prompt in force at it, which asks for what follows.
    """

    folder: Path
    out: Path
    world: str | Path | None = None
    frames: int = 128
    shortest: int = 16
    split: str = "train"

    def __post_init__(self) -> None:
        if not 2 <= self.shortest <= self.frames:
            raise ValueError(f"a clip of a session has at least {self.shortest} frames, not {self.frames}")


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What came of it: the dataset's folder, which sub-folders are made of the sessions, and a line for each
    session left out."""

    folder: Path
    sessions: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def session_folders(folder: Path) -> list[Path]:
    """Return the session files in `folder` and its subfolders, or `folder` itself if it is one."""
    if folder.suffix == SUFFIX:
        return [folder]
    return sorted(path for path in folder.rglob(f"*{SUFFIX}") if path.is_dir())


def holds_sessions(data: Path) -> bool:
    """Whether a folder holds sessions, and no clips beside them."""
    holds_clips = (data / FILE_NAME).is_file() or any(data.glob(f"*/{FILE_NAME}"))
    return not holds_clips and bool(session_folders(data))


def as_dataset(data: Path, world: str | Path, report: Report, complain: Callable[[str], None]) -> Path:
    """Return `data`, or, where it is a folder of sessions, the clips rendered of those played in `world`.

    They lie in a hidden folder within, of that world alone; only what changed since is rendered again, and
    clips of sessions that are gone go too. `complain` gets a line for each session that cannot be used.
    Raises ClipError where none can.
    """
    if not holds_sessions(data):
        return data
    out = data / RENDERED / Path(world).name
    with only_one(out, wait=True):
        rendered = _render(SessionsConfig(folder=data, out=out, world=world), report)
        for folder in out.iterdir():
            if (folder / _MADE_OF).is_file() and folder.name not in rendered.sessions:
                shutil.rmtree(folder)
    for line in rendered.left_out:
        complain(line)
    return out


def dataset_of(data: Path, world: WorldSpec) -> Path:
    """`as_dataset` for a terminal: with a progress bar, and complaints on standard error."""
    with Counter("render sessions") as counter:
        return as_dataset(data, world.path, counter, lambda line: print(f"left out: {line}", file=sys.stderr))


def render_sessions(config: SessionsConfig, report: Report) -> Rendered:
    """Make a clip folder of each session, within `out`; `report(done, total)` counts sessions.

    A session that cannot be read, or that another bundle made, is left out with a line that says why. One
    that was rendered before and has not changed is not rendered again. It waits while another process renders
    into `out`. Raises ClipError where no session can be used.
    """
    with only_one(config.out, wait=True):
        return _render(config, report)


def _render(config: SessionsConfig, report: Report) -> Rendered:
    records, left_out = _read(config.folder)
    world = genie.load(config.world or _only_world(records, config.folder))
    of_world = [(path, record) for path, record in records if record.header.world == world.id]
    if not of_world:
        raise ClipError(f"{config.folder}: no session of '{world.id}' in it")
    made = []
    names = _names([path for path, _ in of_world], config.folder)
    for done, ((path, record), name) in enumerate(zip(of_world, names, strict=True)):
        report(done, len(of_world))
        try:
            _make_clips(world, path, record, config.out / name, config)
            made.append(name)
        except GenieError as error:
            left_out.append(f"{path}: {error}")
    report(len(of_world), len(of_world))
    if not made:
        raise ClipError(f"No session in {config.folder} could be used: {left_out[0]}")
    return Rendered(folder=config.out, sessions=tuple(made), left_out=tuple(left_out))


def _names(paths: Sequence[Path], folder: Path) -> list[str]:
    """What the clips' folder of each session is called: its path in `folder`, no two alike."""
    names: list[str] = []
    for path in paths:
        name = "-".join(path.relative_to(folder).with_suffix("").parts) if path != folder else path.stem
        while name in names:
            name += "-2"
        names.append(name)
    return names


def _read(folder: Path) -> tuple[list[tuple[Path, SessionRecord]], list[str]]:
    records, left_out = [], []
    for path in session_folders(folder):
        try:
            records.append((path, read_session(path)))
        except ClipError as error:
            left_out.append(str(error))
    if not records:
        raise ClipError(left_out[0] if left_out else f"{folder}: no sessions in it")
    return records, left_out


def _only_world(records: list[tuple[Path, SessionRecord]], folder: Path) -> str:
    worlds = sorted({record.header.world for _, record in records})
    if len(worlds) > 1:
        raise ClipError(f"{folder} holds sessions of {', '.join(worlds)}: say with --world which are meant")
    return worlds[0]


def _make_clips(world: World, path: Path, record: SessionRecord, out: Path, config: SessionsConfig) -> None:
    """Put the clips of one session into the folder `out`, all of them or none."""
    restore_folder(out)  # where a kill took it away
    made_of = {"session": str(path.resolve()), "version": _version(path, config)}
    if _made_of(out) == made_of:
        return
    if record.header.bundle_hash != world.manifest.digest:
        raise ClipError(
            f"played with another bundle of '{world.id}', which alone makes its frames again: give that "
            "bundle's folder as --world"
        )
    staged = out.with_name(f".{out.name}.part")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        entries = list(_cut(world, path, record, staged, config))
        if not entries:
            raise ClipError(f"too short: a clip has at least {config.shortest} frames")
        (staged / FILE_NAME).write_text("".join(e.to_json() + "\n" for e in entries), encoding="utf-8")
        (staged / _MADE_OF).write_text(json.dumps(made_of), encoding="utf-8")
        replace_folder(staged, out)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _made_of(out: Path) -> dict[str, str] | None:
    """Return what the clips in `out` were made of. Raises ClipError where they are not of a session."""
    if not out.exists():
        return None
    try:
        made_of: dict[str, str] = json.loads((out / _MADE_OF).read_text(encoding="utf-8"))
        return made_of
    except (OSError, ValueError):
        raise ClipError(
            f"{out} is there already and holds no rendered session: move it away, or give another --out"
        ) from None


def _version(path: Path, config: SessionsConfig) -> str:
    """Changes whenever the clips would; which bundle makes the frames, the session itself says."""
    digest = hashlib.sha256(f"{config.frames} {config.split}".encode())
    for file in sorted(file for file in path.iterdir() if file.is_file()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _cut(
    world: World, path: Path, record: SessionRecord, folder: Path, config: SessionsConfig
) -> Iterator[ClipEntry]:
    """Write the clips of every branch of a session into `folder`, and yield the entry of each.

    What a branch shares with its parent is written once. Of a branch that the player removed only that part
    is written which other branches go on from. A picture that the player put in place of a frame begins a new
    clip, because no action led to it.
    """
    names, number = world.actions.names, 0
    for branch, part in enumerate(record.tree.branches):
        reach = record.tree.reach(branch)
        if branch in record.tree.removed and reach == part.fork:
            continue
        line = record.tree.line(branch, reach)
        # What is asked for at a frame is there at the next one.
        prompts = {0: record.header.prompt, **{at + 1: prompt for at, prompt in line.prompts}}
        frames = _frames(world, record, line, part.fork)
        given = sorted(at for at in part.given if at <= reach)
        for first, last in _spans(part.fork, len(line) + 1, given, config.frames):
            clip = np.stack([next(frames) for _ in range(first, last)])
            if last - first < config.shortest:
                continue
            stem = f"{number:06d}"
            number += 1
            write_video(folder / f"{stem}{VIDEO_SUFFIX}", clip, fps=world.fps)
            taken = "".join(f"{names[action]}\n" for action in line.actions[first : last - 1])
            (folder / f"{stem}.actions.txt").write_text(taken, encoding="utf-8")
            captions = _captions(prompts, first, last)
            yield ClipEntry(
                file_name=f"{stem}{VIDEO_SUFFIX}",
                caption=captions[0].text,
                fps=world.fps,
                frames=last - first,
                actions=f"{stem}.actions.txt",
                action_names=names,
                captions=captions if len(captions) > 1 else (),
                attributes={"session": path.name, "branch": branch, "first_frame": first},
                source=world.id,
                seed=record.header.seed,
                split=config.split,
            )


def _spans(first: int, end: int, given: list[int], most: int) -> Iterator[tuple[int, int]]:
    """Yield the spans [first, last) of at most `most` frames that frames first..end - 1 are cut into."""
    begins = sorted({first, *given})
    for begin, stop in zip(begins, [*begins[1:], end], strict=True):
        for start in range(begin, stop, most):
            yield start, min(start + most, stop)


def _frames(world: World, record: SessionRecord, line: Line, first: int) -> Iterator[np.ndarray]:
    """Yield the frames of a line from `first` on: from their tokens where those are kept, else made again."""
    from genie.runtime.along import along

    header = record.header  # its prompts are those that the model was told: nothing is to be added to them
    session = world.start(
        prompt=header.prompt,
        image=record.image,
        seed=header.seed,
        expand=False,
        strength=header.strength,
        choice=header.choice,
    )
    if first == 0:
        yield session.frame
    if len(line.tokens) == len(line):
        yield from (world.picture(packed) for packed in line.tokens[max(0, first - 1) :])
        return
    for frame in along(session, line):
        if session.index >= first:
            yield frame


def _captions(prompts: dict[int, str], first: int, last: int) -> tuple[TimedCaption, ...]:
    """Return the prompts in force at frames first..last - 1, timed from `first`."""
    begins = sorted(prompts)
    ends = [*begins[1:], last]
    return tuple(
        TimedCaption(start=max(begin, first) - first, end=min(end, last) - first, text=prompts[begin])
        for begin, end in zip(begins, ends, strict=True)
        if begin < last and end > first
    )
