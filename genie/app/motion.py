"""What an action does, measured on the frames it leads to: which way things go, or the camera."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from genie.runtime.world import World

REACH = 4
"""How far anything is looked for to have moved over GAP frames, in pixels of pictures of half the size."""
GAP = 2
BLOCK = 4
"""The side of the blocks that are followed, in pixels of pictures of half the size."""
SEEN = 6.0
"""Grey levels, over all three colours, by which a block must have changed to have moved."""
PLAIN = 4.0
"""The spread of grey levels below which a block shows nothing that could be followed."""
FOUND = 0.5
"""A block has moved if elsewhere it differs by less than this share of what it differs in place."""
EXPLAINED = 0.25
"""The picture has moved as a whole if that explains this share of what changed in it."""
CROWD = 6
"""Where some action moves as many blocks at a time, it is the camera that moves, the other way."""
HELD = 8
"""Frames that an action is held for."""
STARTS = 3
"""Start frames that each action is tried from: an odd number, for the middle one counts."""

DIRECTIONS: dict[tuple[str, ...], tuple[int, int]] = {
    ("left",): (-1, 0),
    ("right",): (1, 0),
    ("up",): (0, -1),
    ("down",): (0, 1),
    ("left", "up"): (-1, -1),
    ("right", "up"): (1, -1),
    ("left", "down"): (-1, 1),
    ("right", "down"): (1, 1),
}
"""Keys that are held to go (across, down)."""
STRAIGHT = 0.85
"""The share of its motion that an action must have in a direction to mean it."""
LEAST = 0.6
"""Pixels a frame that count as going anywhere."""


Way = tuple[float, float]
"""Pixels a frame (across, down)."""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What moves in a clip: single things, the picture as a whole, and how many blocks at a time."""

    things: Way
    picture: Way
    crowd: float


@dataclass(frozen=True, kw_only=True)
class Trial:
    """An action held from a start: its name, the frames uint8 [T, height, width, 3], and how they move.

    `flow` is the middle of those from all starts tried, and `change` how far pixels are from the frame before
    in grey levels, their mean.
    """

    action: str
    frames: np.ndarray
    flow: Flow
    change: float


def try_action(world: "World", action: int) -> Trial:
    """Hold an action from the starts with the most to see, and measure what it does: STARTS * HELD steps."""
    clips: list[np.ndarray] = []
    for start in _busiest(world.start_frames):
        prompt, image = world.start_captions[start], world.start_frames[start]
        session = world.start(prompt=prompt, image=image, seed=len(clips))
        clips.append(np.stack([session.frame, *(session.step(action) for _ in range(HELD))]))
    flows = [flow_of(clip) for clip in clips]
    middle = Flow(
        things=_middle([flow.things for flow in flows]),
        picture=_middle([flow.picture for flow in flows]),
        crowd=float(np.mean([flow.crowd for flow in flows])),
    )
    change = float(np.mean([np.abs(np.diff(clip.astype(np.int16), axis=0)) for clip in clips]))
    return Trial(action=world.actions[action].name, frames=clips[0], flow=middle, change=change)


def flow_of(frames: np.ndarray) -> Flow:
    """Return what moves in frames uint8 [T, H, W, 3], on average."""
    halved = [_halved(frame.astype(np.float32)) for frame in frames]
    shifts = [_shifts(before, after) for before, after in zip(halved[:-GAP], halved[GAP:], strict=True)]
    across, down = np.mean([things for things, _, _ in shifts], axis=0) * 2 / GAP
    along, below = np.mean([picture for _, picture, _ in shifts], axis=0) * 2 / GAP
    crowds = [crowd for _, _, crowd in shifts if crowd]
    return Flow(
        things=(float(across), float(down)),
        picture=(float(along), float(below)),
        crowd=float(np.mean(crowds)) if crowds else 0.0,
    )


def guess_keys(trials: Sequence[Trial]) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return the name of the action that changes least, and the keys that the others' motion suggests.

    Whether it is the camera that moves is one question for all of a world's actions. Motion counts from that
    of the action that changes least: what falls falls whatever is done. Sets of keys are shared out so that
    actions go their ways most, all in all; actions that go nowhere get none.
    """
    follows = max(trial.flow.crowd for trial in trials) >= CROWD
    ways = {each.action: np.negative(each.flow.picture) if follows else each.flow.things for each in trials}
    idle = min(trials, key=lambda trial: trial.change)
    fits: dict[str, dict[tuple[str, ...], float]] = {}
    for trial in trials:
        effect = np.subtract(ways[trial.action], ways[idle.action])
        for keys, way in DIRECTIONS.items():
            along = float(np.dot(effect, way) / np.hypot(*way))
            if trial is not idle and along > LEAST and along > STRAIGHT * np.hypot(*effect):
                fits.setdefault(trial.action, {})[keys] = along
    return idle.action, _shared_out(fits)


def _shared_out(fits: Mapping[str, Mapping[tuple[str, ...], float]]) -> dict[str, tuple[str, ...]]:
    """Give every set of keys to at most one action, so that the sum of how far they fit is largest."""
    best: dict[frozenset[tuple[str, ...]], tuple[float, dict[str, tuple[str, ...]]]] = {frozenset(): (0, {})}
    for action, fitting in fits.items():
        for taken, (total, given) in list(best.items()):
            for keys, along in fitting.items():
                now = taken | {keys}
                if keys not in taken and total + along > best.get(now, (0, {}))[0]:
                    best[now] = total + along, {**given, action: keys}
    return max(best.values(), key=lambda each: each[0])[1]


def _shifts(before: np.ndarray, after: np.ndarray) -> tuple[Way, Way, int]:
    """Return where single things and the whole of a picture [H, W, 3] went, and how many blocks moved."""
    height, width = before.shape[:2]
    shifts = [(dx, dy) for dy in range(-REACH, REACH + 1) for dx in range(-REACH, REACH + 1)]
    around = np.pad(after, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="edge")
    wrong = np.stack(
        [
            _blocks(np.abs(before - around[REACH + dy :, REACH + dx :][:height, :width]).sum(axis=2))
            for dx, dy in shifts
        ]
    )
    stays = shifts.index((0, 0))
    in_place, shows = wrong[stays], _spread(before) > PLAIN
    # A block whose like is nowhere, where new ground comes into view, must not outweigh those that are found.
    off = np.minimum(wrong, in_place)[:, shows].sum(axis=1)
    best = int(off.argmin())
    moves = off[stays] > SEEN * shows.sum() and off[best] < (1 - EXPLAINED) * off[stays]
    picture = shifts[best] if moves else (0, 0)
    moved = (in_place > SEEN) & (wrong.min(axis=0) < FOUND * in_place) & shows
    ways = np.array(shifts)[wrong.argmin(axis=0)[moved]]
    ways = ways[np.abs(ways).max(axis=1) < REACH]  # at the limit of the search it is chance, or further away
    across, down = np.median(ways, axis=0) if len(ways) else (0, 0)
    return (float(across), float(down)), picture, len(ways)


def _busiest(frames: np.ndarray) -> list[int]:
    """Return the numbers of the STARTS frames, uint8 [S, H, W, 3], in which there is most to follow."""
    shown = [float((_spread(_halved(frame.astype(np.float32))) > PLAIN).mean()) for frame in frames]
    return sorted(range(len(frames)), key=lambda number: -shown[number])[:STARTS]


def _middle(ways: Sequence[Way]) -> Way:
    across, down = np.median(ways, axis=0)
    return float(across), float(down)


def _halved(frame: np.ndarray) -> np.ndarray:
    """Return a frame at half its size, softened: bricks and stripes must not fit everywhere."""
    height, width = (side // 2 * 2 for side in frame.shape[:2])
    half = frame[:height, :width].reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3))
    wider = np.pad(half, ((0, 1), (0, 1), (0, 0)), mode="edge")
    soft: np.ndarray = (wider[:-1, :-1] + wider[1:, :-1] + wider[:-1, 1:] + wider[1:, 1:]) / 4
    return soft


def _spread(picture: np.ndarray) -> np.ndarray:
    """Return by how many grey levels the pixels of each block differ, over all three colours."""
    squares: list[np.ndarray] = [
        np.maximum(_blocks(one**2) - _blocks(one) ** 2, 0) for one in picture.transpose(2, 0, 1)
    ]
    spread: np.ndarray = np.sqrt(squares[0] + squares[1] + squares[2])
    return spread


def _blocks(values: np.ndarray) -> np.ndarray:
    """Return the mean of every block of [H, W], cut to whole blocks."""
    rows, columns = (max(1, side // BLOCK) for side in values.shape)
    high, wide = values.shape[0] // rows, values.shape[1] // columns
    cut = values[: rows * high, : columns * wide].reshape(rows, high, columns, wide)
    means: np.ndarray = cut.mean(axis=(1, 3))
    return means
