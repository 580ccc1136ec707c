"""The true game, played as long as the world and under the same keys: how long play could stay what it is."""

import numpy as np

from genie.worlds.source import Playable
from training.evaluate.horizon import EVERY, TOGETHER, LongPlay, put_together
from training.evaluate.judging import look
from training.evaluate.rollouts import session_keys
from training.judge import Judge
from training.progress import Progress


def play_truly(source: Playable, judge: Judge, *, actions: int, sessions: int, frames: int) -> list[LongPlay]:
    """What the judge sees of sessions of the simulator on levels of the split "test".

    Raises SourceError without the simulator.
    """
    keys = np.array([session_keys(actions, frames, number) for number in range(sessions)])
    plays = []
    with Progress(f"{sessions} sessions of the true game", sessions) as progress:
        for shown in source.play(split="test", keys=keys, every=EVERY, seed=0):
            pieces = (shown[first : first + TOGETHER] for first in range(0, len(shown), TOGETHER))
            plays.append(put_together(look(judge, piece) for piece in pieces))
            progress.advance()
    return plays
