"""Which levels belong to which split, and what may be seen there.

Some combinations (see `look`) are held out: levels of "train", "test" and "starts" never show them, every
level of "unseen" does, and those of "judge" show anything: a judge must not be blind to what it is to judge.
"""

from __future__ import annotations

from typing import NamedTuple

from .look import Combinations


class Split(NamedTuple):
    """A split's level numbers, the combinations they show, and whether looks change in mid-clip."""

    levels: range
    combinations: Combinations
    changing: bool


SPLITS = {
    "train": Split(range(100_000), "seen", True),
    "test": Split(range(100_000, 110_000), "seen", False),
    "unseen": Split(range(110_000, 120_000), "held out", False),
    "judge": Split(range(120_000, 140_000), "all", False),
    "starts": Split(range(140_000, 150_000), "seen", False),
}
