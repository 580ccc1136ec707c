"""One command from nothing to a bundle that plays, and on from wherever it was stopped."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from genie.runtime.world import World
from training import presets
from training.__main__ import main
from training.presets import Preset

SCRIPTED = Path(__file__).parents[1] / "scripted_worlds"


@pytest.fixture
def barely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the debug preset train for two steps a stage, and know the sprite world."""
    debug = presets.debug()
    loops = {name: dataclasses.replace(loop, steps=min(2, loop.steps)) for name, loop in debug.loops.items()}

    def two_steps() -> Preset:
        return dataclasses.replace(debug, loops=loops, labels=20)

    monkeypatch.setitem(presets.PRESETS, "debug", two_steps)
    monkeypatch.setenv("GENIE_WORLDS", str(SCRIPTED))


def test_a_world_is_made_and_a_stopped_one_goes_on(
    tmp_path: Path, barely: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import training.train as module

    command = ["make", "sprite", "--preset", "debug", "--clips", "12", "--frames", "20", "--device", "cpu"]
    for name in ("data", "run", "out"):
        command += [f"--{name}", str(tmp_path / name)]
    real = module.train

    def stops(config: module.TrainConfig, world: object) -> Path:
        if config.stage == "text":
            raise KeyboardInterrupt
        return real(config, world)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "train", stops)
    assert main(command) == 130
    assert not (tmp_path / "out").exists()
    done = {path: path.read_text() for path in (tmp_path / "run").glob("*/metrics.jsonl")}
    assert {path.parent.name for path in done} == {"tokenizer", "latent-action", "keys"}
    monkeypatch.setattr(module, "train", real)
    assert main(command) == 0
    assert {path: path.read_text() for path in done} == done, "what was trained is not trained again"
    captured = capsys.readouterr()
    assert [line[0] for line in captured.err.splitlines() if " of 7: " in line] == [*"12345", *"1234567"]
    assert str(tmp_path / "out") in captured.out
    session = World.open(tmp_path / "out", device="cpu").start(seed=1)
    assert session.step("right").shape == (32, 32, 3)


def test_a_world_without_a_simulator_needs_videos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(SCRIPTED / "sprite", tmp_path / "worlds" / "mine")
    toml = tmp_path / "worlds" / "mine" / "world.toml"
    toml.write_text(toml.read_text().replace('source = "source.py"\n', ""))
    monkeypatch.setenv("GENIE_WORLDS", str(tmp_path / "worlds"))
    command = ["make", "mine", "--data", str(tmp_path / "data"), "--run", str(tmp_path / "run")]
    assert main(command) == 1
    assert "--videos" in capsys.readouterr().err
    (tmp_path / "videos").mkdir()
    assert main([*command, "--videos", str(tmp_path / "videos")]) == 1
    assert "no videos" in capsys.readouterr().err
    assert main([*command, "--clips", "1"]) == 2
    assert not (tmp_path / "run").exists()
