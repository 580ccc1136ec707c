"""The tiny world with faults planted in it, and a judge of it that cannot be wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tests.support.tiny_bundle import CELL, CELLS, MOVES, NAMES
from training.judge import JudgeConfig, Look

Frames = Callable[[np.ndarray, int], np.ndarray]


class FaultyWorld:
    """A world with a fault.

    hears: what it makes of an action; shows: what becomes of frame number n (0 is the start); codes: what
    becomes of tokens.
    """

    def __init__(
        self,
        world: Any,
        *,
        hears: Callable[[int], int] = int,
        shows: Frames = lambda frame, number: frame,
        codes: Callable[[np.ndarray], np.ndarray] = lambda tokens: tokens,
    ) -> None:
        self.world, self.hears, self.shows, self.codes = world, hears, shows, codes
        self.actions, self.manifest = world.actions, world.manifest

    def start(self, **how: Any) -> FaultySession:
        return FaultySession(self, self.world.start(**how))

    def tokens(self, image: np.ndarray) -> np.ndarray:
        return self.codes(self.world.tokens(image))


class FaultySession:
    """What `FaultyWorld.start` returns."""

    def __init__(self, world: FaultyWorld, session: Any) -> None:
        self.world, self.session = world, session

    @property
    def frame(self) -> np.ndarray:
        return self.world.shows(self.session.frame, self.session.index)

    def step(self, action: int, frame: np.ndarray | None = None) -> np.ndarray:
        self.session.step(self.world.hears(int(action)), frame=frame)
        return self.frame

    def snapshot(self) -> Any:
        return self.session.snapshot()

    def restore(self, mark: Any) -> None:
        self.session.restore(mark)


class Oracle:
    """In place of the judge: finds the red sprite, and knows by which action it went where it is."""

    config = JudgeConfig(actions=len(NAMES), held=3)

    def __call__(self, windows: torch.Tensor) -> torch.Tensor:
        return _certain([way(window[1], window[2]) for window in windows.numpy()])

    def name_held(self, windows: torch.Tensor) -> torch.Tensor:
        frames = ((windows.movedim(2, -1) + 1) * 127.5).numpy()
        return _certain([way(window[1], window[2]) for window in frames])

    def look(self, frames: torch.Tensor) -> Look:
        return self._look(frames.float())

    def look_at(self, frames: torch.Tensor) -> Look:
        return self._look((frames.movedim(1, -1) + 1) * 127.5)

    def _look(self, frames: torch.Tensor) -> Look:
        red = frames[:, ::CELL, ::CELL, 0].flatten(1)
        flat = frames.unflatten(1, (-1, CELL)).unflatten(3, (-1, CELL))
        uneven = flat.std((2, 4)).flatten(1).amax(1)  # its cells are of one colour: all else is damage
        return Look((red.amax(1) > 200).float() - 0.5, 40 - uneven, red, {})


def way(before: np.ndarray, after: np.ndarray) -> int:
    """The action by which the sprite went from where it is to where it is then; noop where it is lost."""
    places = [np.argwhere(frame[::CELL, ::CELL, 0] > 200) for frame in (before, after)]
    if any(len(found) != 1 for found in places):
        return 0
    (y, x), (to_y, to_x) = (found[0] for found in places)
    ways = [((x + right) % CELLS, (y + down) % CELLS) for right, down in MOVES]
    return ways.index((to_x, to_y)) if (to_x, to_y) in ways else 0


def _certain(named: list[int]) -> torch.Tensor:
    return 20 * torch.nn.functional.one_hot(torch.tensor(named), len(NAMES)).float()
