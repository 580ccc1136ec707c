"""The simulator behind a world, where there is one."""

from collections.abc import Callable
from typing import TypeVar

from genie.core.errors import GenieError, SimulatorDied, SourceError
from genie.worlds import WorldSpec, find, load_source
from genie.worlds.source import Source

Answer = TypeVar("Answer")


def find_source(world_id: str) -> tuple[WorldSpec | None, Source | None, str]:
    """The world's description and simulator, or why there is none (a user's bundle has neither)."""
    try:
        spec = find(world_id)
    except GenieError as error:
        return None, None, str(error)
    try:
        return spec, load_source(spec), ""
    except GenieError as error:
        return spec, None, str(error)


def answer_of(ask: Callable[[], Answer]) -> tuple[Answer | None, str]:
    """What a simulator answers, or why it does not: a world's adapter may be there without its simulator.

    Raises SimulatorDied where it is there, and died.
    """
    try:
        return ask(), ""
    except SimulatorDied:
        raise
    except SourceError as error:
        return None, str(error)
