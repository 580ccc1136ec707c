"""Chance as a pure function of seed and frame number, so that going back needs no generator's state."""

from __future__ import annotations

import operator
from typing import SupportsIndex

import numpy as np

from genie.core.errors import UsageError

LARGEST_SEED = 2**63 - 1
_STEPS, _CHOICES = 0, 1


def checked_seed(seed: SupportsIndex) -> int:
    """Return the seed as an int; raise UsageError unless it is a whole number of 0 to 2**63 - 1."""
    try:
        value = operator.index(seed)
    except TypeError:
        value = -1
    if not 0 <= value <= LARGEST_SEED:
        raise UsageError(f"A seed is a whole number from 0 to {LARGEST_SEED}, not {seed!r}.")
    return value


def step_noise(seed: int, index: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return the noise of the step that leaves frame `index`: float32, uniform, strictly in (0, 1)."""
    bits = _generator(seed, _STEPS, index).integers(0, 1 << 23, size=shape, dtype=np.uint32)
    # The middle of each of 2**23 cells: exact in float32, and never 0 or 1: graphs take logarithms.
    return (bits.astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)


def shuffle(seed: int, count: int) -> list[int]:
    """Return 0..count-1 in an order of the seed's, independent of every step's noise."""
    order: list[int] = _generator(seed, _CHOICES, 0).permutation(count).tolist()
    return order


def _generator(seed: int, purpose: int, index: int) -> np.random.Generator:
    # Philox counts up in its lowest word as it draws: the index goes to a higher one, so that no two streams
    # overlap.
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, purpose, index]))
