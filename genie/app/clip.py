"""A clip to be written of what was played."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genie.app.overlay import Look, Shot, beside, check_look, pictures
from genie.app.take import Take, frames_of
from genie.core.actions import ActionSet
from genie.core.manifest import Manifest

if TYPE_CHECKING:
    from genie.runtime.world import World


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A clip to be written: its pictures, how many there are, and where they go."""

    pictures: Iterable[np.ndarray]
    """uint8 [height, width, 3] each, as they are to be seen; asked for from the export's own thread."""
    total: int
    path: Path
    fps: int
    metadata: Mapping[str, str]


def clip_of(
    world: "World",
    take: Take,
    path: Path,
    *,
    first: int = 0,
    last: int | None = None,
    fps: int,
    look: Look,
    other: Take | None = None,
    actions: ActionSet | None = None,
) -> Clip:
    """Return the clip of a take's frames from `first` to `last`, its end by default.

    `actions`: with the keys that they were played with, where those are not the world's own.
    With `other`, another branch, the two are seen side by side from `first` on, each to its own end.
    """
    check_look(look, world.frame_size)
    manifest = world.manifest
    actions = actions or manifest.actions
    ends = [len(each) - 1 if last is None else min(last, len(each) - 1) for each in (take, other or take)]
    rows = [
        pictures(shots(frames_of(world, each, first), each, actions, first, end), look, actions)
        for each, end in zip((take, other) if other else (take,), ends, strict=False)
    ]
    return Clip(
        pictures=beside(rows),
        total=max(ends) - first + 1,
        path=path,
        fps=fps,
        metadata=clip_metadata(manifest, take, first, ends[0], other),
    )


def shots(
    frames: Iterable[np.ndarray], take: Take, actions: ActionSet, first: int, last: int
) -> Iterator[Shot]:
    """Yield frames `first` to `last` of a take, of which `frames` are those from `first` on."""
    for index, frame in enumerate(islice(frames, last - first + 1), first):
        held = actions[take.line.actions[index - 1]].keys if index else ()
        yield Shot(frame=frame, keys=tuple(held), prompt=take.line.prompt_of(index, take.start.prompt))


def clip_metadata(
    manifest: Manifest, take: Take, first: int = 0, last: int | None = None, other: Take | None = None
) -> dict[str, str]:
    """Return what a clip says of itself: its world, and all that is needed to play it again.

    `keys` and `prompts` are those from frame 0 on, whatever part of them the clip shows: `frames` says which.
    """
    last = len(take) - 1 if last is None else last
    said = {
        "title": f"{manifest.title}, imagined by Genie",
        "world": manifest.world,
        "bundle": manifest.digest,
        "prompt": take.start.prompt,
        "prompts": _changes(take.line.prompts),
        "strength": f"{manifest.strength if take.start.strength is None else take.start.strength:g}",
        "strengths": _changes(take.line.strengths),
        "seed": str(take.start.seed),
        "keys": _key_script(manifest, take.line.actions[:last]),
        "frames": f"{first}-{last}",
    }
    if other is not None:
        said |= {
            "keys_right": _key_script(manifest, other.line.actions),
            "prompts_right": _changes(other.line.prompts),
        }
        said["strengths_right"] = _changes(other.line.strengths)
    return said


def _changes(changes: Iterable[tuple[int, object]]) -> str:
    return "; ".join(f"{frame}: {value}" for frame, value in changes)


def _key_script(manifest: Manifest, actions: tuple[int, ...]) -> str:
    """Write actions the way `--keys` reads them."""
    runs: list[list[int]] = []
    for action in actions:
        if runs and runs[-1][0] == action:
            runs[-1][1] += 1
        else:
            runs.append([action, 1])
    return " ".join(f"{manifest.actions[action].name}:{count}" for action, count in runs)
