"""What is said of a clip, by somebody who looks at the state of every frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from .state import ProcgenState


class Told(NamedTuple):
    """A caption true of the whole clip, timed ones (start, end, text) that cover it, and attributes."""

    caption: str
    captions: tuple[tuple[int, int, str], ...]
    attributes: dict[str, Any]


class Teller(Protocol):
    """Notes what each frame shows, and tells a clip from its notes."""

    def note(self, state: ProcgenState) -> Any:
        """What is kept of a frame's state."""

    def tell(self, notes: Sequence[Any], rng: np.random.Generator) -> Told:
        """What the frames with these notes, at least one, show."""


class SceneTeller:
    """Tells of every clip what is true of a whole game."""

    def __init__(self, scene: str) -> None:
        self._scene = scene

    def note(self, state: ProcgenState) -> None:
        return None

    def tell(self, notes: Sequence[None], rng: np.random.Generator) -> Told:
        return Told(self._scene, (), {})


class Editor(Protocol):
    """Changes how a level looks in the midst of a clip."""

    def frames(self, count: int, rng: np.random.Generator) -> tuple[int, ...]:
        """At which frames of a clip of so many, in order; none of most clips, or of all, if it likes."""

    def edit(self, state: ProcgenState, rng: np.random.Generator) -> None:
        """Have the state look otherwise, and play on as it would have."""
