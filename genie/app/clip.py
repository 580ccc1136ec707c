"""A clip to be written of what was played."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genie.app.take import Take, frames_of
from genie.core.manifest import Manifest

if TYPE_CHECKING:
    from genie.runtime.world import World


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A clip to be written: its frames, how many there are, and where they go."""

    frames: Iterable[np.ndarray]
    """uint8 [height, width, 3] each; asked for from the export's own thread."""
    total: int
    path: Path
    fps: int
    scale: int
    metadata: Mapping[str, str]


def clip_of(
    world: "World", take: Take, path: Path, *, first: int = 0, last: int | None = None, fps: int, scale: int
) -> Clip:
    """Return the clip of a take's frames from `first` to `last`, its end by default."""
    last = len(take) - 1 if last is None else min(last, len(take) - 1)
    frames = islice(frames_of(world, take, first), last - first + 1)
    metadata = clip_metadata(world.manifest, take)
    return Clip(frames=frames, total=last - first + 1, path=path, fps=fps, scale=scale, metadata=metadata)


def clip_metadata(manifest: Manifest, take: Take) -> dict[str, str]:
    """Return what a clip says of itself: its world, and all that is needed to play it again."""
    return {
        "title": f"{manifest.title}, imagined by Genie",
        "world": manifest.world,
        "bundle": manifest.digest,
        "prompt": take.start.prompt,
        "prompts": "; ".join(f"{frame}: {text}" for frame, text in take.line.prompts),
        "seed": str(take.start.seed),
        "keys": _key_script(manifest, take.line.actions),
    }


def _key_script(manifest: Manifest, actions: tuple[int, ...]) -> str:
    """Write actions the way `--keys` reads them."""
    runs: list[list[int]] = []
    for action in actions:
        if runs and runs[-1][0] == action:
            runs[-1][1] += 1
        else:
            runs.append([action, 1])
    return " ".join(f"{manifest.actions[action].name}:{count}" for action, count in runs)
