"""How long play stays a picture of the world, with the player's character in it."""

from typing import Any

import numpy as np

from genie.runtime.world import World
from training.evaluate.interval import interval
from training.evaluate.judging import look
from training.evaluate.real_clips import RealClips
from training.evaluate.rollouts import wander
from training.progress import Progress
from training.train_judge import Judge

EVERY = 10  # frames between those that are looked at
LAST = 10  # of the looks, by which a session lives or not
COMMON = 0.999  # of real frames are nearer to the others than the limit


class Distance:
    """Squared distance from the cloud of some features [R, C], along its main directions; about 1 inside."""

    def __init__(self, features: np.ndarray) -> None:
        self.mean = features.mean(0)
        spread, directions = np.linalg.eigh(np.cov((features - self.mean).T))
        kept = spread > spread.max() * 1e-4
        self.whiten = directions[:, kept] / np.sqrt(spread[kept])

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Features [R, C] -> distances [R]."""
        distances: np.ndarray = (((features - self.mean) @ self.whiten) ** 2).mean(1)
        return distances


class Likeness:
    """Tells frames that look real: no farther from real ones than nearly all real ones are.

    The cloud is made of one half of the clips and the limit of the other: frames that made the cloud lie
    nearer to it than any others, real ones included.
    """

    def __init__(self, judge: Judge, clips: RealClips) -> None:
        shape = clips.frames.shape[2:]
        _, cloud = look(judge, clips.frames[::2].reshape(-1, *shape))
        _, others = look(judge, clips.frames[1::2].reshape(-1, *shape))
        self.judge = judge
        self.distance = Distance(cloud)
        self.limit = float(np.quantile(self.distance(others if len(others) else cloud), COMMON))

    def passed(self, frames: np.ndarray) -> np.ndarray:
        """Which frames uint8 [R, H, W, 3] hold the character and look real: bool [R]."""
        present, features = look(self.judge, frames)
        found: np.ndarray = present & (self.distance(features) <= self.limit)
        return found


def score_horizon(
    world: World, judge: Judge, clips: RealClips, *, sessions: int, frames: int
) -> dict[str, Any]:
    """Share of long sessions whose last frames still hold the character and look like real ones.

    Every tenth frame is looked at. A session lives when nine in ten of its last ten looks pass.
    """
    likeness = Likeness(judge, clips)
    sessions = min(sessions, len(clips.frames))
    passed = []
    with Progress("horizon", sessions) as progress:
        for number in range(sessions):
            session = world.start(prompt=clips.captions[number], image=clips.frames[number, 0], seed=number)
            keys = wander(len(world.actions), frames, np.random.default_rng([3, number]))
            seen = [session.step(int(key)) for key in keys]
            passed.append(likeness.passed(np.array(seen[EVERY - 1 :: EVERY])))
            progress.advance()
    looks = np.array(passed)
    alive = looks[:, -LAST:].mean(1) >= 0.9
    by_hundred = [part.mean() for part in np.split(looks, range(LAST, looks.shape[1], LAST), axis=1)]
    return {
        "frames": frames,
        "sessions": sessions,
        "alive": interval(alive.astype(float)),
        "real_frames_passed": round(
            float(likeness.passed(clips.frames[1::2].reshape(-1, *clips.frames.shape[2:])).mean()), 3
        ),
        "frames_passed_by_hundred": [round(float(share), 3) for share in by_hundred],
    }
