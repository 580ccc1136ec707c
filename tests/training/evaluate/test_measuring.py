"""One command, one report: complete, honest about what it left out, and the same when asked again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError, SimulatorDied, SourceError
from tests.support.tiny_bundle import NAMES, SIDE
from training import checkpoint
from training.evaluate import EvaluateConfig, evaluate, measure
from training.evaluate import config as config_module
from training.evaluate.config import Extent
from training.judge import Judge, JudgeConfig

SMALL = Extent(
    clips=12,
    revisits=3,
    moments=2,
    sessions=2,
    long_sessions=1,
    long_frames=2_000,
    real=12,
    timed=160,
    transitions=4,
    prompts=5,
    changes=6,
)


@pytest.fixture(autouse=True)
def _small(tests: FrameStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FrameStore, "open", lambda folder, split, cache=None: tests)
    monkeypatch.setattr("training.evaluate.measuring.QUICK", SMALL)


def save_judge(folder: Path, learned_from: dict[str, Any] | None) -> Path:
    """A judge that knows nothing, with what it says it learned from."""
    torch.manual_seed(0)
    sizes = JudgeConfig(actions=len(NAMES), height=SIDE, width=SIDE, channels=8, blocks=1)
    state: dict[str, Any] = {"config": dataclasses.asdict(sizes), "average": Judge(sizes).state_dict()}
    if learned_from is not None:
        state["learned_from"] = learned_from
    checkpoint.save(folder / "judge" / "checkpoint.pt", state)
    return folder


@pytest.fixture
def judge(tmp_path: Path) -> Path:
    return save_judge(tmp_path / "run", {"data_hash": "others", "levels": [1, 2], "simulated_levels": None})


def test_the_report_says_what_was_measured_on_what(tiny_bundle: Path, tmp_path: Path) -> None:
    config = EvaluateConfig(world=str(tiny_bundle), data=tmp_path, out=tmp_path / "report", quick=True)
    report = json.loads(evaluate(config).with_name("report.json").read_text())
    assert (tmp_path / "report" / "report.html").is_file()
    assert report["schema"] == 2 and report["world"] == "tiny" and report["quick"] is True
    assert report["data"] == {"hash": "tiny", "split": "test", "clips": 12}
    assert report["bundle"] and report["machine"]["device"] == "cpu" and report["machine"]["cores"] >= 1
    assert report["protocol"]["extent"]["clips"] == 12 and "torch" in report["versions"]
    scores = report["scores"]
    assert set(scores) == {
        *("tokenizer", "fidelity", "revisits", "speed"),
        *("counterfactuals", "latent_actions", "text"),
    }
    assert "comes back" in scores["revisits"]["left_out"]
    assert "what its captions are made of" in scores["text"]["left_out"]
    assert "tiny" in scores["counterfactuals"]["left_out"], "a user's bundle has no simulator here"
    assert "true keys" in scores["latent_actions"]["left_out"]
    assert len(scores["fidelity"]["psnr_by_step"]) == 10
    speed = scores["speed"]
    assert 0 < speed["median_ms"] <= speed["p99_ms"] and speed["first_frame_s"] >= speed["start_up_s"] > 0
    assert 0 < speed["share_of_peak"] < 1 and set(speed["by_frame"]["median_ms"]) == {"100"}
    assert speed["peak_mb"] is None or 20 < speed["peak_mb"] < 2000


def test_a_second_run_says_the_same_but_for_the_times(tiny_bundle: Path, judge: Path, tmp_path: Path) -> None:
    config = EvaluateConfig(world=str(tiny_bundle), data=tmp_path, judge=judge, out=tmp_path, quick=True)
    reports, evidence = zip(*(measure(config) for _ in range(2)), strict=True)
    times = [report["scores"].pop("speed") for report in reports]
    assert times[0] != times[1]
    assert json.dumps(reports[0]) == json.dumps(reports[1])
    assert np.array_equal(evidence[0].futures, evidence[1].futures)


def test_the_judges_own_worth_comes_first_and_a_weak_one_is_called_weak(
    tiny_bundle: Path, judge: Path, tmp_path: Path
) -> None:
    config = EvaluateConfig(world=str(tiny_bundle), data=tmp_path, judge=judge, out=tmp_path, quick=True)
    report, evidence = measure(config)
    scores = report["scores"]
    assert next(iter(scores)) == "judge"
    assert scores["judge"]["weak"] is True and "weak" in scores["judge"]["verdict"]
    assert scores["judge"]["keys"] == scores["actions"]["accuracy_real"]
    assert np.array_equal(scores["judge"]["confusion"], scores["actions"]["confusion_real"])
    assert len(scores["horizon"]["frechet_by_hundred"]) == 10
    assert len(scores["long_horizon"]["frames_passed_by_thousand"]) == 2
    assert (scores["horizon"]["sessions"], scores["long_horizon"]["sessions"]) == (2, 1)
    assert (scores["horizon"]["frames"], scores["long_horizon"]["frames"]) == (1_000, 2_000)
    assert set(evidence.confusions) == {"judge", "actions", "actions_real"}
    assert len(evidence.curves["quality_db_by_hundred"]) == 10
    assert len(evidence.curves["quality_db_by_thousand"]) == 2


def test_the_evidence_is_what_the_figures_were_read_off(tiny_bundle: Path, tmp_path: Path) -> None:
    _, evidence = measure(EvaluateConfig(world=str(tiny_bundle), data=tmp_path, out=tmp_path, quick=True))
    assert evidence.actions == NAMES
    assert np.array_equal(evidence.futures, evidence.clips.frames[:, 4:]), "this world predicts itself"
    assert np.array_equal(evidence.context, evidence.clips.frames[:, :4])
    assert evidence.branches is None and evidence.imagined is None and evidence.curves == {}


def test_quick_looks_at_less_of_everything() -> None:
    quick, full = (vars(extent) for extent in (config_module.QUICK, config_module.FULL))
    assert all(quick[name] <= full[name] for name in quick) and quick != full


def test_as_many_sessions_go_on_for_long_as_are_asked_for(
    tiny_bundle: Path, judge: Path, tmp_path: Path
) -> None:
    def scores(long: int) -> dict[str, Any]:
        config = EvaluateConfig(
            world=str(tiny_bundle), data=tmp_path, judge=judge, out=tmp_path / "report", quick=True, long=long
        )
        return measure(config)[0]["scores"]

    assert scores(3)["long_horizon"]["sessions"] == 3
    none = scores(0)
    assert "long_horizon" not in none and none["horizon"]["sessions"] == 2
    with pytest.raises(ValueError, match="not -1 sessions"):
        EvaluateConfig(world="tiny", data=tmp_path, out=tmp_path, long=-1)


class Uninstalled:
    """An adapter that is there without its simulator."""

    action_names, fps, frame_size, splits = NAMES, 15, (SIDE, SIDE), {"test": range(100, 200)}

    def record(self, **_: Any) -> Any:
        raise SourceError("needs the simulator: pip install it")

    branches = player_pairs = play = record


def test_a_world_is_scored_without_its_simulator_and_the_report_says_so(
    tiny_bundle: Path, judge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.evaluate.measuring.find_source", lambda world: (None, Uninstalled(), ""))
    config = EvaluateConfig(world=str(tiny_bundle), data=tmp_path, judge=judge, out=tmp_path, quick=True)
    scores = measure(config)[0]["scores"]
    for left_out in (scores["counterfactuals"], scores["horizon"]["of_true_game"]):
        assert "pip install it" in left_out["left_out"]
    assert "held_keys" not in scores and "present" not in scores["judge"]
    assert scores["fidelity"]["psnr"]["mean"] == 60 and "alive" in scores["horizon"]


def test_a_simulator_that_dies_is_no_reason_to_leave_anything_out(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> Any:
        raise SimulatorDied("try again")

    source = Uninstalled()
    monkeypatch.setattr(source, "branches", die)
    monkeypatch.setattr("training.evaluate.measuring.find_source", lambda world: (None, source, ""))
    with pytest.raises(SimulatorDied, match="try again"):
        measure(EvaluateConfig(world=str(tiny_bundle), data=tmp_path, out=tmp_path, quick=True))


def test_too_few_clips_for_long_play_are_refused_before_anything_is_measured(
    tiny_bundle: Path, judge: Path, tests: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lonely = FrameStore(**{**vars(tests), "starts": tests.starts[:2], "attributes": tests.attributes[:1]})
    monkeypatch.setattr(FrameStore, "open", lambda folder, split, cache=None: lonely)
    monkeypatch.setattr("training.evaluate.measuring.score_tokenizer", None)
    with pytest.raises(ClipError, match="fewer than two"):
        measure(EvaluateConfig(world=str(tiny_bundle), data=tmp_path, judge=judge, out=tmp_path, quick=True))
