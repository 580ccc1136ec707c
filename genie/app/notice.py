"""A line of news for the player, shown for a while."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """A text and the time, in seconds of the game's clock, at which it goes away."""

    text: str
    until: float
    is_error: bool = False

    @classmethod
    def lasting(cls, text: str, now: float, *, is_error: bool = False) -> "Notice":
        """Return a notice that stays long enough to be read."""
        return cls(text, now + 2.0 + 0.05 * len(text) + (2.0 if is_error else 0.0), is_error)
