"""Refuses to score with what was seen in training: such a score says nothing."""

from typing import Any

from genie.clips.frame_store import FrameStore
from genie.core.errors import GenieError
from genie.core.manifest import Manifest
from genie.worlds import WorldSpec
from training.levels import data_behind, known_levels


class LeakError(GenieError):
    """A judge or a world has learned from what it is to be scored on."""


def check_judge(learned_from: dict[str, Any] | None, store: FrameStore, scored: range | None) -> str:
    """Refuse a judge that learned from clips or levels that are scored; returns what was made sure of.

    scored: the levels of the simulator's test split, if it is asked. Raises LeakError.
    """
    if learned_from is None:
        raise LeakError("the judge does not say what it learned from: train it again, on the split 'judge'")
    if learned_from["data_hash"] == store.hash:
        raise LeakError("the judge learned from the very clips that are to be scored: train it on others")
    tests, levels = known_levels(store), learned_from["levels"]
    if tests is None or levels is None:
        return "only that the judge's dataset is another one: the clips' levels are not known"
    seen = set(levels) | set(range(*(learned_from.get("simulated_levels") or (0, 0))))
    _refuse("the judge", seen, tests | set(scored or ()))
    return "that no level of the judge's is scored"


def check_world(manifest: Manifest, store: FrameStore, spec: WorldSpec | None, scored: range | None) -> str:
    """Refuse a world that was trained on clips or levels that it is scored on; returns what was made sure of.

    So is one whose training began with such weights. A bundle that does not record its levels is held to the
    training split of its world.toml, spec, if there is one. scored: the levels of the simulator's test split,
    if it is asked. Raises LeakError.
    """
    behind = data_behind(manifest.trained_on)
    if any(data["data_hash"] == store.hash for data in behind):
        raise LeakError(f"{manifest.world} was trained on the very clips that are to be scored: give others")
    tests = known_levels(store)
    usual = _bounds(spec.splits.get("train")) if spec else None
    levels = [data["levels"] or usual for data in behind]
    seen = {level for bounds in levels if bounds for level in range(*bounds)}
    _refuse(manifest.world, seen, (tests or set()) | set(scored or ()))
    if tests is None or None in levels:
        return "only that the world's dataset is another one: the levels are not known"
    if len(behind) > 1:
        return "that no level is scored that the world, or the weights it began with, were trained on"
    return "that no level of the world's training split is scored"


def _bounds(levels: range | None) -> tuple[int, int] | None:
    return None if levels is None else (levels.start, levels.stop)


def _refuse(who: str, seen: set[int], scored: set[int]) -> None:
    if leaked := sorted(seen & scored):
        some = ", ".join(map(str, leaked[:3])) + (" ..." if len(leaked) > 3 else "")
        raise LeakError(
            f"{who} has learned from {len(leaked)} of the levels that are to be scored ({some}): "
            "score on levels of the split 'test', which nothing learns from"
        )
