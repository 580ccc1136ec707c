"""A known shift is found, to a fraction of a pixel."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from genie.envs.scrolling import FARTHEST, horizontal_move


def _view(at: float) -> np.ndarray:
    """A landscape of random hills, seen from column `at` on, uint8 [32, 48, 3]."""
    rng = np.random.default_rng(7)
    tops = np.repeat(rng.integers(4, 28, 40), 4).astype(float)
    columns = np.interp(
        at + np.arange(48), np.arange(len(tops)), np.convolve(tops, [0.25, 0.5, 0.25], "same")
    )
    light = np.clip(np.arange(32)[:, None] - columns[None], 0, 1)
    return np.repeat(np.rint(30 + 200 * light)[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("move", [-FARTHEST, -2, -1, 0, 1, 3, FARTHEST])
def test_whole_moves_are_exact(move: int) -> None:
    assert horizontal_move(_view(50), _view(50 + move)) == pytest.approx(move, abs=0.15)


@pytest.mark.parametrize("move", [-0.5, 0.3, 0.7, 1.5])
def test_parts_of_a_pixel_count(move: float) -> None:
    assert horizontal_move(_view(50), _view(50 + move)) == pytest.approx(move, abs=0.25)


def test_a_blank_picture_did_not_move_and_a_figure_in_the_middle_does_not_matter() -> None:
    blank = np.full((32, 48, 3), 90, np.uint8)
    assert horizontal_move(blank, blank) == 0.0
    before, after = _view(50), _view(52)
    before[10:16, 20:24] = after[10:16, 20:24] = 255
    assert horizontal_move(before, after) == pytest.approx(2, abs=0.3)
