"""Rooms as a source of clips: MiniWorld draws what is walked and told here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from genie.worlds.processes import Processes
from genie.worlds.source import Branches, SourceClip

from .sight import SIDE
from .simulator import require_simulator
from .splits import SPLITS
from .walker import ACTIONS

_PROCESSES = 2


def source() -> RoomsSource:
    """The simulator's adapter; it needs the simulator only once it records."""
    return RoomsSource()


class RoomsSource:
    """Walks through rooms, seen in first person; drawn in two processes."""

    fps = 15
    frame_size = (SIDE, SIDE)
    action_names = ACTIONS
    splits: Mapping[str, range] = {name: split.levels for name, split in SPLITS.items()}

    def __init__(self) -> None:
        self._processes = Processes(Path(__file__).with_name("jobs.py"), _PROCESSES)

    def record(self, *, split: str, clips: int, frames: int, seed: int) -> Iterator[SourceClip]:
        """`clips` clips of exactly `frames` frames, by the arguments alone.

        Raises SourceError without the simulator.
        """
        require_simulator()
        yield from self._processes.each("clip", [(split, frames, seed, i) for i in range(clips)])

    def branches(self, *, split: str, count: int, past: int, future: int, seed: int) -> Branches:
        """Moments of a split's levels, each gone on from under every action held; see Branches."""
        require_simulator()
        jobs = [(split, past, future, seed, i) for i in range(count)]
        pasts, actions, futures, captions = zip(*self._processes.each("moment", jobs), strict=True)
        return Branches(np.array(pasts), np.array(actions), np.array(futures), list(captions))

    def play(self, *, split: str, keys: np.ndarray, every: int, seed: int) -> Iterator[np.ndarray]:
        """Walks under given keys, none of which ends; see `genie.worlds.source.Playable`."""
        require_simulator()
        yield from self._processes.each(
            "session", [(split, pressed.tolist(), every, seed, number) for number, pressed in enumerate(keys)]
        )
