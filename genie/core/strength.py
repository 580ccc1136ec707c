"""How much the words of a prompt count: 1 is as a world was trained, 0 not at all."""

from __future__ import annotations

from genie.core.errors import UsageError

LARGEST_STRENGTH = 10


def checked_strength(strength: float) -> float:
    """Return a strength of words as a float; raise UsageError unless it is a number from 0 to 10."""
    try:
        value = float(strength)
    except (TypeError, ValueError, OverflowError):
        value = -1.0
    if not 0 <= value <= LARGEST_STRENGTH:
        raise UsageError(f"A strength of words is from 0 to {LARGEST_STRENGTH}, not {strength!r}.")
    return value
