"""Players that record: they may look at the parsed state, and answer with an action's index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from .state import ProcgenState

See = Callable[[], ProcgenState]  # a call, because reading a state costs more than most decisions


class Policy(Protocol):
    """One player of one clip; it may remember what it did."""

    def act(self, see: See, rng: np.random.Generator) -> int: ...


class Sticky:
    """Draws an action with `weights` and keeps it, each frame redrawing with probability `change`.

    `change=1` with equal weights is the uniform player.
    """

    def __init__(self, weights: np.ndarray, change: float) -> None:
        self._weights = np.asarray(weights, float) / np.sum(weights)
        self._change = change
        self._action: int | None = None

    def act(self, see: See, rng: np.random.Generator) -> int:
        if self._action is None or rng.random() < self._change:
            self._action = int(rng.choice(len(self._weights), p=self._weights))
        return self._action


class Noisy:
    """Another player whose hand slips: for short spells it holds a random action instead."""

    def __init__(self, player: Policy, actions: int, *, slips: float = 0.02, spell: int = 8) -> None:
        self._player, self._actions, self._slips, self._spell = player, actions, slips, spell
        self._left, self._held = 0, 0

    def act(self, see: See, rng: np.random.Generator) -> int:
        action = self._player.act(see, rng)
        if self._left == 0 and rng.random() < self._slips:
            self._left, self._held = int(rng.integers(1, self._spell + 1)), int(rng.integers(self._actions))
        if self._left:
            self._left -= 1
            return self._held
        return action


def leaning(names: tuple[str, ...], toward: str, *, strength: float = 3.0) -> np.ndarray:
    """Weights over the actions `names`: those that hold the key `toward` count `strength` times."""
    return np.array([strength if toward in name.split("+") else 1.0 for name in names])
