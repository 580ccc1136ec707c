"""What there is to show."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A frame, uint8 [height, width, 3] RGB, and where it stands in its session."""

    frame: np.ndarray
    index: int
    seed: int
    prompt: str
    strength: float = 1.0
    """How much the words of the prompt count."""
    session: int = 0
    """Which of the sessions begun it is of: its branches are no other's."""
    branch: int = 0
    end: int = 0
    """The last frame of the line that it stands on: further than `index` after going back."""
    branches: int = 1
    """How many branches the session has."""
    forks: tuple[int, ...] = ()
    """The frames of the line at which others part from it."""
    seconds: float = 0.0
    """How long the frame took to make."""
