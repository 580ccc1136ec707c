"""Every stage is timed at its own sizes, and what was trained stays as it was."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from genie.worlds import read_world
from tests.training.conftest import SPRITE
from training import presets, stage_speed
from training import train as module
from training.loop_config import LoopConfig
from training.stage_speed import score_training, table
from training.train import TrainConfig


def test_all_stages_are_timed_and_none_is_changed(
    run: Path, store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    debug = presets.debug()
    loops = {name: LoopConfig(steps=9, batch=4) for name in debug.loops}
    monkeypatch.setitem(presets.PRESETS, "debug", lambda: dataclasses.replace(debug, loops=loops))
    monkeypatch.setattr(module.FrameStore, "open", lambda *_: store)
    monkeypatch.setitem(stage_speed.SIDES, "cpu", 64)
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}
    config = TrainConfig(stage="", data=tmp_path, run=run, preset="debug", device="cpu")
    told = score_training(config, read_world(SPRITE), steps=2)
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()} == before
    assert list(told) == list(stage_speed.STAGES)
    for stage, figures in told.items():
        assert figures["frames_per_second"] > 0 and 0 <= figures["waiting"] < 1, stage
        assert figures["gflop_a_step"] > 0.001, "a step is mostly products"
    # Windows of 5 frames, of 4, spans and single frames: frames a second count them all.
    lengths = {"dynamics": 5, "judge": 4, "tokenizer": 1, "captioner": 4, "attributes": 1}
    for stage, length in lengths.items():
        frames = told[stage]["frames_per_second"] * told[stage]["ms_a_step"] / 1000
        assert frames == pytest.approx(4 * length, rel=0.05)
    assert len(table(told).splitlines()) == 1 + len(stage_speed.STAGES)


def test_a_stage_that_the_clips_do_not_allow_is_left_out(
    run: Path, store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    debug = presets.debug()
    loops = {name: LoopConfig(steps=9, batch=4) for name in debug.loops}
    monkeypatch.setitem(presets.PRESETS, "debug", lambda: dataclasses.replace(debug, loops=loops))
    monkeypatch.setitem(stage_speed.SIDES, "cpu", 64)
    monkeypatch.setattr(stage_speed, "STAGES", ("tokenizer", "judge"))

    def opened(folder: Path, split: str, *rest: object) -> FrameStore:
        if split == "judge":
            raise ClipError("no clips of the split 'judge'")
        return store

    monkeypatch.setattr(module.FrameStore, "open", opened)
    config = TrainConfig(stage="", data=tmp_path, run=run, preset="debug", device="cpu")
    told = score_training(config, read_world(SPRITE), steps=1)
    assert told["tokenizer"]["frames_per_second"] > 0
    assert "left out: no clips of the split 'judge'" in table(told)
