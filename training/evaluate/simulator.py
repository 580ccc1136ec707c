"""The simulator behind a world, where there is one."""

from genie.core.errors import GenieError
from genie.worlds import WorldSpec, find, load_source
from genie.worlds.source import Source


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
