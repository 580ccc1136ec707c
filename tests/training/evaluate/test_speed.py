"""Times are of the steps, work is counted by hand, and slower or ageing worlds show."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from genie.core.errors import BundleError, GenieError
from tests.support.judged_world import FaultyWorld
from training.evaluate import speed as module
from training.evaluate.arithmetic import Machine, measure, operations
from training.evaluate.fresh_process import play_afresh
from training.evaluate.real_clips import RealClips
from training.evaluate.speed import cost_by_frame, old_over_young, score_speed


def test_what_a_frame_costs_by_its_number() -> None:
    steady = np.full(10_050, 20.0)
    assert cost_by_frame(steady) == {"100": 20.0, "1000": 20.0, "10000": 20.0}
    assert cost_by_frame(steady[:160]) == {"100": 20.0}


def test_a_slower_world_is_slower(world: Any, clips: RealClips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "play_afresh", lambda folder, device: {})
    monkeypatch.setattr(module, "measure", lambda device, milliseconds: Machine(1e9, 1.2))

    def slow(frame: np.ndarray, number: int) -> np.ndarray:
        time.sleep(0.02)
        return frame

    worlds = [FaultyWorld(world), FaultyWorld(world, shows=slow)]
    for faulty in worlds:
        faulty.engine, faulty.device = world.engine, world.device  # type: ignore[attr-defined]
    quick, late = (score_speed(faulty, clips, frames=60) for faulty in worlds)  # type: ignore[arg-type]
    assert late["median_ms"] > quick["median_ms"] + 15 and late["p99_ms"] >= late["median_ms"]
    assert late["frames_per_second"] < quick["frames_per_second"]
    assert late["tokens_per_second"] == pytest.approx(16 * late["frames_per_second"], rel=0.01)
    assert late["share_of_peak"] <= quick["share_of_peak"], "the same work in more time"
    assert late["machine_p99_over_median"] == 1.2


def graph(
    folder: Path,
    nodes: list[onnx.NodeProto],
    y: list[int | str],
    x: list[int | str] | None = None,
    **weights: tuple[int, ...],
) -> Path:
    tensors = [numpy_helper.from_array(np.zeros(shape, np.float32), name) for name, shape in weights.items()]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", x or [1, 3, 8, 8]), ("y", y))
    ]
    model = helper.make_graph(nodes, "graph", ends[:1], ends[1:], tensors)
    file = folder / "graph.onnx"
    onnx.save(helper.make_model(model, opset_imports=[helper.make_opsetid("", 21)]), file)
    return file


def test_work_is_counted_by_hand(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], strides=[2, 2], pads=[1, 1, 1, 1]),  # [1, 5, 4, 4]
        helper.make_node("MatMul", ["c", "m"], ["y"]),  # [1, 5, 4, 7]
    ]
    file = graph(tmp_path, nodes, [1, 5, 4, 7], w=(5, 3, 3, 3), m=(4, 7))
    assert operations(file) == 2 * (5 * 4 * 4) * (3 * 3 * 3) + 2 * (5 * 4 * 7) * 4


def test_work_that_cannot_be_told_is_not_made_up(tmp_path: Path) -> None:
    mystery = helper.make_node("Mystery", ["x"], ["c"], domain="there")
    nodes = [mystery, helper.make_node("MatMul", ["c", "m"], ["y"])]
    with pytest.raises(BundleError, match="not fixed"):
        operations(graph(tmp_path, nodes, [1, 5, 4, 7], m=(4, 7)))
    nodes = [helper.make_node("MatMul", ["x", "m"], ["y"])]
    with pytest.raises(BundleError, match="not fixed"):
        operations(graph(tmp_path, nodes, ["any", 3, 8, 7], ["any", 3, 8, 8], m=(8, 7)))


def test_the_machine_alone_is_faster_than_a_slow_one_and_no_steadier_than_can_be() -> None:
    alone = measure("cpu", milliseconds=0.5)
    assert alone.peak > 1e8
    assert alone.unsteadiness >= 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_the_memory_is_the_players_own(tiny_bundle: Path) -> None:
    ballast = np.ones(600 << 20, np.uint8)  # what this process holds is none of the other's
    assert 30 < play_afresh(tiny_bundle, "cpu")["peak_mb"] < ballast.nbytes >> 20


def test_a_world_that_does_not_play_alone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GenieError, match="does not play"):
        play_afresh(tmp_path / "no-bundle", "cpu")


class Ageing:
    """A session whose steps take longer the more it has seen."""

    def __init__(self, world: Any, frame: int = 0, slower: float = 0.0) -> None:
        self.world, self.index, self.slower = world, frame, slower
        self.keys: list[int] = []

    def step(self, action: int) -> None:
        time.sleep(0.0005 * (1 + self.slower * self.index))
        self.index += 1
        self.keys.append(action)


def test_an_old_session_is_held_against_a_young_one_in_turns(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROUNDS", 6)
    old, young = Ageing(world, 10_050), Ageing(world)
    steady = old_over_young(world, old, young)  # type: ignore[arg-type]
    assert old.keys == young.keys[100:] and len(old.keys) == 60, "the same keys, after a hundred of its own"
    assert steady["low"] <= steady["mean"] <= steady["high"] and 0.8 < steady["mean"] < 1.25
    aged = old_over_young(world, Ageing(world, 10_050, 2e-4), Ageing(world, 0, 2e-4))  # type: ignore[arg-type]
    assert aged["low"] > 1.5


def test_it_is_left_out_where_a_session_is_not_old(
    world: Any, clips: RealClips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "play_afresh", lambda folder, device: {})
    monkeypatch.setattr(module, "measure", lambda device, milliseconds: Machine(1e9, 1.2))
    assert "old_over_young" not in score_speed(world, clips, frames=160)
    monkeypatch.setattr(module, "LATE", 150)
    assert "mean" in score_speed(world, clips, frames=160)["old_over_young"]
