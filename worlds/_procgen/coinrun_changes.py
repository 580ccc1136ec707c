"""Changes in mid-clip: background, ground or alien become another, and the game goes on as it would have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .coinrun_facts import Scene, scene_of
from .coinrun_names import ALIENS, BACKGROUNDS, GROUND_WORDS, GROUNDS
from .state import ProcgenState

SHARE = 0.35  # of the clips
_MARGIN = 12  # frames from the beginning, and between two changes
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
    """At which frames of a clip something changes: none for most clips, one or two for a share of them."""
    drawn = rng.random(2)  # as many draws for every clip, so that one does not decide on the next
    at = sorted(int(n) for n in rng.integers(_MARGIN, max(frames - _MARGIN, _MARGIN + 1), 2))
    if drawn[0] >= SHARE or frames < 3 * _MARGIN:
        return ()
    return tuple(at) if drawn[1] < 0.25 and at[1] - at[0] >= _MARGIN else (at[0],)


def change_look(state: ProcgenState, frame: int, rng: np.random.Generator) -> Change:
    """Edit a state so that one thing looks otherwise than it did, in words too; returns what."""
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
    return Change(frame=frame, what=what, scene=scene_of(state))


def _another(count: int, than: int, rng: np.random.Generator) -> int:
    return (than + int(rng.integers(1, count))) % count
