"""What a report's pictures are made from: the arrays that its figures were computed from."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from genie.worlds.source import Branches
from training.evaluate.codes import CodeEvidence
from training.evaluate.held import Held
from training.evaluate.real_clips import RealClips
from training.evaluate.revisits import Revisited
from training.evaluate.text import TextEvidence


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """All that was looked at while a world was measured.

    context: uint8 [C, 4, H, W, 3], each clip's first frames as the world renders them; futures: uint8
    [C, 10, H, W, 3], what it makes of them under the clip's true keys;
    branches: the simulator's exact counterfactuals, None without a simulator that can go back; imagined:
    uint8 [M, A, F, H, W, 3], the world's own futures from the same moments, None where branches is;
    curves: by name, one number a window of long sessions (the name ends in _by_hundred or _by_thousand
    frames); confusions: by name, int [A, A], rows the key pressed, columns the key named; codes: what
    each latent code does, None where there are none; held: one start under each key, None where branches
    show that better; text: what became of prompts, None where text is not scored; revisited: what was made
    of ways back to a view, None where they were not tried.
    """

    actions: tuple[str, ...]
    clips: RealClips
    context: np.ndarray
    futures: np.ndarray
    branches: Branches | None = None
    imagined: np.ndarray | None = None
    curves: dict[str, list[float]] = field(default_factory=dict)
    confusions: dict[str, np.ndarray] = field(default_factory=dict)
    codes: CodeEvidence | None = None
    held: Held | None = None
    text: TextEvidence | None = None
    revisited: Revisited | None = None


def confusions_of(scores: dict[str, Any]) -> dict[str, np.ndarray]:
    """Every confusion matrix of a report, by its section: "actions", "actions_real"."""
    return {
        score + kind.removeprefix("confusion"): np.array(values)
        for score, figures in scores.items()
        for kind, values in figures.items()
        if kind.startswith("confusion")
    }
