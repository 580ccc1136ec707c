"""The same moment gone on from under each action: what a key does, known exactly."""

from __future__ import annotations

import numpy as np

from genie.worlds.source import Branches

from .games import Game
from .policies import Sticky, leaning
from .simulator import Simulator
from .state import ProcgenState
from .telling import Teller

_ENVIRONMENTS = 32
_STRIDE = 40  # steps of play between two moments of one environment


def branches(
    rules: Game,
    *,
    levels: range,
    count: int,
    past: int,
    future: int,
    seed: int,
    teller: Teller,
    threads: int = 2,
) -> Branches:
    """`count` moments of a game; see Branches. Those whose level ends under some key are left out.

    Each is restored bit for bit before the next action is tried, and play goes on from it as if nothing had
    been tried. Raises SourceError without the simulator.
    """
    together = min(_ENVIRONMENTS, count)
    simulator = Simulator(rules.name, count=together, levels=levels, seed=seed, threads=threads)
    play = _Play(rules, simulator, np.random.default_rng(seed))
    words = np.random.default_rng([seed, 1])  # of their own: how a moment is worded changes no other moment
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray, str]] = []
    try:
        while len(found) < count:
            seen = play.on(_STRIDE, keep=past)
            futures, whole = _every_future(rules, simulator, future)
            for i in np.flatnonzero(whole & ~seen.cut):
                note = teller.note(ProcgenState.parse(simulator.state(int(i))))
                caption = teller.tell([note], words).caption
                found.append((seen.frames[:, i], seen.actions[:, i], futures[i], caption))
    finally:
        simulator.close()
    pasts, actions, futures_, captions = zip(*found[:count], strict=True)
    return Branches(np.array(pasts), np.array(actions), np.array(futures_), list(captions))


class _Seen:
    """The last frames and actions of every environment, and which of them began a level in between."""

    def __init__(self, frames: list[np.ndarray], actions: list[np.ndarray], cut: np.ndarray) -> None:
        self.frames, self.actions, self.cut = np.array(frames), np.array(actions), cut


class _Play:
    """A mixture of players, half of them at random, half leaning to where the game leads."""

    def __init__(self, rules: Game, simulator: Simulator, rng: np.random.Generator) -> None:
        self.rng, self._rules, self._simulator = rng, rules, simulator
        names = rules.actions
        even = rules.weights()
        onward = even * leaning(names, rules.toward)
        self._players = [Sticky(onward if i % 2 else even, 0.12) for i in range(simulator.count)]

    def on(self, steps: int, *, keep: int) -> _Seen:
        frames: list[np.ndarray] = []
        actions: list[np.ndarray] = []
        cut = np.zeros(self._simulator.count, bool)
        for left in reversed(range(steps)):
            image, first = self._simulator.observe()
            if left < keep:
                frames.append(image.copy())
                cut |= first & (len(frames) > 1)
            if not left:
                break
            taken = np.array([player.act(self._blind, self.rng) for player in self._players])
            if left < keep:
                actions.append(taken)
            self._simulator.step(np.array([self._rules.number(int(action)) for action in taken]))
        return _Seen(frames, actions, cut)

    def _blind(self) -> ProcgenState:
        raise AssertionError("these players do not look")


def _every_future(rules: Game, simulator: Simulator, future: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames [E, A, F, H, W, 3] under each action held, bool [E]: no level ended. States are put back."""
    kept = [simulator.state(i) for i in range(simulator.count)]
    whole = np.ones(simulator.count, bool)
    branches = []
    for action in range(len(rules.actions)):
        frames = []
        for _ in range(future):
            simulator.step(np.full(simulator.count, rules.number(action)))
            image, first = simulator.observe()
            whole &= ~first
            frames.append(image.copy())
        branches.append(frames)
        for i, state in enumerate(kept):
            simulator.set_state(i, state)
        simulator.observe()
    return np.array(branches).transpose(2, 0, 1, 3, 4, 5), whole
