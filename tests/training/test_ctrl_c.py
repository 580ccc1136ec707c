"""Ctrl-C in the middle of a command: one line, code 130, and what was there before is what is there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import training.evaluate
from genie.clips.frame_store import FrameStore
from tests.support.tiny_bundle import write_tiny_bundle
from tests.support.tiny_run import SPRITE
from training import export as exporting
from training.__main__ import main
from training.evaluate import bench as benching
from training.interruption import STOPPED, UNDONE, said_of


def stop(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_stopped(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(command) == 130
    told = capsys.readouterr()
    assert (told.out, told.err.splitlines()) == ("", [UNDONE])


def test_only_commands_that_keep_what_they_did_say_that_they_go_on() -> None:
    assert said_of(["train", "tokenizer"]) == said_of([]) == STOPPED
    assert said_of(["evaluate", "coinrun"]) == said_of(["unpack"]) == UNDONE


@pytest.fixture
def begun(
    run: Path, store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, list[str]]:
    """A bundle that is there, and the command for the next one; its graphs are never built."""
    monkeypatch.setenv("GENIE_WORLDS", str(SPRITE.parent))
    monkeypatch.setattr(exporting.FrameStore, "open", lambda folder, split, cache=None: store)
    monkeypatch.setattr(exporting, "build_graphs", lambda run, codes: {"dynamics": SimpleNamespace()})
    out = write_tiny_bundle(tmp_path / "bundle")
    return out, ["export", "sprite", "--data", str(run), "--run", str(run), "--out", str(out)]


def test_export_leaves_the_former_bundle_and_nothing_half_written(
    begun: tuple[Path, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, (out, command) = contents(tmp_path), begun
    half: list[str] = []

    def write_half(graphs: Any, staging: Path, *_: Any) -> None:
        (staging / "text.onnx").write_bytes(b"half")
        half.extend(path.name for path in staging.iterdir())
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "write_graphs", write_half)
    assert_stopped(command, capsys)
    assert "starts.npz" in half and "text.onnx" in half, "it was in the middle"
    assert contents(tmp_path) == before
    assert list(tmp_path.iterdir()) == [out]


def test_an_export_puts_back_the_bundle_that_a_killed_one_had_taken_away(
    begun: tuple[Path, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, command = begun
    before = contents(out)
    out.rename(tmp_path / ".bundle-former")
    (tmp_path / ".export-killed00").mkdir()
    (tmp_path / ".export-killed00" / "text.onnx").write_bytes(b"whole, and nobody knows")
    monkeypatch.setattr(exporting, "write_graphs", stop)
    assert_stopped(command, capsys)
    assert list(tmp_path.iterdir()) == [out]
    assert contents(out) == before


@pytest.mark.parametrize("moment", ["measure", "clip_sheet", "report_page"])
def test_evaluate_leaves_the_former_report(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, report = write_tiny_bundle(tmp_path / "bundle"), tmp_path / "report"
    report.mkdir()
    for name in ("report.json", "report.html", "strips.png"):
        (report / name).write_text("the former one")
    before = contents(tmp_path)
    monkeypatch.setattr(training.evaluate, "measure", lambda config: ({"name": "tiny"}, None))
    monkeypatch.setattr(training.evaluate, "clip_sheet", lambda evidence: np.zeros((2, 2, 3), np.uint8))
    monkeypatch.setattr(training.evaluate, moment, stop)
    command = ["evaluate", str(bundle), "--data", str(tmp_path / "data"), "--out", str(report)]
    assert_stopped(command, capsys)
    assert contents(tmp_path) == before


def test_bench_writes_no_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = write_tiny_bundle(tmp_path / "bundle")
    before = contents(tmp_path)
    monkeypatch.setattr(benching, "time_session", lambda world, session, frames: {})
    monkeypatch.setattr(benching, "against_eager", stop)
    command = ["bench", str(bundle), "--device", "cpu", "--out", str(tmp_path / "figures" / "bench.json")]
    assert_stopped(command, capsys)
    assert contents(tmp_path) == before
    assert not (tmp_path / "figures").exists()
