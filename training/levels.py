"""Which levels a dataset's clips are of: what nothing may both learn from and be scored on."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from genie.clips.atomic import replace_file
from genie.clips.frame_store import FrameStore

BEGAN_WITH = "began_with.json"  # beside the checkpoint of a stage that began with a bundle's weights
Data = dict[str, Any]  # data_hash and levels, [first, one after last] or None where they are not known


def known_levels(store: FrameStore) -> set[int] | None:
    """The levels that a dataset's clips are of; None where some clip does not say."""
    levels = [clip.get("level") for clip in store.attributes]
    known = {level for level in levels if type(level) is int}
    return known if known and len(known) == len(set(levels)) else None


def level_bounds(store: FrameStore) -> list[int] | None:
    """The first of a dataset's levels and the one after its last; None where they are not known."""
    levels = known_levels(store)
    return None if levels is None else [min(levels), max(levels) + 1]


def learned_from(store: FrameStore, simulated: range | None = None) -> dict[str, Any]:
    """What a judge learns from, as its checkpoint keeps it: the clips, their levels and the simulator's."""
    levels = known_levels(store)
    return {
        "data_hash": store.hash,
        "levels": None if levels is None else sorted(levels),
        "simulated_levels": None if simulated is None else [simulated.start, simulated.stop],
    }


def with_levels_of(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """What one learns from who begins with another's weights: the levels of both, None where not known."""
    bounds = [one["simulated_levels"] for one in (ours, theirs) if one["simulated_levels"]]
    known = ours["levels"] is not None and theirs["levels"] is not None
    return ours | {
        "levels": sorted({*ours["levels"], *theirs["levels"]}) if known else None,
        "simulated_levels": [min(a for a, _ in bounds), max(b for _, b in bounds)] if bounds else None,
    }


def data_behind(trained_on: Mapping[str, Any]) -> list[Data]:
    """All that a bundle's weights have learned from, by its manifest: its own data and what was before it."""
    own = {name: trained_on.get(name) for name in ("data_hash", "levels")}
    return [own, *trained_on.get("began_with", [])]


def keep_began_with(stage: Path, data: Iterable[Data]) -> None:
    """Write into a stage's folder what the weights that it begins with have learned from, if it does."""
    stage.mkdir(parents=True, exist_ok=True)
    file, told = stage / BEGAN_WITH, list(data)
    if told:
        replace_file(file, json.dumps(told).encode())
    else:
        file.unlink(missing_ok=True)


def began_with(stages: Iterable[Path]) -> list[Data]:
    """What the weights that stages began with have learned from, each once."""
    found: list[Data] = []
    for stage in stages:
        if (stage / BEGAN_WITH).is_file():
            told = json.loads((stage / BEGAN_WITH).read_text(encoding="utf-8"))
            found += [data for data in told if data not in found]
    return found
