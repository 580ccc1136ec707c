"""What an action does, measured on the frames it leads to: which way things go, or the camera."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from genie.runtime.world import World

REACH = 3
"""Pixels a frame that anything is looked for to have moved."""
BLOCKS = 8
"""How many blocks a frame is cut into each way."""
PLAIN = 4.0
"""The spread of grey levels below which a block shows nothing that could be followed."""
FOUND = 0.7
"""A block has moved if elsewhere it differs by less than this share of what it differs in place."""
CAMERA = 0.5
"""If more than this share of all blocks moves, it is the camera that does, the other way."""
HELD = 6
"""Frames that an action is held for."""
STARTS = 2
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
LEAST = 0.15
"""Pixels a frame that count as going anywhere."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """An action held from a start: its name, the frames uint8 [T, height, width, 3], and its mean motion.

    `motion` is (across, down) in pixels a frame, over all starts tried.
    """

    action: str
    frames: np.ndarray
    motion: tuple[float, float]

    @property
    def speed(self) -> float:
        """How far anything goes, in pixels a frame."""
        return float(np.hypot(*self.motion))


def try_action(world: "World", action: int) -> Trial:
    """Hold an action from a few starts and measure what it does; takes STARTS * HELD steps."""
    clips = []
    for seed in range(STARTS):
        session = world.start(seed=seed)
        clips.append(np.stack([session.frame, *(session.step(action) for _ in range(HELD))]))
    motion = np.mean([motion_of(clip) for clip in clips], axis=0)
    across, down = float(motion[0]), float(motion[1])
    return Trial(action=world.actions[action].name, frames=clips[0], motion=(across, down))


def motion_of(frames: np.ndarray) -> tuple[float, float]:
    """Return the mean motion (across, down) in pixels a frame of what is followed in frames [T, H, W, 3]."""
    pairs = [_shift(before, after) for before, after in pairwise(frames.astype(np.float32))]
    across, down = np.mean(pairs, axis=0)
    return float(across), float(down)


def guess_keys(trials: Sequence[Trial]) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return the name of the action that does least, and the keys that the others' motion suggests.

    Every set of keys goes to the action that goes that way most; actions that go nowhere get none.
    """
    idle = min(trials, key=lambda trial: trial.speed).action
    fits = []
    for trial in trials:
        for keys, way in DIRECTIONS.items():
            along = float(np.dot(trial.motion, way) / np.hypot(*way))
            if trial.action != idle and along > LEAST and along > 0.9 * trial.speed:
                fits.append((along, trial.action, keys))
    guessed: dict[str, tuple[str, ...]] = {}
    for _, action, keys in sorted(fits, reverse=True):
        if action not in guessed and keys not in guessed.values():
            guessed[action] = keys
    return idle, guessed


def _shift(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return where things went between two frames [H, W, 3]: what moves, or against the camera."""
    spread = np.sqrt(sum(np.maximum(_blocks(c**2) - _blocks(c) ** 2, 0) for c in before.transpose(2, 0, 1)))
    shifts = [(dx, dy) for dy in range(-REACH, REACH + 1) for dx in range(-REACH, REACH + 1)]
    padded = np.pad(after, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="wrap")
    height, width = before.shape[:2]
    wrong = np.stack(
        [_blocks(_apart(before, padded[REACH + dy :, REACH + dx :][:height, :width])) for dx, dy in shifts]
    )
    in_place = wrong[shifts.index((0, 0))]
    best = wrong.argmin(axis=0)
    textured = spread > PLAIN
    moved = textured & (wrong.min(axis=0) < FOUND * in_place) & (in_place > 1.0)
    if not moved.any():
        return 0.0, 0.0
    ways = np.array(shifts, np.float32)[best[moved]]
    across, down = np.median(ways, axis=0)
    is_camera = moved.sum() > CAMERA * textured.size
    return (-float(across), -float(down)) if is_camera else (float(across), float(down))


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return how far the pixels of two pictures [H, W, 3] are apart, [H, W]."""
    apart = np.abs(one - other)
    total: np.ndarray = apart[..., 0] + apart[..., 1] + apart[..., 2]
    return total


def _blocks(values: np.ndarray) -> np.ndarray:
    """Return the mean of every block of [H, W], cut to whole blocks."""
    height, width = (max(1, side // BLOCKS) for side in values.shape)
    rows, columns = values.shape[0] // height, values.shape[1] // width
    cut = values[: rows * height, : columns * width]
    down = np.add.reduceat(cut, np.arange(0, cut.shape[0], height), axis=0)
    means: np.ndarray = np.add.reduceat(down, np.arange(0, cut.shape[1], width), axis=1) / (height * width)
    return means
