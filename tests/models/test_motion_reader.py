"""Shifts are read where they are, and contrast is not."""

from __future__ import annotations

import pytest
import torch

from genie.models.motion_reader import CELL, REACH, MotionReader, cost_volume


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, -2), (-6, 4), (1, 1)])
def test_the_least_cost_is_at_the_shift(down: int, right: int) -> None:
    before = torch.rand(2, 32, 24, generator=torch.Generator().manual_seed(0))
    after = before.roll((down, right), (1, 2))
    volume = cost_volume(before, after)
    assert volume.shape == (2, (2 * REACH[0] + 1) * (2 * REACH[1] + 1), 4, 3)
    best = volume[:, :, 1:-1, 1:-1].argmin(1).flatten()  # what rolled in from outside lies at the edges
    y, x = best // (2 * REACH[1] + 1) - REACH[0], best % (2 * REACH[1] + 1) - REACH[1]
    assert set(y.tolist()) == {-down} and set(x.tolist()) == {-right}


def test_the_cost_is_the_root_of_the_mean_square_in_its_own_units() -> None:
    generator = torch.Generator().manual_seed(1)
    before, after = (torch.rand(1, 32, 32, generator=generator) for _ in range(2))
    raw = [
        (after[0, 8:16, 8:16] - before[0, 8 + y : 16 + y, 8 + x : 16 + x]).square().mean().sqrt()
        for y in range(-REACH[0], REACH[0] + 1)
        for x in range(-REACH[1], REACH[1] + 1)
    ]
    wanted = torch.stack(raw)
    wanted = (wanted - wanted.mean()) / (wanted.std() + 0.02)
    assert torch.allclose(cost_volume(before, after)[0, :, 1, 1], wanted, atol=1e-4)


def test_contrast_hardly_counts() -> None:
    before = torch.rand(1, 32, 32, generator=torch.Generator().manual_seed(2))
    after = before.roll(2, 2)
    strong, weak = cost_volume(before, after), cost_volume(before / 2, after / 2)
    assert torch.corrcoef(torch.stack((strong.flatten(), weak.flatten())))[0, 1] > 0.99


def test_it_reads_windows_of_any_length_it_was_made_for() -> None:
    reader = MotionReader(frames=5, height=3 * CELL, width=2 * CELL, channels=4, blocks=1, out=7)
    assert reader(torch.rand(2, 5, 3, 24, 16) * 2 - 1).shape == (2, 7)
