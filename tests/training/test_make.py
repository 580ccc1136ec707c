"""One command from nothing to a bundle that plays, and on from wherever it was stopped."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from genie.core.errors import ExportError
from genie.runtime.world import World
from training import checkpoint, presets
from training.__main__ import main
from training.evaluate import measuring
from training.evaluate.config import QUICK
from training.guard import only_one
from training.make import MADE, SHARES
from training.parts import check_sizes
from training.plan import PAGE, PLAN
from training.presets import Preset
from training.train_latent_action import LatentActionStage

SCRIPTED = Path(__file__).parents[2] / "tests" / "scripted_worlds"
MINE = [name for name in SHARES if name != "unseen clips"]  # the sprite's world withholds nothing


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
    assert [line[0] for line in captured.err.splitlines() if " of 8: " in line] == [*"123456", *"12345678"]
    assert str(tmp_path / "out") in captured.out
    session = World.open(tmp_path / "out", device="cpu").start(seed=1)
    assert session.step("right").shape == (32, 32, 3)


def test_in_so_many_minutes_it_is_judged_too_and_cut_in_mid_stage_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    command = ["make", "sprite", "--preset", "debug", "--minutes", "0.1", "--device", "cpu"]
    command += ["--clips", "120", "--frames", "20"]
    for name in ("data", "run", "out", "cache"):
        command += [f"--{name}", str(tmp_path / name)]
    monkeypatch.setenv("GENIE_WORLDS", str(SCRIPTED))
    few = dataclasses.replace(QUICK, clips=4, moments=2, sessions=1, real=4, timed=60, transitions=20)
    monkeypatch.setattr(measuring, "QUICK", few)
    loss = LatentActionStage.loss

    def cut(stage: LatentActionStage, step: int) -> Any:
        if step == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return loss(stage, step)

    monkeypatch.setattr(LatentActionStage, "loss", cut)
    assert main(command) == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    plan = plan_of(run)
    assert plan["done"] == ["clips", "starts clips", "test clips", "judge clips", "tokenizer"]
    assert checkpoint.load(run / "latent-action" / "checkpoint.pt")["step"] == 2
    monkeypatch.setattr(LatentActionStage, "loss", loss)
    assert main(command) == 0
    told = capsys.readouterr().err
    assert "5 of 13" not in told and "6 of 13: latent-action" in told and "13 of 13: report" in told
    assert "left out: the " in told, "so few clips tell no attributes apart"
    given = plan["given"]["latent-action"]
    plan = plan_of(run)
    assert checkpoint.load(run / "keys" / "checkpoint.pt")["step"] == 1, "what is solved is not trained"
    assert plan["starts"] == 2 and plan["done"] == MINE and plan["given"]["latent-action"] == given
    for stage in ("tokenizer", "latent-action", "text", "judge", "dynamics"):
        assert checkpoint.load(run / stage / "checkpoint.pt")["more"] > 0, f"{stage} ended by the clock"
    assert len(list((tmp_path / "cache").iterdir())) == 4, "nothing is decoded twice"
    report = json.loads((run / "report" / "report.json").read_text())
    assert report["judge"]["sha256"] and "actions" in report["scores"]
    assert (run / PAGE).read_text().count("done ") == len(MINE)
    assert World.open(out, device="cpu").id == "sprite"
    assert main(command) == 0
    assert " of 13:" not in capsys.readouterr().err, "there is nothing left to do"


def plan_of(run: Path) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads((run / PLAN).read_text())
    return plan


def test_videos_make_a_world_whose_actions_are_the_latent_codes(
    tmp_path: Path, barely: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = ["record", "sprite", "--clips", "6", "--frames", "40", "--out", str(tmp_path / "videos")]
    assert main(record) == 0
    for told in (tmp_path / "videos").rglob("*.jsonl"):
        told.unlink()
    mine = tmp_path / "worlds" / "mine"
    shutil.copytree(SCRIPTED / "sprite", mine)
    text = (mine / "world.toml").read_text().replace('source = "source.py"\n', "")
    (mine / "world.toml").write_text(
        text[: text.index("[splits]")] + '[[actions]]\nname = "noop"\nkeys = []\n'
    )
    monkeypatch.setenv("GENIE_WORLDS", str(tmp_path / "worlds"))
    command = ["make", "mine", "--preset", "debug", "--videos", str(tmp_path / "videos"), "--device", "cpu"]
    for name in ("data", "run", "out"):
        command += [f"--{name}", str(tmp_path / name)]
    assert main(command) == 0
    assert "do not tell their keys" in capsys.readouterr().err
    world = World.open(tmp_path / "out", device="cpu")
    assert set(world.actions.names) == {f"code-{n}" for n in range(6)}
    assert world.start(seed=1).step("code-3").shape == (32, 32, 3)


def test_the_parts_share_all_of_the_time() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)
    assert set(MADE) < set(SHARES)


def test_a_file_that_is_too_large_is_named(tmp_path: Path) -> None:
    (tmp_path / "decode.onnx").write_bytes(bytes(1000))
    check_sizes(tmp_path)
    with (tmp_path / "dynamics.onnx").open("wb") as file:
        file.truncate(16_100_000)
    with pytest.raises(ExportError, match=r"dynamics.onnx has 16.1 MB, more than 16.*presets"):
        check_sizes(tmp_path)


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
    (tmp_path / "data" / "one.genie-session").mkdir(parents=True)
    assert main(command) == 1
    assert "holds sessions" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "data")
    (tmp_path / "videos").mkdir()
    assert main([*command, "--videos", str(tmp_path / "videos")]) == 1
    assert "no videos" in capsys.readouterr().err
    assert main([*command, "--clips", "1"]) == 2
    assert main([*command, "--minutes", "0"]) == 2
    assert main([*command, "--temperature", "11"]) == 2
    assert main([*command, "--preset", "gppu"]) == 2
    assert "Did you mean 'gpu'" in capsys.readouterr().err
    toml.write_text(toml.read_text().replace("height = 32", "height = 84"))
    assert main(command) == 2
    assert "frames of 84x32 cannot be learned from" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_two_at_once_in_one_run_folder_are_refused(
    tmp_path: Path, barely: None, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["make", "sprite", "--preset", "debug", "--device", "cpu", "--run", str(tmp_path / "run")]
    with only_one(tmp_path / "run"):
        assert main([*command, "--data", str(tmp_path / "data")]) == 1
    assert "another training is running" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
