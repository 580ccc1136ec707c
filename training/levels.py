"""Which levels a dataset's clips are of: what nothing may both learn from and be scored on."""

from genie.clips.frame_store import FrameStore


def known_levels(store: FrameStore) -> set[int] | None:
    """The levels that a dataset's clips are of; None where some clip does not say."""
    levels = [clip.get("level") for clip in store.attributes]
    known = {level for level in levels if type(level) is int}
    return known if known and len(known) == len(set(levels)) else None


def level_bounds(store: FrameStore) -> list[int] | None:
    """The first of a dataset's levels and the one after its last; None where they are not known."""
    levels = known_levels(store)
    return None if levels is None else [min(levels), max(levels) + 1]
