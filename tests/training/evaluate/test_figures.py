"""Scores mean what they say: PSNR by hand, honest intervals, distances as defined."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from training import degrade as degrade_module
from training.degrade import BEST, WORST, degrade, fade, quality
from training.evaluate.frechet import DIRECTIONS, FrechetDistance
from training.evaluate.interval import interval
from training.evaluate.likeness import psnr, ssim
from training.evaluate.per_clip import per_clip
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


def test_ssim_by_hand() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 256, (2, 3, 16, 16, 3)).astype(np.uint8)
    assert ssim(truth, truth) == pytest.approx(np.ones((2, 3)))
    # even pictures: nothing but their light is compared
    dark, light = (np.full((1, 16, 16, 3), value, np.uint8) for value in (50, 100))
    steady = (0.01 * 255) ** 2
    wanted = (2 * 50 * 100 + steady) / (50**2 + 100**2 + steady)
    assert ssim(dark, light) == pytest.approx([wanted], abs=1e-4)
    assert ssim(light, dark) == pytest.approx([wanted], abs=1e-4)


def test_ssim_is_the_definition_at_every_window() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 256, (2, 13, 14, 3)).astype(float)
    places = np.arange(11) - 5
    window = np.exp(-(places[:, None] ** 2 + places**2) / (2 * 1.5**2))
    window /= window.sum()
    found = []
    for y in range(3):
        for x in range(4):
            for colour in range(3):
                p, q = (image[y : y + 11, x : x + 11, colour] for image in (a, b))
                mean_p, mean_q = (window * p).sum(), (window * q).sum()
                var_p, var_q = ((window * (i - m) ** 2).sum() for i, m in ((p, mean_p), (q, mean_q)))
                both = (window * (p - mean_p) * (q - mean_q)).sum()
                light = (2 * mean_p * mean_q + 2.55**2) / (mean_p**2 + mean_q**2 + 2.55**2)
                found.append(light * (2 * both + 7.65**2) / (var_p + var_q + 7.65**2))
    assert ssim(a.astype(np.uint8), b.astype(np.uint8)) == pytest.approx(np.mean(found), abs=1e-4)


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
    assert FrechetDistance(real).directions.shape == (256, DIRECTIONS)
    flat = np.concatenate((real[:, :5], np.zeros((300, 3))), 1)  # features that never change say nothing
    distance = FrechetDistance(flat)
    assert distance.directions.shape == (8, 5)
    stray = flat.copy()
    stray[:, 7] += 1
    assert distance(stray) > distance(flat) + 10, "what never changes in truth must not change"


def test_the_distance_over_sessions_lies_in_its_interval_and_real_ones_are_near() -> None:
    rng = np.random.default_rng(4)
    real = rng.normal(size=(60, 20, 8)) + rng.normal(size=(60, 1, 8))  # clips differ, as levels do
    distance = FrechetDistance(real[:40].reshape(-1, 8))
    away = distance.over(rng.normal(size=(10, 20, 8)) + 5)
    assert away["low"] < away["mean"] < away["high"]
    few = rng.normal(size=(2, 3, 20, 8))
    farther = distance.ratio(few[0] + 0.5, few[1])
    assert farther["low"] <= farther["mean"] <= farther["high"], "of three sessions, most draws repeat one"
    near = distance.over(real[40:50])
    assert near["low"] < near["mean"] < near["high"] < away["low"]
    assert distance.over(real[40:44])["mean"] > near["mean"], "fewer clips are less like all of them"


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


def test_what_fades_loses_detail_and_fades_evenly_over_its_window(store: FrameStore) -> None:
    rows = np.arange(40)[:, None] * 8 + np.zeros(6, int)  # a still picture: only fading shows
    windows = pixels(torch.from_numpy(store.frames[rows]))
    once, again, other = (fade(windows, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(once, again) and not torch.equal(once, other)
    assert once.shape == windows.shape and once.abs().max() <= 1
    away = (once - windows).square().flatten(2).mean(2).sqrt()
    assert (away > 0).all(1).float().mean() > 0.8, "in these pictures some middles are as bare as a cell"
    steps = away.diff(dim=1)
    assert torch.allclose(steps, steps.mean(1, keepdim=True).expand_as(steps), atol=1e-4)
    spread = [x.var((-1, -2)).mean() for x in (once, windows)]
    assert spread[0] < 0.9 * spread[1]


def test_some_windows_are_one_of_their_cells_over_and_over_around_the_middle_or_in_it() -> None:
    windows = torch.rand(300, 2, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    faded = fade(windows, torch.Generator().manual_seed(3))
    rim = slice(0, 6)  # which the largest middle does not reach
    tiled = (faded[..., rim, 8:] == faded[..., rim, :-8]).flatten(1).all(1)
    kept = (faded[..., rim, :] == windows[..., rim, :]).flatten(1).all(1)
    assert not (tiled & kept).any()
    assert 0.12 < tiled.float().mean() < 0.28
    assert 0.12 < kept.float().mean() < 0.28

    middle = (slice(None), slice(None), slice(None), slice(15, 17), slice(15, 17))
    assert torch.equal(faded[tiled][middle], windows[tiled][middle])
    lost = (faded[kept][middle] != windows[kept][middle]).flatten(1).any(1)
    assert lost.float().mean() > 0.9, "what is lost there may be that very cell"


def test_summary_figures_are_told_clip_by_clip() -> None:
    rng = np.random.default_rng(4)
    gain, other = rng.normal(size=50), rng.normal(size=50)
    scores = {
        "fidelity": {"delta_psnr": interval(gain), "delta_psnr_by_step": [interval(other)]},
        "elsewhere": {"psnr": interval(other)},
        "speed": {"median_ms": 3.0},
    }
    found = per_clip(scores)
    assert list(found) == ["fidelity.delta_psnr"], "what a person should see first, and has clips"
    assert found["fidelity.delta_psnr"] == pytest.approx(gain, abs=1e-4)
