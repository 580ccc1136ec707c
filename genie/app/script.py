"""A script: actions and prompts decided before playing, by `--keys` or a recorded session."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np


class Ending(Enum):
    """What a window does when its script is over."""

    HAND_OVER = "hand over"
    """The player's own keys take over."""

    PAUSE = "pause"
    """The picture stands; the player may go on from there."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """What to do, by frame number, so that rewinding needs no bookkeeping.

    `actions[t]` leads from frame t to t + 1; a prompt, and how much words count, holds from its frame on.
    """

    actions: tuple[int, ...]
    prompts: Mapping[int, str] = field(default_factory=dict)
    strengths: Mapping[int, float] = field(default_factory=dict)
    given: Mapping[int, np.ndarray] = field(default_factory=dict)
    """Pictures, uint8 [height, width, 3], to put in place of frames."""
    ending: Ending = Ending.HAND_OVER

    def __len__(self) -> int:
        return len(self.actions)

    def covers(self, index: int) -> bool:
        """Whether the script says what to do at frame `index`."""
        return index < len(self.actions)

    def lengthened(self, frames: int, idle: int) -> "Script":
        """Return the script cut, or filled up with the action `idle`, to exactly `frames` actions."""
        filled = self.actions[:frames] + (idle,) * (frames - len(self.actions))
        return replace(self, actions=filled)
