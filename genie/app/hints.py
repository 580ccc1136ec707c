"""What to press, said for the hands that are at it: on a keyboard or on a gamepad."""

from collections.abc import Iterable
from typing import NamedTuple


class Hint(NamedTuple):
    """A key and what it does; `button` is the gamepad's that does the same, "" where none does."""

    key: str
    does: str
    button: str = ""


def hint_line(hints: Iterable[Hint], *, by_pad: bool) -> str:
    """Return hints in one line; for a gamepad, those that it can follow."""
    pairs = [(hint.button if by_pad else hint.key, hint.does) for hint in hints]
    return " · ".join(f"{press} {does}" for press, does in pairs if press)
