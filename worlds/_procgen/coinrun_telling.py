"""CoinRun's own teller: what its levels look like, what the alien does, and what becomes another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .coinrun_captions import captions_of, captions_over
from .coinrun_changes import changes_of
from .coinrun_facts import FrameFacts, Scene, facts_of, scene_of
from .coinrun_names import BACKGROUNDS
from .state import ProcgenState
from .telling import Told

Note = tuple[Scene, FrameFacts]


class CoinRunTeller:
    """Tells background, ground and alien, what is done and what is near; looks may change in mid-clip."""

    def note(self, state: ProcgenState) -> Note:
        return scene_of(state), facts_of(state)

    def tell(self, notes: Sequence[Note], rng: np.random.Generator) -> Told:
        scenes, facts = zip(*notes, strict=True)
        scene, changes = scenes[0], changes_of(scenes)
        attributes: dict[str, Any] = {}
        if changes:
            caption, captions = captions_over(scene, changes, facts, rng)
            attributes["changes"] = [change.facts() for change in changes]
        else:
            caption, captions = captions_of(scene, facts, rng)
        attributes |= {
            "background": scene.background,
            "background_name": BACKGROUNDS[scene.background][0],
            "ground": scene.ground,
            "alien": scene.alien,
            "start_x": round(facts[0].x, 2),
            "end_x": round(facts[-1].x, 2),
            "jumps": sum(b.vy > 0 >= a.vy for a, b in pairwise(facts)),
        }
        return Told(caption, captions, attributes)
