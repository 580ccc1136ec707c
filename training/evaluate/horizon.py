"""How long play stays a picture of the world, with the player's character in it."""

from typing import Any

import numpy as np

from genie.runtime.world import World
from training.evaluate.frechet import FrechetDistance
from training.evaluate.interval import interval
from training.evaluate.judging import look
from training.evaluate.real_clips import RealClips
from training.evaluate.rollouts import wander
from training.progress import Progress
from training.train_judge import Judge

EVERY = 5  # frames between those that are looked at
LOOKS = 100 // EVERY  # in a hundred frames
GOOD_ENOUGH = 20.0  # dB: a picture spoiled more is no longer one of its world


def score_horizon(
    world: World, judge: Judge, clips: RealClips, *, sessions: int, frames: int
) -> dict[str, Any]:
    """Share of long sessions whose last frames are still good pictures with the character in them.

    A frame passes when the judge sees the character and finds the picture no worse than a real one spoiled
    to GOOD_ENOUGH. A session lives when nine in ten looks of its last hundred frames pass. The Fréchet
    distance is by hundreds of frames, beside that of one half of the real frames from the other.
    """
    sessions = min(sessions, len(clips.frames))
    shape = clips.frames.shape[2:]
    real, others = (look(judge, clips.frames[half::2].reshape(-1, *shape)) for half in (0, 1))
    distance = FrechetDistance(real.features)
    seen = []
    with Progress("horizon", sessions) as progress:
        for number in range(sessions):
            picture = clips.frames[number, 0]
            session = world.start(prompt=clips.captions[number], image=picture, seed=number, expand=False)
            keys = wander(len(world.actions), frames, np.random.default_rng([3, number]))
            played = [session.step(int(key)) for key in keys]
            seen.append(look(judge, np.array(played[EVERY - 1 :: EVERY])))
            progress.advance()
    passed = np.array([look.present & (look.quality >= GOOD_ENOUGH) for look in seen])
    hundreds = range(0, passed.shape[1], LOOKS)
    alive = passed[:, -LOOKS:].mean(1) >= 0.9

    def by_hundred(values: list[np.ndarray]) -> list[float]:
        return [round(float(np.concatenate([v[i : i + LOOKS] for v in values]).mean()), 3) for i in hundreds]

    return {
        "frames": frames,
        "sessions": sessions,
        "good_enough_db": GOOD_ENOUGH,
        "alive": interval(alive.astype(float)),
        "real_frames_passed": round(float((others.present & (others.quality >= GOOD_ENOUGH)).mean()), 3),
        "real_quality_db": round(float(others.quality.mean()), 2),
        "frames_passed_by_hundred": by_hundred(list(passed.astype(float))),
        "character_seen_by_hundred": by_hundred([look.present.astype(float) for look in seen]),
        "quality_db_by_hundred": by_hundred([look.quality for look in seen]),
        "frechet_of_real": round(distance(others.features), 3),
        "frechet_by_hundred": [
            round(distance(np.concatenate([look.features[i : i + LOOKS] for look in seen])), 3)
            for i in hundreds
        ],
    }
