"""First frames made from text: start frames repainted by the world itself, ranked by what they show."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from genie.runtime.engine import Engine
from genie.runtime.noise import step_noise
from genie.runtime.stepper import State, Stepper

CANDIDATES = 6
"""Start frames that are repainted where none shows all that a prompt names."""
STEPS = 20
"""Frames that pass, nobody doing anything, while the world becomes what the prompt says."""
EVERY = 5
"""Frames of which one is held against the prompt."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What first frames are made of: the prompt as it is told, and what else decides every step."""

    prompt: str
    seed: int
    temperature: float
    strength: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Painting:
    """A look at a world that is being repainted.

    `prompt` is what it is told; `frame` uint8 [height, width, 3] what it has come to after `step` of STEPS
    frames, in the `candidate` (from 0) of so many `candidates`. The first look is at the start frame that
    shows the prompt best.
    """

    prompt: str
    frame: np.ndarray
    candidate: int
    candidates: int
    step: int

    @property
    def share(self) -> float:
        """How much of the work is done, 0 to 1."""
        return (self.candidate + self.step / STEPS) / self.candidates


Watch = Callable[[Painting], object]
"""Is shown a world that is being repainted, frame by frame; what it raises ends that."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FirstFrame:
    """A frame to begin with: `tokens` int64 [1, N, D], and `frame` uint8 [height, width, 3] as they decode.

    `agreement` is how far the frame shows what the prompt says, -1 to 1.
    """

    tokens: np.ndarray
    frame: np.ndarray
    agreement: float


class FirstFrames(Sequence[FirstFrame]):
    """The frames that a session may begin with, the best first; each is made when it is first wanted.

    Where start frames show all that the prompt names it is those, in an order of the seed's. Where none does,
    the nearest ones are played on under the prompt, nobody doing anything; a model that compares pictures
    with text says which frame of each to begin with, and puts them in order. At least one; the same for the
    same `asked`.
    """

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self._engine, self._asked = engine, asked
        ranked = engine.starts.ranked(asked.prompt, asked.seed)
        self._fitting = [number for number in ranked if not engine.starts.lacks(asked.prompt, number)]
        self._nearest = [] if self._fitting else ranked[:CANDIDATES]
        self._repainted: list[FirstFrame] = []
        self._making = threading.Lock()

    def __len__(self) -> int:
        return len(self._fitting or self._nearest)

    @overload
    def __getitem__(self, place: int) -> FirstFrame: ...
    @overload
    def __getitem__(self, place: slice) -> list[FirstFrame]: ...
    def __getitem__(self, place: int | slice) -> FirstFrame | list[FirstFrame]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        self.make()
        return self._begun(self._fitting[place]) if self._fitting else self._repainted[place]

    @property
    def are_repainted(self) -> bool:
        """Whether no start frame shows all that the prompt names, so that making them takes a while."""
        return not self._fitting

    def make(self, watch: Watch = lambda painting: None) -> None:
        """Repaint what has to be, now rather than when one is wanted.

        `watch` is shown every frame of it, in the caller's thread. What it raises ends it: nothing is made.
        """
        with self._making:  # who comes second gets what the first has made
            if self._nearest and not self._repainted:
                stepper = Stepper(self._engine)
                strength = self._engine.emphasised(self._asked.strength)  # to their start, the words are new
                stepper.set_condition(self._engine.condition(self._asked.prompt, strength))
                made = [self._repaint(place, stepper, watch) for place in range(len(self._nearest))]
                self._repainted = sorted(made, key=lambda frame: -frame.agreement)

    @cached_property
    def _said(self) -> np.ndarray:
        return self._engine.said(self._asked.prompt)

    def _repaint(self, place: int, stepper: Stepper, watch: Watch) -> FirstFrame:
        """The frame that agrees best with the prompt, of those that one start frame goes through under it."""
        engine, asked = self._engine, self._asked
        idle = engine.manifest.actions.index(engine.manifest.actions.idle.name)

        def look(frame: np.ndarray, step: int) -> None:
            count = len(self._nearest)
            watch(Painting(prompt=asked.prompt, frame=frame, candidate=place, candidates=count, step=step))

        best = self._begun(self._nearest[place])
        look(best.frame, 0)
        stepper.load(still(engine, best.tokens, best.frame))
        for index in range(STEPS):
            noise = step_noise(asked.seed, index, engine.noise_shape)
            stepper.step(index, idle, noise, asked.temperature)
            look(stepper.frame, index + 1)
            if (index + 1) % EVERY == 0:
                shown = self._shown(stepper.tokens, stepper.frame)
                best = max(best, shown, key=lambda frame: frame.agreement)
        return best

    def _begun(self, number: int) -> FirstFrame:
        """A start frame as the world's own tokens render it."""
        tokens = self._engine.encode(self._engine.starts.frames[number])
        return self._shown(tokens, self._engine.decode(tokens))

    def _shown(self, tokens: np.ndarray, frame: np.ndarray) -> FirstFrame:
        agreement = float((self._said * self._engine.seen(frame)).sum())
        return FirstFrame(tokens=tokens, frame=frame, agreement=agreement)


def still(engine: Engine, tokens: np.ndarray, frame: np.ndarray) -> State:
    """Return the state of a session that begins with a frame, which stands for all that was before."""
    frames = np.repeat(frame[None, None], engine.manifest.history, axis=1)
    return State(tokens=tokens, frames=frames, cache=None)
