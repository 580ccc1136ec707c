"""Frames with the player's character and the same frames without it: what its presence is judged by."""

from __future__ import annotations

import numpy as np

from .games import GAMES
from .simulator import Simulator
from .state import ProcgenState

_ENVIRONMENTS = 32
_STRIDE = 25  # steps of play between two frames of one environment
_ONWARD = 0.7  # share of actions that lead on, so that more than the levels' beginnings is seen


def player_pairs(game: str, *, levels: range, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` frames of real levels, and the same without the character: uint8 [count, 64, 64, 3] twice.

    All else is as the simulator draws it. Raises SourceError without the simulator.
    """
    rules = GAMES[game]
    numbers = np.array([rules.number(action) for action in range(len(rules.actions))])
    onward = np.array([rules.toward in name.split("+") for name in rules.actions])
    weights = np.where(onward, _ONWARD / onward.sum(), (1 - _ONWARD) / (~onward).sum())
    simulator = Simulator(game, count=_ENVIRONMENTS, levels=levels, seed=seed)
    rng = np.random.default_rng(seed)
    present: list[np.ndarray] = []
    absent: list[np.ndarray] = []
    while len(absent) < count:
        for _ in range(_STRIDE):
            simulator.step(rng.choice(numbers, size=_ENVIRONMENTS, p=weights))
        present.extend(simulator.observe()[0].copy())
        kept = [simulator.state(i) for i in range(_ENVIRONMENTS)]
        for i, raw in enumerate(kept):
            state = ProcgenState.parse(raw)
            state.agent["alpha"] = 0
            simulator.set_state(i, state.to_bytes())
        absent.extend(simulator.observe()[0].copy())
        for i, raw in enumerate(kept):
            simulator.set_state(i, raw)
    simulator.close()
    return np.array(present[:count]), np.array(absent[:count])
