"""A line of play: what was done from a session's start to one of its frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Line:
    """What was done, by frame number; it ends at frame `len(actions)`.

    `actions[t]` leads from frame t to t + 1. `prompts` are the changes (frame, text), each in force from the
    step that leaves that frame, and so are `strengths`, the changes (frame, how much words count). `given`
    holds the pictures, uint8 [height, width, 3], that were put in place of what the world would have made.
    `tokens[t]` is frame t + 1 as the world's own packed tokens, where they are known from the start of the
    line on; there may be fewer of them than actions.
    """

    actions: tuple[int, ...] = ()
    prompts: tuple[tuple[int, str], ...] = ()
    strengths: tuple[tuple[int, float], ...] = ()
    given: Mapping[int, np.ndarray] = field(default_factory=dict)
    tokens: tuple[bytes, ...] = ()

    def __len__(self) -> int:
        return len(self.actions)

    def upto(self, frame: int) -> Line:
        """Return the part that leads to `frame`."""
        return Line(
            actions=self.actions[:frame],
            prompts=tuple(entry for entry in self.prompts if entry[0] <= frame),
            strengths=tuple(entry for entry in self.strengths if entry[0] <= frame),
            given={at: picture for at, picture in self.given.items() if at <= frame},
            tokens=self.tokens[:frame],
        )

    def prompt_of(self, frame: int, start: str) -> str:
        """Return the prompt that `frame` was made under, given the one that the session started with."""
        return next((text for at, text in reversed(self.prompts) if at < frame), start)
