"""How long play stays a picture of the world, with the player's character in it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from genie.runtime.world import World
from training.evaluate.crew import Crew
from training.evaluate.frechet import FrechetDistance
from training.evaluate.interval import Interval, interval, intervals, share
from training.evaluate.judging import Looks, look
from training.evaluate.rollouts import session_keys
from training.evaluate.session_starts import SessionStarts
from training.judge import Judge
from training.progress import Progress

EVERY = 5  # frames between those that are looked at
LOOKS = 100 // EVERY  # in a hundred frames
GOOD_ENOUGH = 20.0  # dB: a picture spoiled more is no longer one of its world
WINDOWS = {100: "_by_hundred", 1000: "_by_thousand"}
TOGETHER = 100  # frames that are looked at at once
PIECE = 100  # frames that progress counts
EMPTIEST = 0.01  # of real clips: play that shows less, a hundred frames long, has emptied itself
ENOUGH = 10  # sessions for a ratio of Fréchet distances: a few real ones lie as far away as play ever goes
LIVING = 0.9  # of the last hundred frames' looks must pass


class LongPlay(NamedTuple):
    """What was seen of one long session: a look in every five frames."""

    looks: Looks

    def until(self, frames: int) -> "LongPlay":
        """The same session's first frames alone."""
        return LongPlay(Looks(*(part[: frames // EVERY] for part in self.looks)))


def put_together(looks: Iterable[Looks]) -> LongPlay:
    """A session that was looked at piece by piece."""
    return LongPlay(Looks(*(np.concatenate(parts) for parts in zip(*looks, strict=True))))


def play_long(
    world: World, judge: Judge, starts: SessionStarts, crew: Crew, *, lengths: Sequence[int]
) -> list[LongPlay]:
    """Sessions of so many frames each, from real frames, under a player's keys."""

    def one(number: int) -> LongPlay:
        caption, picture = starts.captions[number], starts.frames[number]
        session = world.start(prompt=caption, image=picture, seed=number, expand=False)
        seen: list[Looks] = []
        played: list[np.ndarray] = []
        keys = session_keys(len(world.actions), lengths[number], number)
        for index, key in enumerate(keys, 1):
            crew.go_on()
            frame = session.step(int(key))
            if index % EVERY == 0:
                played.append(frame)
            if len(played) == TOGETHER or (played and index == len(keys)):
                seen.append(look(judge, np.array(played)))
                played = []
            if index % PIECE == 0:
                progress.advance(steps=PIECE)
        return put_together(seen)

    pieces = sum(length // PIECE * PIECE for length in lengths)
    with Progress(f"frames of {len(lengths)} long sessions", pieces) as progress:
        return crew.each(one, len(lengths))


class RealPlay:
    """What a judge sees in real clips: some to measure from, and others to hold play against.

    Of the others those come first that sessions begin in, in their order.
    """

    def __init__(self, judge: Judge, reference_CLHW3: np.ndarray, others_CLHW3: np.ndarray) -> None:
        known, others = ([look(judge, clip) for clip in clips] for clips in (reference_CLHW3, others_CLHW3))
        self.least_detail = float(np.quantile([clip.detail.mean() for clip in known], EMPTIEST))
        self.distance = FrechetDistance(np.concatenate([clip.features for clip in known]))
        self.character = judge.config.character
        self.features = np.array([clip.features for clip in others])
        self.passed = np.array([self.passes(clip) for clip in others])
        self.quality = np.array([clip.quality.mean() for clip in others])
        self.detail = np.array([clip.detail for clip in others])

    def passes(self, looks: Looks) -> np.ndarray:
        """Which looks are good pictures with the character in them: bool [R]."""
        return looks.present & (looks.quality >= GOOD_ENOUGH)

    def living(self, passed_SR: np.ndarray, detail_SR: np.ndarray) -> np.ndarray:
        """Which stretches of play, R looks long, show the world and its character throughout: bool [S].

        A clear sky is part of many worlds, and a jump before it shows little for a moment; so what there is
        to see counts over all of a stretch, as it does over all of a real clip.
        """
        return (passed_SR.mean(-1) >= LIVING) & (detail_SR.mean(-1) >= self.least_detail)


def score_true_game(plays: Sequence[LongPlay], real: RealPlay) -> dict[str, Any]:
    """How the true game fares by the same rule, after as many frames under the same keys.

    Recorded players go where there is something to see; keys that chance presses lead in front of walls and
    to where levels begin, in the true game as in the world.
    """
    passed = np.array([real.passes(play.looks) for play in plays], float)
    detail = np.array([play.looks.detail for play in plays])
    return {
        "alive": share(real.living(passed[:, -LOOKS:], detail[:, -LOOKS:])),
        "frames_passed_by_hundred": _by_window(passed, LOOKS),
        "detail_by_hundred": _by_window(detail, LOOKS),
    }


def score_horizon(plays: Sequence[LongPlay], real: RealPlay, *, window: int = 100) -> dict[str, Any]:
    """Share of long sessions, all as long, whose last frames are good pictures with the character in them.

    A frame passes when the judge sees the character and finds the picture no worse than a real one spoiled
    to GOOD_ENOUGH. A session lives when nine in ten looks of its last hundred frames pass, and when there is
    more to see in these than in the emptiest hundredth of real clips: a world that fades away shows good
    pictures of nothing. The interval is that of Wilson (1927), which does not claim certainty where all live.
    Curves are by windows of so many frames; the Fréchet distance stands beside that of real frames of the
    very clips that the sessions begin in.
    """
    passed = np.array([real.passes(play.looks) for play in plays], float)
    detail = np.array([play.looks.detail for play in plays])
    features = np.array([play.looks.features for play in plays])
    by = {
        "frames_passed": passed,
        "quality_db": np.array([play.looks.quality for play in plays]),
        "detail": detail,
    }
    if real.character:
        by["character_seen"] = np.array([play.looks.present for play in plays], float)
    windows = features.reshape(len(features), -1, window // EVERY, features.shape[-1])
    windows = windows[:, :, :: max(1, windows.shape[2] // real.features.shape[1])]  # as many as of real clips
    end = WINDOWS[window]
    return {
        "frames": passed.shape[1] * EVERY,
        "sessions": len(plays),
        "good_enough_db": GOOD_ENOUGH,
        "least_detail": round(real.least_detail, 4),
        "alive": share(real.living(passed[:, -LOOKS:], detail[:, -LOOKS:])),
        "alive_of_real": share(real.living(real.passed, real.detail)),
        "real_frames_passed": interval(real.passed.mean(-1)),
        "real_quality_db": interval(real.quality),
        "real_detail": interval(real.detail.mean(-1)),
        **{name + end: _by_window(values, window // EVERY) for name, values in by.items()},
        "frechet_of_real": real.distance.over(real.features[: len(plays)]),
        "frechet" + end: [real.distance.over(windows[:, i]) for i in range(windows.shape[1])],
        **(
            {"frechet_last_over_first": real.distance.ratio(features[:, -LOOKS:], features[:, :LOOKS])}
            if len(plays) >= ENOUGH
            else {}
        ),
    }


def _by_window(values_SL: np.ndarray, looks: int) -> list[Interval]:
    return intervals(values_SL.reshape(len(values_SL), -1, looks).mean(2))
