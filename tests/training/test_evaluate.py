"""Scores mean what they say: PSNR by hand, honest intervals, distances as defined."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from training import degrade as degrade_module
from training.degrade import BEST, WORST, degrade, quality
from training.evaluate.fidelity import psnr
from training.evaluate.frechet import DIRECTIONS, FrechetDistance
from training.evaluate.interval import interval
from training.windows import pixels


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


def test_the_frechet_distance_is_that_of_two_normal_clouds() -> None:
    rng = np.random.default_rng(2)
    mixing = rng.normal(size=(6, 6))
    real, fresh = (rng.normal(size=(20_000, 6)) @ mixing + 5 for _ in range(2))
    distance = FrechetDistance(real)
    assert distance(fresh) == pytest.approx(0, abs=0.01)
    # twice as spread out in every direction, about the same middle: (2 - 1)^2 in each of six
    assert distance((fresh - 5) * 2 + 5) == pytest.approx(6, rel=0.05)
    # three deviations along one direction that the mixing makes
    assert distance(fresh + 3 * mixing[0]) == pytest.approx(9, rel=0.05)


def test_the_frechet_distance_keeps_what_few_pictures_can_tell() -> None:
    rng = np.random.default_rng(3)
    real = rng.normal(size=(300, 256)) @ rng.normal(size=(256, 256))
    assert FrechetDistance(real).whiten.shape == (256, DIRECTIONS)
    flat = np.concatenate((real[:, :5], np.zeros((300, 3))), 1)  # features that never change say nothing
    assert FrechetDistance(flat).whiten.shape == (8, 5)


def test_every_kind_of_damage_lowers_the_quality_and_chance_is_the_generators(store: FrameStore) -> None:
    frames = pixels(torch.from_numpy(np.ascontiguousarray(store.frames[::7][:64])))
    for kind in degrade_module._KINDS:
        scores = []
        for strength in (0.2, 1.0):
            spoiled = [kind(frames, row, strength, torch.Generator().manual_seed(row)) for row in range(64)]
            scores.append(float(quality(torch.stack(spoiled).clamp(-1, 1), frames).mean()))
        assert WORST <= scores[1] < scores[0] <= BEST, kind.__name__
    once, again, other = (degrade(frames, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(once, again) and not torch.equal(once, other)
    assert once.shape == frames.shape and once.abs().max() <= 1
    assert (quality(once, frames) == BEST).any() and (quality(once, frames) < 25).any()
