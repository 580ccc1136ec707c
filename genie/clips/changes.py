"""Clips whose look changes midway: what the attribute "changes" of a clip says.

It is a list of {"frame": n, NAME: VALUE, ...}: from frame n on those attributes have other values, and all
others stay what they were. A clip's other attributes are those of its first frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def changes_of(attributes: Mapping[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The changes of a clip as (frame, new values), in order; none where "changes" means something else."""
    listed = attributes.get("changes")
    if not isinstance(listed, list) or not all(_is_change(change) for change in listed):
        return []
    values = [{name: value for name, value in change.items() if name != "frame"} for change in listed]
    changes = zip((change["frame"] for change in listed), values, strict=True)
    return sorted(changes, key=lambda change: change[0])


def attributes_at(attributes: Mapping[str, Any], frame: int) -> dict[str, Any]:
    """The attributes that hold at a frame of a clip, without the list of changes."""
    changes = changes_of(attributes)
    held = {name: value for name, value in attributes.items() if name != "changes" or not changes}
    for start, values in changes:
        if start <= frame:
            held |= values
    return held


def looks_at(attributes: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """A clip's first frame and those of its changes, each with the attributes that hold from there on."""
    for frame in (0, *(frame for frame, _ in changes_of(attributes))):
        yield frame, attributes_at(attributes, frame)


def looks_of(attributes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The attributes that hold at a clip's first frame, and from each of its changes on."""
    return (look for _, look in looks_at(attributes))


def _is_change(change: Any) -> bool:
    return isinstance(change, dict) and type(change.get("frame")) is int
