"""The tiny world painted as prompts say, and a judge of attributes that reads the paint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from genie.core.mentions import Mentions
from genie.core.phrases import words_of
from tests.support.tiny_bundle import SAID

VALUES = {name: tuple(values) for name, values in SAID.values.items()}
PAINT = 80  # how much brighter a value is than the one before
BANDS = dict(zip(VALUES, ((0, 8), (8, 16)), strict=True))  # the rows that show an attribute
_MENTIONS = Mentions(SAID)


class WordedWorld:
    """Shows what prompts name in the blue of its frames, each attribute in rows of its own.

    hears: what it makes of a prompt in force, given the one that it was started with.
    """

    def __init__(self, world: Any, *, hears: Callable[[str, str], str] = lambda now, first: now) -> None:
        self.world, self.hears = world, hears
        self.actions, self.manifest, self.engine = world.actions, world.manifest, world.engine

    def start(self, *, prompt: str, **how: Any) -> WordedSession:
        return WordedSession(self, self.world.start(prompt=prompt, **how), prompt)


class WordedSession:
    """What `WordedWorld.start` returns."""

    def __init__(self, world: WordedWorld, session: Any, prompt: str) -> None:
        self.world, self.session, self.first, self.prompt = world, session, prompt, prompt

    @property
    def frame(self) -> np.ndarray:
        return painted(self.session.frame, named(self.world.hears(self.prompt, self.first)))

    def step(self, action: int, frame: np.ndarray | None = None) -> np.ndarray:
        self.session.step(action, frame=frame)
        return self.frame

    def snapshot(self) -> Any:
        return self.session.snapshot()

    def restore(self, mark: Any) -> None:
        self.session.restore(mark)


def named(prompt: str) -> dict[str, str]:
    """What a prompt names, the first value where it names none."""
    found = _MENTIONS.find(words_of(prompt)).phrases
    said = {name: _MENTIONS.value(name, text) for name, text in found.items()}
    return {name: said.get(name, values[0]) for name, values in VALUES.items()}


def painted(frame: np.ndarray, shown: dict[str, str]) -> np.ndarray:
    """A frame with its blue saying what is shown."""
    out = frame.copy()
    for name, (first, last) in BANDS.items():
        out[first:last, :, 2] = PAINT * VALUES[name].index(shown[name])
    return out


class Painter:
    """In place of the judge of attributes: reads the paint. blind: to attributes of these names."""

    class config:
        attributes = VALUES

    def __init__(self, blind: tuple[str, ...] = ()) -> None:
        self.blind = blind

    def __call__(self, frames: torch.Tensor) -> dict[str, torch.Tensor]:
        told = {}
        for name, (first, last) in BANDS.items():
            blue = frames[:, first:last, :, 2].float().mean((1, 2))
            number = torch.zeros_like(blue).long() if name in self.blind else (blue / PAINT).round().long()
            told[name] = 20 * torch.nn.functional.one_hot(number, len(VALUES[name])).float()
        return told
