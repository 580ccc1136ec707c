"""Clips recorded from a Procgen game, many environments at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from genie.worlds.source import Branches, SourceClip

from .absence import player_pairs
from .branches import branches
from .games import GAMES, Game
from .policies import Noisy, Policy, Sticky, leaning
from .simulator import Simulator
from .state import ProcgenState
from .telling import Editor, SceneTeller, Teller

SHORTEST = 32
_ENVIRONMENTS = 64
_LONGEST_WARM_UP = 150
_FROM_THE_START = 0.25
_SPLITS = {
    "train": range(10_000),
    "test": range(10_000, 20_000),
    "judge": range(20_000, 30_000),
    "starts": range(30_000, 40_000),
}
_SHARES = {"uniform": 0.15, "sticky": 0.2, "sticky_right": 0.2, "sticky_left": 0.1, "finish": 0.35}


@dataclass(kw_only=True)
class _Take:
    """A clip in the making in one environment."""

    policy_name: str
    policy: Policy
    warm_up: int
    warm_policy: Policy
    frames: list[np.ndarray] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    change_at: tuple[int, ...] = ()
    level: int = -1


class ProcgenSource:
    """One Procgen game as a source of clips; levels never cross from one split into another."""

    fps = 15
    frame_size = (64, 64)

    def __init__(
        self,
        game: str,
        *,
        actions: tuple[str, ...] | None = None,
        teller: Teller | None = None,
        editor: Editor | None = None,
    ) -> None:
        """actions: what can be pressed, the game's own where None; teller: who captions the clips, all alike
        where None; editor: who changes looks in the midst of training clips, if anybody does."""
        self.game: Game = GAMES[game] if actions is None else GAMES[game].under(actions)
        self._teller: Teller = SceneTeller(self.game.scene) if teller is None else teller
        self._editor = editor
        self.action_names: tuple[str, ...] = self.game.actions
        self.splits: Mapping[str, range] = _SPLITS

    def record(self, *, split: str, clips: int, frames: int, seed: int) -> Iterator[SourceClip]:
        """`clips` clips of at most `frames` frames (at least 32 where `frames` is more), by `seed` alone.

        A clip that would run into another level ends before it. Only training clips are edited. Raises
        SourceError without the simulator.
        """
        count = min(_ENVIRONMENTS, clips)
        quotas = [clips // count + (i < clips % count) for i in range(count)]
        simulator = Simulator(self.game.name, count=count, levels=self.splits[split], seed=seed)
        try:
            rng = np.random.default_rng(seed)
            editor = self._editor if split == "train" else None
            recording = _Recording(
                self.game, simulator, quotas, frames, rng, teller=self._teller, editor=editor
            )
            yield from recording.clips()
        finally:
            simulator.close()

    def player_pairs(self, *, split: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Frames of a split's levels and the same without the player's character; see `absence`."""
        return player_pairs(self.game.name, levels=self.splits[split], count=count, seed=seed)

    def branches(self, *, split: str, count: int, past: int, future: int, seed: int) -> Branches:
        """Moments of a split's levels under every action; see `branches`."""
        levels = self.splits[split]
        return branches(
            self.game, levels=levels, count=count, past=past, future=future, seed=seed, teller=self._teller
        )

    def play(self, *, split: str, keys: np.ndarray, every: int, seed: int) -> Iterator[np.ndarray]:
        """Sessions under given keys, all stepped at once; see `genie.worlds.source.Playable`."""
        simulator = Simulator(self.game.name, count=len(keys), levels=self.splits[split], seed=seed)
        numbers = np.array([self.game.number(action) for action in range(len(self.action_names))])
        shown: list[np.ndarray] = []
        try:
            for frame, pressed in enumerate(keys.T, 1):
                simulator.step(numbers[pressed])
                if frame % every == 0:
                    shown.append(simulator.observe()[0].copy())
        finally:
            simulator.close()
        yield from np.stack(shown, 1)


class _Recording:
    def __init__(
        self,
        game: Game,
        simulator: Simulator,
        quotas: list[int],
        frames: int,
        rng: np.random.Generator,
        *,
        teller: Teller,
        editor: Editor | None,
    ) -> None:
        self._game, self._simulator, self._quotas, self._frames = game, simulator, quotas, frames
        self._teller, self._editor = teller, editor
        self._shortest = min(SHORTEST, frames)
        # one generator an environment: what one draws does not depend on how long the others' clips are
        self._rngs = rng.spawn(len(quotas))
        # and words come from other generators than play, so that new wordings leave the frames as they were
        self._word_rngs = rng.spawn(len(quotas))
        # nor do changes of look change what is played
        self._change_rngs = rng.spawn(len(quotas)) if editor is not None else []
        self._takes = [self._new_take(i) for i in range(len(quotas))]

    def clips(self) -> Iterator[SourceClip]:
        fresh = True  # the first observation is the first of a level, but nothing ended before it
        while any(self._quotas):
            images, first = self._simulator.observe()
            actions = np.full(len(self._quotas), self._game.number(0))
            for i in range(len(self._quotas)):
                if not self._quotas[i]:
                    continue
                if first[i] and not fresh and (clip := self._cut(i)) is not None:
                    yield clip
                actions[i] = self._play(i, images[i])
                if len(self._takes[i].frames) == self._frames and (clip := self._cut(i)) is not None:
                    yield clip
                    actions[i] = -1
            fresh = False
            self._simulator.step(actions)

    def _play(self, i: int, image: np.ndarray) -> int:
        take, rng = self._takes[i], self._rngs[i]
        if take.warm_up:
            take.warm_up -= 1
            return self._game.number(take.warm_policy.act(lambda: self._see(i), rng))
        state = self._see(i)
        if not take.frames:
            take.level = state.level
        if len(take.frames) in take.change_at:
            image, state = self._changed(i, state)
        take.frames.append(image.copy())
        take.notes.append(self._teller.note(state))
        action = take.policy.act(lambda: state, rng)
        take.actions.append(action)
        return self._game.number(action)

    def _changed(self, i: int, state: ProcgenState) -> tuple[np.ndarray, ProcgenState]:
        """Change the look of environment `i` at its next frame; what it shows now, and its state."""
        assert self._editor is not None
        self._editor.edit(state, self._change_rngs[i])
        self._simulator.set_state(i, state.to_bytes())
        return self._simulator.observe()[0][i], state

    def _see(self, i: int) -> ProcgenState:
        return ProcgenState.parse(self._simulator.state(i))

    def _cut(self, i: int) -> SourceClip | None:
        """End the take of environment `i`; None where it is too short to keep or has not begun."""
        take = self._takes[i]
        if not take.frames:
            return None
        self._takes[i] = self._new_take(i)
        if len(take.frames) < self._shortest:
            return None
        self._quotas[i] -= 1
        told = self._teller.tell(take.notes, self._word_rngs[i])
        plain = {"game": self._game.name, "level": take.level, "policy": take.policy_name}
        return SourceClip(
            frames=np.stack(take.frames),
            actions=np.array(take.actions[:-1], np.int16),
            caption=told.caption,
            captions=told.captions,
            attributes=plain | told.attributes,
            level=take.level,
            policy=take.policy_name,
        )

    def _new_take(self, i: int) -> _Take:
        rng = self._rngs[i]
        name = str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
        warm_up = 0 if rng.random() < _FROM_THE_START else int(rng.integers(1, _LONGEST_WARM_UP + 1))
        return _Take(
            policy_name=name,
            policy=self._player(name),
            warm_up=warm_up,
            warm_policy=self._player("finish"),
            change_at=self._editor.frames(self._frames, self._change_rngs[i]) if self._editor else (),
        )

    def _player(self, name: str) -> Policy:
        names, even = self._game.actions, self._game.weights()
        if name == "uniform":
            return Sticky(even, 1.0)
        if name == "sticky":
            return Sticky(even, 0.12)
        if name == "sticky_left":
            return Sticky(even * leaning(names, "left"), 0.1)
        if name == "finish" and self._game.finisher is not None:
            return Noisy(self._game.finisher(names), len(names))
        return Sticky(even * leaning(names, self._game.toward), 0.12)
