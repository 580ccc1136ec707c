"""Changes in mid-clip: walls, floor, top or an object's colour become another while the walker walks on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .look import COLOUR_NAMES, FLOOR_NAMES, TOP_NAMES, WALL_NAMES, Look, is_legible, is_seen
from .sight import SEEN
from .takes import Take

SHARE = 0.75  # of the clips
_COUNTS = 0.25, 0.3, 0.25, 0.2  # of those that change once, twice, …
_MARGIN = 8  # frames from either end, and between two changes
_FLOOR_SEEN_FROM = 2.4  # metres of free way ahead
_NAMES = {"walls": WALL_NAMES, "floor": FLOOR_NAMES, "top": TOP_NAMES}
_WHAT, _WEIGHTS = ("walls", "floor", "top", "object"), (0.2, 0.2, 0.15, 0.45)
_TRIES = 40


@dataclass(frozen=True, kw_only=True)
class Change:
    """From `frame` on the scene has the look `look`; `what` differs from before, of object `index` if any."""

    frame: int
    what: str
    index: int
    look: Look

    def facts(self) -> dict[str, Any]:
        """The attributes that are other ones from here on, with the frame."""
        if self.what != "object":
            return {"frame": self.frame, self.what: getattr(self.look, self.what)}
        colour = {} if self.index else {"colour": self.look.objects[0][1]}
        return {"frame": self.frame, **colour, "objects": things_of(self.look)}


def things_of(look: Look) -> list[dict[str, str]]:
    """The objects as the metadata has them."""
    return [{"kind": kind, "colour": colour} for kind, colour in look.objects]


def draw_changes(take: Take, rng: np.random.Generator) -> tuple[Change, ...]:
    """The changes of a clip, in a share of clips one to four: each of something in the picture at that frame.

    They are many because words count at one frame of each change, and at no other. No change leads to a
    combination that is held out of training.
    """
    changes: list[Change] = []
    if rng.random() >= SHARE:
        return ()
    wanted = 1 + int(rng.choice(len(_COUNTS), p=_COUNTS))
    for _ in range(_TRIES):
        if len(changes) == wanted or len(take.poses) < 3 * _MARGIN:
            break
        first = changes[-1].frame + _MARGIN if changes else _MARGIN
        left = len(take.poses) - _MARGIN - first
        if left < 1:
            break
        frame = first + int(rng.integers(-(-left // (wanted - len(changes)))))
        look = changes[-1].look if changes else take.scene.look
        if (change := _one(take, frame, look, rng)) is not None:
            changes.append(change)
    return tuple(changes)


def look_at(look: Look, changes: Sequence[Change], frame: int) -> Look:
    """The look that holds at a frame."""
    for change in changes:
        if change.frame <= frame:
            look = change.look
    return look


def _one(take: Take, frame: int, look: Look, rng: np.random.Generator) -> Change | None:
    what = _WHAT[int(rng.choice(len(_WHAT), p=_WEIGHTS))]
    if what == "object":
        return _object(take, frame, look, rng)
    if take.free_ahead[frame] < _FLOOR_SEEN_FROM:
        return None
    names = [name for name in _NAMES[what] if name != getattr(look, what)]
    named: dict[str, Any] = {what: names[int(rng.integers(len(names)))]}
    after = dataclasses.replace(look, **named)
    return _allowed(Change(frame=frame, what=what, index=-1, look=after))


def _object(take: Take, frame: int, look: Look, rng: np.random.Generator) -> Change | None:
    seen = [i for i, place in enumerate(take.places[frame]) if place in SEEN]
    if not seen:
        return None
    index = seen[int(rng.integers(len(seen)))]
    thing = look.objects[index][0], COLOUR_NAMES[int(rng.integers(len(COLOUR_NAMES)))]
    if thing in look.objects:
        return None
    things = (*look.objects[:index], thing, *look.objects[index + 1 :])
    after = dataclasses.replace(look, objects=things)
    return _allowed(Change(frame=frame, what="object", index=index, look=after))


def _allowed(change: Change) -> Change | None:
    return change if is_seen(change.look) and is_legible(change.look) else None
