"""The bench plays the bundle itself and the same models in PyTorch, and says what it saw."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genie.core.errors import BundleError
from genie.runtime.world import World
from training.__main__ import main
from training.evaluate import bench as module
from training.evaluate import speed
from training.evaluate.bench import against_eager
from training.evaluate.crowd import score_crowd
from training.evaluate.eager_step import eager_step, rebuilt
from training.export import build_graphs
from training.trained import Run


def test_a_bundle_is_rebuilt_with_all_its_weights(bundle: Path, run: Path) -> None:
    """Weight for weight what was exported; the prompt's share alone is a graph of its own."""
    graphs = build_graphs(Run(run))
    for ours, theirs in zip(rebuilt(bundle), (graphs["dynamics"], graphs["decode"]), strict=True):
        wanted, found = theirs.state_dict(), ours.state_dict()
        told = (".text.", ".spoiled", ".used")
        left = [name for name in wanted if not any(part in name for part in told)]
        left = [name for name in left if "tokenizer.decoder" not in name or theirs is graphs["decode"]]
        left = [name for name in left if "tokenizer.encoder" not in name or theirs is graphs["dynamics"]]
        assert len(left) > 10
        for name in left:
            np.testing.assert_allclose(found[name].numpy(), wanted[name].numpy(), atol=1e-6, err_msg=name)


def test_the_eager_step_shows_frames_of_the_world(bundle: Path) -> None:
    step = eager_step(bundle, "cpu")
    first, second = step(0), step(1)
    assert first.shape == second.shape == (*World.open(bundle, "cpu").frame_size, 3)
    assert first.dtype == np.uint8 and first.std() > 0


def test_a_bundle_of_other_models_is_one_line(tiny_bundle: Path) -> None:
    with pytest.raises(BundleError, match="another version of the models"):
        eager_step(tiny_bundle, "cpu")


def test_the_two_steps_take_turns(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROUNDS", 2)
    told = against_eager(World.open(bundle, "cpu"))
    assert told["times_faster"] == pytest.approx(told["eager_median_ms"] / told["median_ms"], rel=0.05)


def test_sessions_of_a_crowd_are_all_played(world: World) -> None:
    told = score_crowd(world, sessions=5, steps=4)
    assert told["sessions"] == 5 and 1 <= told["workers"] <= 5
    assert told["frames_per_second_in_all"] > 0


def test_the_command_tells_all_and_keeps_it(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = {"start_up_s": 0.1, "first_frame_s": 0.2, "peak_mb": 90}
    monkeypatch.setattr(speed, "play_afresh", lambda folder, device: alone)
    monkeypatch.setattr(module, "ROUNDS", 1)
    command = ["bench", str(bundle), "--device", "cpu", "--sessions", "2", "--steps", "2"]
    assert main([*command, "--frames", "149"]) == 2
    assert main([*command, "--data", str(tmp_path)]) == 2
    assert main([*command, "--frames", "150", "--out", str(tmp_path / "bench.json")]) == 0
    told = json.loads((tmp_path / "bench.json").read_text())
    page = capsys.readouterr().out
    assert f"{told['step']['frames_per_second']}" in page and "2 sessions, frames a second in all" in page
    assert told["step"]["share_of_peak"] > 0 and told["eager"]["times_faster"] > 0
