"""What an action does, measured on the frames it leads to: which way things go, or the camera."""

from collections.abc import Sequence
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
CROWD = 6
"""Where as many blocks move and one shift explains it all, it is the camera that does, the other way."""
HELD = 8
"""Frames that an action is held for."""
STARTS = 3
"""Start frames that each action is tried from."""

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


@dataclass(frozen=True, kw_only=True)
class Trial:
    """An action held from a start: its name, the frames uint8 [T, height, width, 3], and its mean motion.

    `motion` is (across, down) in pixels a frame, and `change` how far pixels are from the frame before in
    grey levels, both over all starts tried.
    """

    action: str
    frames: np.ndarray
    motion: tuple[float, float]
    change: float


def try_action(world: "World", action: int) -> Trial:
    """Hold an action from a few starts and measure what it does; takes STARTS * HELD steps."""
    clips = []
    for seed in range(STARTS):
        session = world.start(seed=seed)
        clips.append(np.stack([session.frame, *(session.step(action) for _ in range(HELD))]))
    motion = np.mean([motion_of(clip) for clip in clips], axis=0)
    across, down = float(motion[0]), float(motion[1])
    change = float(np.mean([np.abs(np.diff(clip.astype(np.int16), axis=0)) for clip in clips]))
    return Trial(action=world.actions[action].name, frames=clips[0], motion=(across, down), change=change)


def motion_of(frames: np.ndarray) -> tuple[float, float]:
    """Return the mean motion (across, down) in pixels a frame of what is followed in frames [T, H, W, 3]."""
    halved = [_halved(frame.astype(np.float32)) for frame in frames]
    shifts = [_shift(before, after) for before, after in zip(halved[:-GAP], halved[GAP:], strict=True)]
    across, down = np.mean(shifts, axis=0) * 2 / GAP
    return float(across), float(down)


def guess_keys(trials: Sequence[Trial]) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return the name of the action that changes least, and the keys that the others' motion suggests.

    Motion counts from that of the action that changes least: what falls falls whatever is done. Every set of
    keys goes to the action that goes that way most; actions that go nowhere get none.
    """
    idle = min(trials, key=lambda trial: trial.change)
    fits = []
    for trial in trials:
        effect = np.subtract(trial.motion, idle.motion)
        for keys, way in DIRECTIONS.items():
            along = float(np.dot(effect, way) / np.hypot(*way))
            if trial is not idle and along > LEAST and along > STRAIGHT * np.hypot(*effect):
                fits.append((along, trial.action, keys))
    guessed: dict[str, tuple[str, ...]] = {}
    for _, action, keys in sorted(fits, reverse=True):
        if action not in guessed and keys not in guessed.values():
            guessed[action] = keys
    return idle.action, guessed


def _shift(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return where things went between two pictures [H, W, 3]: what moves, or against the camera."""
    height, width = before.shape[:2]
    shifts = [(dx, dy) for dy in range(-REACH, REACH + 1) for dx in range(-REACH, REACH + 1)]
    around = np.pad(after, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="edge")
    wrong = [
        np.abs(before - around[REACH + dy :, REACH + dx :][:height, :width]).sum(axis=2) for dx, dy in shifts
    ]
    stays = shifts.index((0, 0))
    by_block = np.stack([_blocks(each) for each in wrong])
    in_place = by_block[stays]
    moved = (in_place > SEEN) & (by_block.min(axis=0) < FOUND * in_place) & (_spread(before) > PLAIN)
    if moved.sum() >= CROWD:
        inside = [float(each[REACH:-REACH, REACH:-REACH].mean()) for each in wrong]
        best = int(np.argmin(inside))
        if inside[best] < FOUND * inside[stays]:
            return -float(shifts[best][0]), -float(shifts[best][1])
    ways = np.array(shifts)[by_block.argmin(axis=0)[moved]]
    ways = ways[np.abs(ways).max(axis=1) < REACH]  # at the limit of the search it is chance, or further away
    if not len(ways):
        return 0.0, 0.0
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
