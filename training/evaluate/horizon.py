"""How long play stays a picture of the world, with the player's character in it."""

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from genie.runtime.world import World
from training.evaluate.crew import Crew
from training.evaluate.frechet import FrechetDistance
from training.evaluate.interval import Interval, interval, intervals
from training.evaluate.judging import Looks, look
from training.evaluate.real_clips import RealClips
from training.evaluate.rollouts import wander
from training.judge import Judge

EVERY = 5  # frames between those that are looked at
LOOKS = 100 // EVERY  # in a hundred frames
GOOD_ENOUGH = 20.0  # dB: a picture spoiled more is no longer one of its world
WINDOWS = {100: "_by_hundred", 1000: "_by_thousand"}
LIVING = 0.9  # of the last hundred frames' looks must pass


@dataclass(frozen=True, eq=False, kw_only=True)
class LongPlay:
    """What was seen of S long sessions: looks, one a session; milliseconds [S, frames] of every step."""

    frames: int
    looks: list[Looks]
    milliseconds: np.ndarray


def play_long(
    world: World, judge: Judge, clips: RealClips, crew: Crew, *, frames: int, sessions: int
) -> LongPlay:
    """Sessions from real first frames, under a player's keys, one look in five frames."""

    def one(number: int) -> tuple[Looks, np.ndarray]:
        clip = number % len(clips.frames)
        caption, picture = clips.captions[clip], clips.frames[clip, 0]
        session = world.start(prompt=caption, image=picture, seed=number, expand=False)
        played, times = [], np.empty(frames)
        for index, key in enumerate(wander(len(world.actions), frames, np.random.default_rng([3, number]))):
            crew.go_on()
            begun = perf_counter()
            frame = session.step(int(key))
            times[index] = 1000 * (perf_counter() - begun)
            if index % EVERY == EVERY - 1:
                played.append(frame)
        return look(judge, np.array(played)), times

    looks, times = zip(*crew.each(one, sessions, f"sessions of {frames:,} frames"), strict=True)
    return LongPlay(frames=frames, looks=list(looks), milliseconds=np.array(times))


class RealPlay:
    """What a judge sees in real clips: half of them to measure from, the others to hold play against."""

    def __init__(self, judge: Judge, frames_CLHW3: np.ndarray) -> None:
        seen = [look(judge, clip) for clip in frames_CLHW3]
        features = np.array([clip.features for clip in seen])
        half = len(seen) // 2
        self.distance = FrechetDistance(features[:half].reshape(-1, features.shape[-1]))
        self.features = features[half:]
        self.passed = np.array([_passes(clip).mean() for clip in seen])
        self.quality = np.array([clip.quality.mean() for clip in seen])


def score_horizon(play: LongPlay, real: RealPlay, *, window: int = 100) -> dict[str, Any]:
    """Share of long sessions whose last frames are still good pictures with the character in them.

    A frame passes when the judge sees the character and finds the picture no worse than a real one spoiled
    to GOOD_ENOUGH. A session lives when nine in ten looks of its last hundred frames pass. Curves are by
    windows of so many frames; the Fréchet distance stands beside what as many real clips would have.
    """
    passed = np.array([_passes(looks) for looks in play.looks], float)
    features = np.array([looks.features for looks in play.looks])
    alive = passed[:, -LOOKS:].mean(1) >= LIVING
    by = {
        "frames_passed": passed,
        "character_seen": np.array([looks.present for looks in play.looks], float),
        "quality_db": np.array([looks.quality for looks in play.looks]),
    }
    windows = features.reshape(len(features), -1, window // EVERY, features.shape[-1])
    end = WINDOWS[window]
    return {
        "frames": play.frames,
        "sessions": len(play.looks),
        "good_enough_db": GOOD_ENOUGH,
        "alive": interval(alive.astype(float)),
        "real_frames_passed": interval(real.passed),
        "real_quality_db": interval(real.quality),
        **{name + end: _by_window(values, window // EVERY) for name, values in by.items()},
        "frechet_of_real": real.distance.of_real(real.features, len(play.looks)),
        "frechet" + end: [real.distance.over(windows[:, i]) for i in range(windows.shape[1])],
    }


def _passes(looks: Looks) -> np.ndarray:
    return looks.present & (looks.quality >= GOOD_ENOUGH)


def _by_window(values_SL: np.ndarray, looks: int) -> list[Interval]:
    return intervals(values_SL.reshape(len(values_SL), -1, looks).mean(2))
