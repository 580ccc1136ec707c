"""Changes in mid-clip: background, ground or alien become another, and the game goes on as it would have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .coinrun_facts import Scene, scene_of
from .coinrun_names import ALIENS, BACKGROUNDS, GROUND_WORDS, GROUNDS
from .state import ProcgenState

SHARE = 0.75  # of the clips
_COUNTS = 0.25, 0.3, 0.25, 0.2  # of those that change once, twice, …
_MARGIN = 8  # frames from either end, and between two changes
_WHAT, _WEIGHTS = ("alien", "background", "ground"), (0.3, 0.35, 0.35)
_EVENTS = {
    "alien": ("the alien turns {}", "now the alien is {}"),
    "background": ("the background turns into {}", "behind there is now {}"),
    "ground": ("the ground turns to {}", "now there is {} to walk on"),
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """From `frame` on the level has the look `scene`, in which `what` differs from before."""

    frame: int
    what: str
    scene: Scene

    def facts(self) -> dict[str, Any]:
        """The attributes that are other ones from here on, with the frame."""
        facts: dict[str, Any] = {"frame": self.frame, self.what: getattr(self.scene, self.what)}
        if self.what == "background":
            facts["background_name"] = BACKGROUNDS[self.scene.background][0]
        return facts

    def announced(self, rng: np.random.Generator) -> str:
        """The change as it happens, in words."""
        words = {
            "alien": (self.scene.alien,),
            "background": BACKGROUNDS[self.scene.background][1:],
            "ground": GROUND_WORDS[self.scene.ground],
        }[self.what]
        event, said = _EVENTS[self.what], words[int(rng.integers(len(words)))]
        return event[int(rng.integers(len(event)))].format(said)


def draw_frames(frames: int, rng: np.random.Generator) -> tuple[int, ...]:
    """At which frames of a clip something changes: one to four of them in a share of the clips.

    They are many because words count at one frame of each change, and at no other; those that would be too
    near another are left out.
    """
    share, count = rng.random(2)  # as many draws for every clip, so that one does not decide on the next
    drawn = rng.integers(_MARGIN, max(frames - _MARGIN, _MARGIN + 1), len(_COUNTS))
    if share >= SHARE or frames < 3 * _MARGIN:
        return ()
    wanted = 1 + int(np.searchsorted(np.cumsum(_COUNTS)[:-1], count, side="right"))
    at: list[int] = []
    for frame in map(int, drawn):
        if len(at) < wanted and all(abs(frame - other) >= _MARGIN for other in at):
            at.append(frame)
    return tuple(sorted(at))


def change_look(state: ProcgenState, rng: np.random.Generator) -> None:
    """Edit a state so that one thing looks otherwise than it did, in words too."""
    before = scene_of(state)
    what = _WHAT[int(rng.choice(len(_WHAT), p=_WEIGHTS))]
    if what == "alien":
        state.agent["image_theme"] = _another(len(ALIENS), ALIENS.index(before.alien), rng)
    elif what == "ground":
        assert isinstance(state.tail, np.ndarray)
        state.tail["ground"] = _another(len(GROUNDS), GROUNDS.index(before.ground), rng)
    else:
        said = set(BACKGROUNDS[before.background][1:])
        others = [n for n, entry in enumerate(BACKGROUNDS) if said.isdisjoint(entry[1:])]
        state.view["background"] = others[int(rng.integers(len(others)))]


def changes_of(scenes: Sequence[Scene]) -> list[Change]:
    """What becomes another from one frame to the next, where frames show these scenes."""
    return [
        Change(frame=frame, what=what, scene=scene)
        for frame, (before, scene) in enumerate(pairwise(scenes), start=1)
        for what in _WHAT
        if getattr(before, what) != getattr(scene, what)
    ]


class LookEditor:
    """Changes looks as this module says."""

    def frames(self, count: int, rng: np.random.Generator) -> tuple[int, ...]:
        return draw_frames(count, rng)

    def edit(self, state: ProcgenState, rng: np.random.Generator) -> None:
        change_look(state, rng)


def _another(count: int, than: int, rng: np.random.Generator) -> int:
    return (than + int(rng.integers(1, count))) % count
