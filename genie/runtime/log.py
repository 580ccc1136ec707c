"""What was done in a session: actions, prompts, how much they count, frames given in place of made ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np

Value = TypeVar("Value")


class Words(NamedTuple):
    """A prompt as it is told, how much it counts, and since how many frames; None: since the start."""

    text: str
    strength: float
    age: int | None


@dataclass(kw_only=True)
class Log:
    """`actions[t]` leads from frame t to t + 1; `prompts` are (frame, text), in force from that frame on.

    The first prompt is the one the session started with, at frame 0; `strengths` are, alike, (frame, how much
    words count). `given` holds the tokens int64 [1, N, D]
    of each frame, by number, that was not made by the world. `tokens[t]` is frame t + 1, packed; there are as
    many as there have been frames, and fewer than actions only while a line is followed whose are not known.
    """

    prompts: list[tuple[int, str]]
    strengths: list[tuple[int, float]]
    actions: list[int] = field(default_factory=list)
    given: dict[int, np.ndarray] = field(default_factory=dict)
    tokens: list[bytes] = field(default_factory=list)

    def words_at(self, index: int) -> Words:
        """Return the prompt in force at frame `index`, and all that decides how much it counts there."""
        number, strength = _latest(self.prompts, index), _latest(self.strengths, index)
        since, text = self.prompts[number]
        return Words(text, self.strengths[strength][1], index - since if number else None)

    def set_prompt(self, index: int, text: str) -> None:
        """Put a prompt in force from frame `index`, the latest, on; it replaces one set at the same frame.

        Words that are in force already are nothing new.
        """
        _put(self.prompts, index, text)

    def set_strength(self, index: int, strength: float) -> None:
        """Have words count so much from frame `index`, the latest, on; it replaces what was set there."""
        _put(self.strengths, index, strength)

    def cut(self, index: int) -> None:
        """Forget what was done after frame `index`; a prompt set at that very frame stays."""
        del self.actions[index:]
        del self.tokens[index:]
        self.prompts = [self.prompts[0], *(entry for entry in self.prompts[1:] if entry[0] <= index)]
        self.strengths = [self.strengths[0], *(entry for entry in self.strengths[1:] if entry[0] <= index)]
        self.given = {frame: tokens for frame, tokens in self.given.items() if frame <= index}

    def copy(self) -> Log:
        """Return a log of its own with the same entries."""
        return Log(
            prompts=list(self.prompts),
            strengths=list(self.strengths),
            actions=list(self.actions),
            given=dict(self.given),
            tokens=list(self.tokens),
        )

    def agrees_until(self, other: Log) -> int:
        """Return the last frame that both logs lead to alike."""
        until = _common(self.actions, other.actions)
        ends = [
            changes[same][0]
            for ours, theirs in ((self.prompts, other.prompts), (self.strengths, other.strengths))
            for same in (_common(ours, theirs),)
            for changes in (ours, theirs)
            if same < len(changes)
        ]
        for frame in self.given.keys() | other.given.keys():
            if not np.array_equal(self.given.get(frame, ()), other.given.get(frame, ())):
                ends.append(frame - 1)
        return min([until, *ends])


def _latest(changes: list[tuple[int, Value]], index: int) -> int:
    """Which of the changes is in force: found from the end, where play is."""
    return next(n for n in reversed(range(len(changes))) if changes[n][0] <= index)


def _put(changes: list[tuple[int, Value]], index: int, value: Value) -> None:
    if len(changes) > 1 and changes[-1][0] == index:
        changes.pop()
    if value != changes[-1][1]:
        changes.append((index, value))


def _common(ours: list, theirs: list) -> int:
    pairs = zip(ours, theirs, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
