"""Scores mean what they say: PSNR by hand, honest intervals, and a likeness that refuses noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from training.evaluate.fidelity import psnr
from training.evaluate.horizon import Distance, Likeness
from training.evaluate.interval import interval
from training.evaluate.real_clips import RealClips
from training.train_judge import Judge, JudgeConfig


def test_psnr_by_hand() -> None:
    truth = np.full((2, 3, 4, 4, 3), 100, np.uint8)
    predicted = truth.copy()
    predicted[0, 1] += 51  # a fifth of the range: 20 log10(5)
    predicted[1, 2, 0, 0, 0] = 0  # one number of 48
    scores = psnr(predicted, truth)
    assert scores.shape == (2, 3)
    assert scores[0, 1] == pytest.approx(13.979, abs=1e-3)
    assert scores[1, 2] == pytest.approx(10 * np.log10(255**2 / (100**2 / 48)), abs=1e-3)
    assert scores[0, 0] == pytest.approx(60, abs=1e-3)
    assert psnr(truth, predicted)[1, 2] == pytest.approx(scores[1, 2])  # unsigned numbers do not wrap


def test_the_interval_holds_the_mean_and_narrows_with_more_clips() -> None:
    rng = np.random.default_rng(0)
    few, many = (interval(rng.normal(20, 3, clips)) for clips in (25, 2500))
    for scores in (few, many):
        assert scores["low"] < scores["mean"] < scores["high"]
    width = [scores["high"] - scores["low"] for scores in (few, many)]
    assert width[0] == pytest.approx(2 * 1.96 * 3 / 5, rel=0.4)
    assert width[1] == pytest.approx(width[0] / 10, rel=0.4)
    assert interval(np.full(9, 2.5)) == {"mean": 2.5, "low": 2.5, "high": 2.5}


def test_intervals_cover_the_truth_about_as_often_as_they_claim() -> None:
    rng = np.random.default_rng(1)
    found = [interval(rng.normal(0, 1, 60)) for _ in range(200)]
    covered = np.mean([scores["low"] <= 0 <= scores["high"] for scores in found])
    assert 0.88 < covered < 0.99


def test_the_distance_is_about_one_inside_and_far_outside() -> None:
    rng = np.random.default_rng(2)
    mixing = rng.normal(size=(6, 6))
    cloud, fresh = (rng.normal(size=(3000, 6)) @ mixing + 5 for _ in range(2))
    distance = Distance(cloud)
    assert distance(fresh).mean() == pytest.approx(1, abs=0.1)
    # as spread out as the cloud in each feature, but not in the cloud's directions
    shuffled = np.stack([rng.permutation(column) for column in fresh.T], 1)
    assert distance(shuffled).mean() > 3
    assert distance(cloud[:5] + 10 * cloud.std(0)).min() > np.quantile(distance(fresh), 0.999)


@pytest.fixture
def judge() -> Judge:
    torch.manual_seed(0)
    judge = Judge(JudgeConfig(actions=5, height=32, width=32, channels=8, blocks=1))
    torch.nn.init.constant_(judge.picture.say.bias, 10.0)  # it sees the character everywhere
    return judge.eval().requires_grad_(False)


def test_real_frames_are_accepted_and_noise_is_refused(judge: Judge, store: FrameStore) -> None:
    frames = store.frames.reshape(-1, 12, 32, 32, 3)
    seen, fresh = frames[:80], frames[80:].reshape(-1, 32, 32, 3)
    likeness = Likeness(judge, RealClips(seen, np.zeros((80, 11), int), [""] * 80))
    assert likeness.passed(fresh).mean() > 0.95
    noise = np.random.default_rng(3).integers(0, 256, (50, 32, 32, 3), dtype=np.uint8)
    assert likeness.passed(noise).mean() < 0.2
    judge.picture.say.bias.fill_(-10.0)  # real frames, but nobody in them
    assert not likeness.passed(fresh).any()
