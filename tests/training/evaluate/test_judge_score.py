"""A judge is judged: what it sees in real pictures, and that a blind or a credulous one is found out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests.support.judged_world import Oracle
from training.evaluate.judge_score import score_judge, verdict
from training.evaluate.real_clips import RealClips
from training.judge import Look


class Credulous(Oracle):
    """Sees the character everywhere, and finds every picture perfect."""

    def _look(self, frames: torch.Tensor) -> Look:
        seen = super()._look(frames)
        return seen._replace(present=torch.ones_like(seen.present), quality=torch.full_like(seen.quality, 40))


@pytest.fixture
def pairs(clips: RealClips) -> tuple[np.ndarray, np.ndarray]:
    absent = clips.frames[:, 0].copy()
    absent[..., 0] = 0
    return clips.frames[:, 0], absent


def test_a_judge_that_sees_is_believed(
    clips: RealClips, oracle: Any, pairs: tuple[np.ndarray, np.ndarray]
) -> None:
    scores = score_judge(oracle, clips, pairs)
    assert scores["present"]["mean"] == scores["absent"]["mean"] == 1
    assert "present" not in score_judge(oracle, clips, None)


def test_a_credulous_one_is_found_out(
    clips: RealClips, oracle: Any, pairs: tuple[np.ndarray, np.ndarray]
) -> None:
    scores = score_judge(Credulous(), clips, pairs)  # type: ignore[arg-type]
    assert scores["present"]["mean"] == 1 and scores["absent"]["mean"] == 0
    assert scores["quality_off_db"]["mean"] > 3


def test_below_95_per_cent_the_verdict_is_weak() -> None:
    sound, weak = (verdict({"mean": share}, "held keys") for share in (0.95, 0.949))
    assert sound["weak"] is False and weak["weak"] is True
    assert "94.9% of held keys" in weak["verdict"] and "95% are asked" in weak["verdict"]
