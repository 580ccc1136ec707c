"""A judge is judged: what it sees in real pictures, and that a blind or a credulous one is found out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from tests.support.judged_world import Oracle
from training.evaluate.judge_score import score_judge, verdict
from training.evaluate.real_clips import RealClips
from training.judge import JudgeConfig, Look


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
    clips: RealClips, tests: FrameStore, oracle: Any, pairs: tuple[np.ndarray, np.ndarray]
) -> None:
    scores = score_judge(oracle, clips, tests, pairs)
    assert scores["present"]["mean"] == scores["absent"]["mean"] == 1
    assert "present" not in score_judge(oracle, clips, tests, None)


def test_a_credulous_one_is_found_out(
    clips: RealClips, tests: FrameStore, oracle: Any, pairs: tuple[np.ndarray, np.ndarray]
) -> None:
    scores = score_judge(Credulous(), clips, tests, pairs)  # type: ignore[arg-type]
    assert scores["present"]["mean"] == 1 and scores["absent"]["mean"] == 0
    assert scores["quality_off_db"]["mean"] > 3


@pytest.mark.parametrize(("named", "share"), [([0, 1], 1.0), ([1, 0], 0.0), ([0, 0], 0.5)])
def test_attributes_are_held_against_each_clips_own(
    clips: RealClips, tests: FrameStore, named: list[int], share: float
) -> None:
    """Even clips are on grass and odd ones on snow, and pictures come in the clips' order."""

    class Botanist(Oracle):
        config = JudgeConfig(actions=6, attributes={"ground": ["grass", "snow"]})

        def _look(self, frames: torch.Tensor) -> Look:
            says = torch.tensor([named[number % 2] for number in range(len(frames))])
            return super()._look(frames)._replace(attributes={"ground": torch.eye(2)[says]})

    scores = score_judge(Botanist(), clips, tests, None)  # type: ignore[arg-type]
    assert scores["attributes"]["ground"]["mean"] == share


def test_below_95_per_cent_the_verdict_is_weak() -> None:
    sound, weak = (verdict({"mean": share}, "held keys") for share in (0.95, 0.949))
    assert sound["weak"] is False and weak["weak"] is True
    assert "94.9% of held keys" in weak["verdict"] and "95% are asked" in weak["verdict"]
