"""The card's picture shows the clips of the rule, truth over model."""

from __future__ import annotations

import numpy as np

from training.evaluate.evidence import Evidence
from training.evaluate.real_clips import RealClips
from training.pages.sheet import GAP, WIDE_GAP, clip_sheet


def test_the_sheet_shows_truth_over_model_for_the_best_the_median_and_the_worst() -> None:
    side = 8
    frames = np.zeros((3, 5, side, side, 3), np.uint8)
    frames += np.array([10, 20, 30], np.uint8)[:, None, None, None, None]
    futures = frames[:, -2:].copy()
    futures += np.array([5, 90, 1], np.uint8)[:, None, None, None, None]
    clips = RealClips(frames, np.zeros((3, 4), int), [""] * 3, [{}] * 3)
    evidence = Evidence(actions=("noop",), clips=clips, context=frames[:, :3], futures=futures)
    sheet = clip_sheet(evidence)
    assert sheet.shape == (6 * side + 3 * GAP + 2 * WIDE_GAP, 3 * side + 2 * GAP, 3)
    tops = [0, side + GAP]
    tops += [top + 2 * side + GAP + WIDE_GAP for top in tops] + [
        top + 4 * side + 2 * (GAP + WIDE_GAP) for top in tops
    ]
    shown = [sheet[top, :: side + GAP, 0].tolist() for top in tops]
    assert shown == [[30, 30, 30], [30, 31, 31], [10, 10, 10], [10, 15, 15], [20, 20, 20], [20, 110, 110]]
    assert (sheet[side : side + GAP] == 255).all() and (sheet[:, side : side + GAP] == 255).all()
