"""What the simulator's processes do: they walk, tell and draw, each job a function of its arguments alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from genie.worlds.source import SourceClip

from .captions import caption_of_moment, captions_of
from .changes import Change, draw_changes, look_at, things_of
from .look import Look, is_seen
from .players import PLAYERS, SHARES
from .scene import Pose, Scene, scene_of
from .sight import SEEN
from .splits import SPLITS
from .takes import Take, walk
from .walker import ACTIONS, Walker

if TYPE_CHECKING:
    from .drawing import Drawing

_BEFORE_MOMENT = (4, 48)  # frames walked before a moment that is branched, beside its past


class Moment(NamedTuple):
    """One moment of Branches: past [C, H, W, 3], actions [C - 1], futures [A, F, H, W, 3], caption."""

    past: np.ndarray
    actions: np.ndarray
    futures: np.ndarray
    caption: str


def clip(split: str, frames: int, seed: int, number: int) -> SourceClip:
    """Clip `number` of a recording."""
    levels, combinations, changing = SPLITS[split]
    plays, alters, words = (np.random.default_rng([seed, number, stream]) for stream in range(3))
    level = int(plays.choice(levels))
    scene = scene_of(level, combinations)
    player = str(plays.choice(PLAYERS, p=SHARES))
    take = walk(scene, player, frames, plays)
    changes = draw_changes(take, alters) if changing else ()
    caption, captions = captions_of(take, changes, words)
    return SourceClip(
        frames=pictures(take, changes),
        actions=np.array([ACTIONS.index(action) for action in take.actions], np.int16),
        caption=caption,
        captions=captions,
        attributes=_attributes(take, changes),
        level=level,
        policy=player,
    )


def moment(split: str, past: int, future: int, seed: int, number: int) -> tuple[Any, ...]:
    """Moment `number` of some branches, as a plain tuple; see Moment."""
    levels, combinations, _ = SPLITS[split]
    rng = np.random.default_rng([seed, number, 3])
    scene = scene_of(int(rng.choice(levels)), combinations)
    take = walk(scene, "explorer", past + int(rng.integers(*_BEFORE_MOMENT)), rng)
    walker = Walker(scene)
    poses = list(take.poses[-past:])
    for action in ACTIONS:
        walker.pose = take.poses[-1]
        poses += [walker.step(action) for _ in range(future)]
    drawn = _draw(scene, scene.look, poses)  # all at once: building the scene costs more than a picture
    futures = drawn[past:].reshape(len(ACTIONS), future, *drawn.shape[1:])
    taken = [ACTIONS.index(action) for action in take.actions[len(take.actions) - past + 1 :]]
    return tuple(Moment(drawn[:past], np.array(taken), futures, caption_of_moment(take, rng)))


def session(split: str, keys: list[int], every: int, seed: int, number: int) -> np.ndarray:
    """What is seen after every `every`-th of these keys, uint8 [keys // every, 64, 64, 3]."""
    levels, combinations, _ = SPLITS[split]
    scene = scene_of(int(np.random.default_rng([seed, number, 4]).choice(levels)), combinations)
    walker = Walker(scene)
    poses = [walker.step(ACTIONS[key]) for key in keys]
    return _draw(scene, scene.look, poses[every - 1 :: every])


def pictures(take: Take, changes: Sequence[Change]) -> np.ndarray:
    """The frames of a take, uint8 [T, 64, 64, 3], each in the look that holds at it."""
    edges = [0, *(change.frame for change in changes), len(take.poses)]
    parts = [
        _draw(take.scene, look_at(take.scene.look, changes, start), take.poses[start:end])
        for start, end in pairwise(edges)
    ]
    return np.concatenate(parts)


def _draw(scene: Scene, look: Look, poses: Sequence[Pose]) -> np.ndarray:
    drawing = _drawing()
    drawing.show(scene, look)
    return np.array([drawing.picture(pose) for pose in poses])


@cache
def _drawing() -> Drawing:
    from .simulator import open_drawing

    return open_drawing(scene_of(0, "seen"))


def _attributes(take: Take, changes: Sequence[Change]) -> dict[str, Any]:
    """What is true of the clip's beginning, and every change since.

    object and colour are those of the first object, which the first frame shows; seen: for each object the
    stretches of frames [start, end) in which it is in the picture.
    """
    look = take.scene.look
    seen = [[place in SEEN for place in places] for places in zip(*take.places, strict=True)]
    attributes: dict[str, Any] = {
        "shape": take.scene.layout.shape,
        "walls": look.walls,
        "floor": look.floor,
        "top": look.top,
        "object": look.objects[0][0],
        "colour": look.objects[0][1],
        "objects": things_of(look),
        "seen": [_spans(frames) for frames in seen],
        "held_out": not is_seen(look),
    }
    if changes:
        attributes["changes"] = [change.facts() for change in changes]
    return attributes


def _spans(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """The stretches [start, end) of true flags."""
    edges = np.flatnonzero(np.diff([0, *map(int, flags), 0])).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
