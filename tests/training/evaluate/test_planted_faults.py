"""Scores of a world whose answer is known: all there is for it as it is, and less for every planted fault."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from tests.support.judged_world import FaultyWorld
from tests.support.tiny_bundle import LEVELS
from training.evaluate.actions import score_actions
from training.evaluate.crew import Crew
from training.evaluate.fidelity import score_fidelity
from training.evaluate.horizon import RealPlay, play_long, score_horizon, score_true_game
from training.evaluate.real_clips import SPAN, RealClips, real_clips
from training.evaluate.rollouts import session_keys
from training.evaluate.session_starts import looks_over, play_clips, session_starts
from training.evaluate.tokens import score_tokenizer
from training.evaluate.true_play import play_truly

CREW = Crew()


def test_a_world_that_is_right_scores_all_there_is(world: Any, clips: RealClips, oracle: Any) -> None:
    tokenizer = score_tokenizer(world, clips)
    assert tokenizer["psnr"] == {"mean": 60.0, "low": 60.0, "high": 60.0}
    assert tokenizer["ssim"]["mean"] == 1
    scores, told = score_fidelity(world, clips, CREW)
    assert np.array_equal(told.futures, clips.frames[:, 4:])
    assert np.array_equal(told.context, clips.frames[:, :4])
    assert scores["psnr"]["mean"] == 60 and scores["ssim"]["mean"] == 1
    assert scores["psnr_copy_last_frame"]["mean"] < 25 and scores["ssim_copy_last_frame"]["mean"] < 0.9
    assert scores["delta_psnr"]["low"] > 20 and scores["delta_psnr_at_4"]["low"] > 5
    named = score_actions(oracle, clips, told)
    assert named["accuracy_real"]["mean"] == named["accuracy"]["mean"] == 1
    assert named["accuracy_over_ceiling"] == {"mean": 1, "low": 1, "high": 1}
    confusion = np.array(named["confusion"])
    assert confusion.trace() == confusion.sum() == len(clips.frames) * 9
    assert np.array_equal(confusion, named["confusion_real"])
    assert named["by_chance_over_ceiling"] == pytest.approx(
        confusion.sum(1).max() / confusion.sum(), abs=1e-4
    )


def test_it_makes_no_difference_how_many_work_at_once(world: Any, clips: RealClips) -> None:
    alone, together = (score_fidelity(world, clips, Crew(workers)) for workers in (1, 3))
    assert alone[0] == together[0]
    assert np.array_equal(alone[1].futures, together[1].futures)


def test_a_world_that_ignores_actions_gains_nothing_from_them(
    world: Any, clips: RealClips, oracle: Any
) -> None:
    deaf: Any = FaultyWorld(world, hears=lambda action: 0)
    scores, told = score_fidelity(deaf, clips, CREW)
    assert scores["delta_psnr"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert all(step == {"mean": 0.0, "low": 0.0, "high": 0.0} for step in scores["delta_psnr_by_step"])
    assert scores["psnr"]["mean"] < 40 and scores["ssim"]["mean"] < 0.95
    named = score_actions(oracle, clips, told)
    assert named["accuracy_real"]["mean"] == 1 and named["accuracy"]["mean"] < 0.5
    assert np.array(named["confusion"])[1:, 1:].sum() == 0, "whatever is pressed, it looks like noop"


def test_actions_that_are_off_by_one_score_less(world: Any, clips: RealClips, oracle: Any) -> None:
    right, _ = score_fidelity(world, clips, CREW)
    shifted = clips._replace(actions=np.roll(clips.actions, 1, axis=1))
    wrong, told = score_fidelity(world, shifted, CREW)
    assert wrong["psnr"]["high"] < right["psnr"]["low"] - 10
    assert wrong["ssim"]["high"] < right["ssim"]["low"]
    assert score_actions(oracle, clips, told)["accuracy"]["mean"] < 0.5


def test_a_world_that_copies_its_last_frame_scores_as_copying_does(
    world: Any, clips: RealClips, oracle: Any
) -> None:
    class Copying(FaultyWorld):
        """Shows what it was given last for ever after."""

        def start(self, **how: Any) -> Any:
            session = super().start(**how)
            given = [session.frame]

            def step(action: int, frame: np.ndarray | None = None) -> np.ndarray:
                if frame is not None:
                    given.append(frame)
                return given[-1]

            session.step = step
            return session

    scores, told = score_fidelity(Copying(world), clips, CREW)  # type: ignore[arg-type]
    assert scores["psnr"] == scores["psnr_copy_last_frame"]
    assert scores["ssim"] == scores["ssim_copy_last_frame"] and scores["delta_psnr"]["mean"] == 0
    assert score_actions(oracle, clips, told)["accuracy"]["mean"] < 0.5


def test_a_tokenizer_with_half_its_codes_dead_uses_half_of_them(world: Any, clips: RealClips) -> None:
    whole = score_tokenizer(world, clips)
    alive = LEVELS // 2

    def poor(tokens: np.ndarray) -> np.ndarray:
        return np.minimum(tokens, alive - 1)

    halved = score_tokenizer(FaultyWorld(world, codes=poor), clips)  # type: ignore[arg-type]
    assert halved["codebook_values"] == whole["codebook_values"] == 2 * LEVELS
    assert halved["codebook_used"]["high"] <= alive / LEVELS < whole["codebook_used"]["low"]
    assert halved["codebook_perplexity"]["high"] < whole["codebook_perplexity"]["low"]


def test_a_tokenizer_that_blurs_loses_likeness(world: Any, clips: RealClips) -> None:
    def soft(frame: np.ndarray, _: int) -> np.ndarray:
        rolled = [np.roll(frame.astype(float), by, axis) for axis in (0, 1) for by in (-1, 0, 1)]
        return np.mean(rolled, 0).astype(np.uint8)

    blurred = score_tokenizer(FaultyWorld(world, shows=soft), clips)  # type: ignore[arg-type]
    assert blurred["psnr"]["high"] < 30 and blurred["ssim"]["high"] < 0.97


@pytest.fixture
def real(tests: FrameStore, oracle: Any) -> RealPlay:
    return RealPlay(oracle, *(looks_over(tests, clips, 10) for clips in play_clips(tests, 12, 3)))


def horizon(world: Any, oracle: Any, tests: FrameStore, real: RealPlay, frames: int = 200) -> dict[str, Any]:
    starts = session_starts(tests, play_clips(tests, 12, 3).others, 3)
    return score_horizon(play_long(world, oracle, starts, CREW, lengths=[frames] * 3), real)


def means(points: list[dict[str, float]]) -> list[float]:
    return [point["mean"] for point in points]


def test_play_that_loses_its_character_is_not_alive(
    world: Any, tests: FrameStore, oracle: Any, real: RealPlay
) -> None:
    good = horizon(world, oracle, tests, real)
    assert good["alive"]["mean"] == 1 and means(good["frames_passed_by_hundred"]) == [1, 1]
    assert good["alive"]["low"] < 0.5, "three sessions say little, though all live"
    assert good["real_frames_passed"]["mean"] == 1 and good["sessions"] == 3
    empty: Any = FaultyWorld(world, shows=lambda frame, number: np.zeros_like(frame))
    assert horizon(empty, oracle, tests, real)["alive"]["mean"] == 0
    fading: Any = FaultyWorld(world, shows=lambda frame, number: frame if number <= 150 else frame * 0)
    half = horizon(fading, oracle, tests, real)
    assert half["alive"]["mean"] == 0
    assert means(half["frames_passed_by_hundred"]) == means(half["character_seen_by_hundred"]) == [1, 0.5]


def test_play_that_drifts_lies_farther_away_by_and_by(
    world: Any, tests: FrameStore, oracle: Any, real: RealPlay
) -> None:
    def drifts(frame: np.ndarray, number: int) -> np.ndarray:
        return np.clip(frame.astype(int) + number // 2, 0, 255).astype(np.uint8)

    good = means(horizon(world, oracle, tests, real)["frechet_by_hundred"])
    drifted = means(horizon(FaultyWorld(world, shows=drifts), oracle, tests, real)["frechet_by_hundred"])
    assert good[0] < drifted[0] < drifted[1] and good[1] < drifted[1] / 2


def test_drift_shows_in_how_much_farther_play_is_late_than_early(
    world: Any, tests: FrameStore, oracle: Any, real: RealPlay, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "frechet_last_over_first" not in horizon(world, oracle, tests, real), "of too few sessions"
    monkeypatch.setattr("training.evaluate.horizon.ENOUGH", 1)

    def drifts(frame: np.ndarray, number: int) -> np.ndarray:
        return np.clip(frame.astype(int) + number // 2, 0, 255).astype(np.uint8)

    good = horizon(world, oracle, tests, real)["frechet_last_over_first"]
    drifted = horizon(FaultyWorld(world, shows=drifts), oracle, tests, real)["frechet_last_over_first"]
    assert good["mean"] < 1.5 and drifted["low"] > 2


def test_play_that_goes_noisy_is_not_alive_though_its_character_is_there(
    world: Any, tests: FrameStore, oracle: Any, real: RealPlay
) -> None:
    def noisy(frame: np.ndarray, number: int) -> np.ndarray:
        noise = np.random.default_rng(0).integers(-60, 60, frame.shape)
        return np.clip(frame + noise, 0, 255).astype(np.uint8) | (frame & 0xC0)

    good = horizon(world, oracle, tests, real, frames=100)
    spoiled = horizon(FaultyWorld(world, shows=noisy), oracle, tests, real, frames=100)
    assert good["alive"]["mean"] == 1 and spoiled["alive"]["mean"] == 0
    assert means(spoiled["quality_db_by_hundred"])[0] < means(good["quality_db_by_hundred"])[0] - 10
    assert means(spoiled["frechet_by_hundred"])[0] > means(good["frechet_by_hundred"])[0]


def test_clips_that_cannot_be_scored_are_refused(tests: FrameStore) -> None:
    short = FrameStore(**{**vars(tests), "starts": np.arange(0, len(tests.frames) + 1, SPAN // 2)})
    with pytest.raises(ClipError, match="14 frames"):
        real_clips(short, 3)
    unlabelled = FrameStore(**{**vars(tests), "actions": np.full_like(tests.actions, -1)})
    with pytest.raises(ClipError, match="have no actions"):
        real_clips(unlabelled, 3)


def emptied(frame: np.ndarray) -> np.ndarray:
    """A frame with its character alone, before something much like it."""
    much_like_it = (0.9 * frame.max((0, 1))).astype(np.uint8)
    return np.where(frame[..., :1] > 200, frame, much_like_it)


def test_play_that_empties_is_not_alive_though_its_character_is_there(
    world: Any, tests: FrameStore, oracle: Any, real: RealPlay
) -> None:
    good = horizon(world, oracle, tests, real)
    empties: Any = FaultyWorld(world, shows=lambda frame, number: emptied(frame) if number > 100 else frame)
    empty = horizon(empties, oracle, tests, real)
    assert good["alive"]["mean"] == 1 and good["alive_of_real"]["mean"] > 0.8, (
        "one of six real clips is barer"
    )
    assert empty["alive"]["mean"] == 0 and means(empty["character_seen_by_hundred"]) == [1, 1]
    first, second = means(empty["detail_by_hundred"])
    assert second < first / 2


def test_a_moment_that_shows_little_is_no_death(real: RealPlay) -> None:
    passed = np.ones((4, 20), bool)
    passed[2, :3] = passed[3, :2] = False
    shown = np.full((4, 20), 1.2 * real.least_detail)
    shown[0, :3] = 0  # a jump before a clear sky
    shown[1] = 0.9 * real.least_detail
    assert real.living(passed, shown).tolist() == [True, False, False, True]


class TrueGame:
    """A simulator that goes on showing real frames, or what is made of them."""

    def __init__(self, frames: np.ndarray) -> None:
        self.frames = frames
        self.keys = np.empty(0)

    def play(self, *, split: str, keys: np.ndarray, every: int, seed: int) -> Iterator[np.ndarray]:
        assert split == "test"
        self.keys = keys
        for number in range(len(keys)):
            yield np.roll(self.frames, number, 0)[: keys.shape[1] // every]


def test_the_true_game_is_held_to_the_same_rule_under_the_same_keys(
    clips: RealClips, oracle: Any, real: RealPlay, world: Any
) -> None:
    frames = clips.frames[:, 4:].reshape(-1, *clips.frames.shape[2:])
    full, empty = TrueGame(frames), TrueGame(np.array([emptied(frame) for frame in frames]))
    count = len(world.actions)
    alive, dead = (
        score_true_game(play_truly(game, oracle, actions=count, sessions=3, frames=200), real)
        for game in (full, empty)
    )
    assert alive["alive"]["mean"] == 1 and dead["alive"]["mean"] == 0
    assert len(alive["detail_by_hundred"]) == 2 and means(dead["frames_passed_by_hundred"]) == [1, 1]
    assert np.array_equal(full.keys, [session_keys(count, 200, number) for number in range(3)])


def test_real_frames_are_of_the_very_clips_that_sessions_begin_in(
    world: Any, tests: FrameStore, oracle: Any, real: RealPlay
) -> None:
    scores = horizon(world, oracle, tests, real, frames=100)
    begun = looks_over(tests, play_clips(tests, 12, 3).others[:3], 10)
    features = np.array([oracle.look(torch.from_numpy(clip)).features.numpy() for clip in begun])
    assert scores["frechet_of_real"] == real.distance.over(features)
    of_real = scores["frechet_of_real"]
    assert of_real["low"] < of_real["high"], "of as many clips as there are, and yet no point"


def test_whether_a_character_is_seen_is_said_only_where_there_is_one(
    world: Any, tests: FrameStore, oracle: Any, real: RealPlay
) -> None:
    assert "character_seen_by_hundred" in horizon(world, oracle, tests, real, frames=100)
    oracle.config = dataclasses.replace(oracle.config, character=False)
    first_person = RealPlay(oracle, *(looks_over(tests, clips, 10) for clips in play_clips(tests, 12, 3)))
    assert "character_seen_by_hundred" not in horizon(world, oracle, tests, first_person, frames=100)
