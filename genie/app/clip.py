"""A clip to be written of what was played."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genie.app.player import Player
from genie.app.take import Take, render
from genie.core.manifest import Manifest


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


def clip_of(player: Player, path: Path, *, seconds: float | None, fps: int, scale: int) -> Clip:
    """Return the clip of a player's last `seconds`, or of its whole session.

    Frames come from its history where that reaches far enough; a whole session that it has partly forgotten
    is rendered again, at full speed. To be called in the player's own thread.
    """
    take, history = player.take, player.history
    first = 0 if seconds is None else max(0, player.index - round(seconds * fps))
    frames: Iterable[np.ndarray]
    if seconds is None and history.oldest > 0:
        frames, total = render(player.world, take), len(take)
    else:
        frames = kept = history.since(first)
        total = len(kept)
    metadata = clip_metadata(player.world.manifest, take)
    return Clip(frames=frames, total=total, path=path, fps=fps, scale=scale, metadata=metadata)


def clip_metadata(manifest: Manifest, take: Take) -> dict[str, str]:
    """Return what a clip says of itself: its world, and all that is needed to play it again."""
    start = (0, take.start.prompt)
    return {
        "title": f"{manifest.title}, imagined by Genie",
        "world": manifest.world,
        "bundle": manifest.digest,
        "prompt": take.start.prompt,
        "prompts": "; ".join(f"{frame}: {text}" for frame, text in take.prompts if (frame, text) != start),
        "seed": str(take.start.seed),
        "keys": _key_script(manifest, take.actions),
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
