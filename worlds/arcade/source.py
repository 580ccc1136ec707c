"""All sixteen games of Procgen as one source of clips: a level's number says which game and level it is."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace

import numpy as np

from genie.worlds.source import Branches, SourceClip

from .._procgen.games import ACTIONS, GAMES
from .._procgen.recorder import ProcgenSource
from .captions import teller_of

_GAMES = tuple(GAMES)


def source() -> Arcade:
    """The simulator's adapter; it needs the simulator only once it records."""
    return Arcade()


class Arcade:
    """A mixture of games, as many clips of each; one list of actions, of which every game has some.

    Level n is level n // 16 of game n % 16, so a level of a game is in the same split as in that game's own
    world.
    """

    fps = ProcgenSource.fps
    frame_size = ProcgenSource.frame_size
    action_names = ACTIONS

    def __init__(self) -> None:
        self._sources = [ProcgenSource(game, actions=ACTIONS, teller=teller_of(game)) for game in _GAMES]
        self.splits: Mapping[str, range] = {
            name: range(len(_GAMES) * levels.start, len(_GAMES) * levels.stop)
            for name, levels in self._sources[0].splits.items()
        }

    def record(self, *, split: str, clips: int, frames: int, seed: int) -> Iterator[SourceClip]:
        """`clips` clips of at most `frames` frames, the games taking turns in an order drawn by `seed`.

        Raises SourceError without the simulator.
        """
        turns = self._turns(clips, seed)
        with ExitStack() as stack:
            recordings = {
                number: stack.enter_context(
                    closing(self._clips(number, split, turns.count(number), frames, seed))
                )
                for number in sorted(set(turns))
            }
            for number in turns:
                yield next(recordings[number])

    def player_pairs(self, *, split: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Frames of all games, and the same without the player's character; see `absence`."""
        turns = self._turns(count, seed)
        pairs = {
            number: self._sources[number].player_pairs(
                split=split, count=turns.count(number), seed=_own_seed(seed, number)
            )
            for number in sorted(set(turns))
        }
        order = [(number, turns[:turn].count(number)) for turn, number in enumerate(turns)]
        present, absent = (np.array([pairs[number][side][i] for number, i in order]) for side in (0, 1))
        return present, absent

    def branches(self, *, split: str, count: int, past: int, future: int, seed: int) -> Branches:
        """Moments of all games under every action; an action that a game does not have does nothing."""
        turns = self._turns(count, seed)
        parts = {
            number: self._sources[number].branches(
                split=split,
                count=turns.count(number),
                past=past,
                future=future,
                seed=_own_seed(seed, number),
            )
            for number in sorted(set(turns))
        }
        order = [(parts[number], turns[:turn].count(number)) for turn, number in enumerate(turns)]
        return Branches(
            past=np.array([part.past[i] for part, i in order]),
            actions=np.array([part.actions[i] for part, i in order]),
            futures=np.array([part.futures[i] for part, i in order]),
            captions=[part.captions[i] for part, i in order],
        )

    def play(self, *, split: str, keys: np.ndarray, every: int, seed: int) -> Iterator[np.ndarray]:
        """Sessions of all games, taking turns; see `genie.worlds.source.Playable`."""
        turns = np.array(self._turns(len(keys), seed))
        sessions = {
            int(number): self._sources[number].play(
                split=split, keys=keys[turns == number], every=every, seed=_own_seed(seed, int(number))
            )
            for number in np.unique(turns)
        }
        for number in turns.tolist():
            yield next(sessions[number])

    def _turns(self, count: int, seed: int) -> list[int]:
        """Which game, by number, each of `count` is of: all come up as often, or once more."""
        order = np.random.default_rng(seed).permutation(len(_GAMES)).tolist()
        return [order[turn % len(order)] for turn in range(count)]

    def _clips(self, number: int, split: str, clips: int, frames: int, seed: int) -> Generator[SourceClip]:
        recording = self._sources[number].record(
            split=split, clips=clips, frames=frames, seed=_own_seed(seed, number)
        )
        for clip in recording:
            level = len(_GAMES) * clip.level + number
            yield replace(clip, level=level, attributes={**clip.attributes, "level": level})


def _own_seed(seed: int, number: int) -> int:
    """A seed for one game: with the same for all, they would share their players."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
