"""Played sessions are taken for data as they are, from the command line and again and again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genie.clips.clip_folder import ClipFolder
from genie.runtime.world import World
from tests.support.played_session import played, record
from tests.support.tiny_bundle import NAMES, write_tiny_bundle
from training.__main__ import main
from training.sessions import RENDERED, as_dataset


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("world") / "bundle"), device="cpu")


def quiet(done: int, total: int) -> None:
    pass


def test_one_session_is_a_dataset_as_often_as_it_is_asked_for(tmp_path: Path, world: World) -> None:
    path = tmp_path / "a.genie-session"
    record(path, world, played(30))
    folders = [as_dataset(path, world.engine.folder, quiet, pytest.fail) for _ in range(2)]
    assert folders[0] == folders[1] and len(ClipFolder(folders[0])) == 1


def test_a_folder_of_sessions_is_itself_a_dataset(tmp_path: Path, world: World) -> None:
    for name in ("a", "b", "short"):
        record(tmp_path / f"{name}.genie-session", world, played(3 if name == "short" else 19))
    complaints: list[str] = []
    data = as_dataset(tmp_path, world.engine.folder, quiet, complaints.append)
    assert data == tmp_path / RENDERED / world.engine.folder.name
    assert len(complaints) == 1
    assert "short" in complaints[0]
    assert len(ClipFolder(data)) == 2
    (tmp_path / "a.genie-session" / "session.json").unlink()
    as_dataset(tmp_path, world.engine.folder, quiet, complaints.append)
    assert [entry.attributes["session"] for entry in ClipFolder(data)] == ["b.genie-session"]
    assert as_dataset(data, world.engine.folder, quiet, complaints.append) == data, (
        "clips are taken as they are"
    )


def test_the_clips_of_one_world_outlive_those_of_another(tmp_path: Path, world: World) -> None:
    record(tmp_path / "a.genie-session", world, played(19))
    data = as_dataset(tmp_path, world.engine.folder, quiet, pytest.fail)
    other = write_tiny_bundle(tmp_path / "elsewhere" / "other")
    assert as_dataset(tmp_path, other, quiet, pytest.fail) != data
    assert len(ClipFolder(data)) == 1


def test_the_command_line_renders_and_trains(
    tmp_path: Path, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "worlds" / "tiny"
    home.mkdir(parents=True)
    (home / "bundle").symlink_to(world.engine.folder)
    actions = "".join(
        f"[[actions]]\nname = {name!r}\nkeys = {[] if name == 'noop' else name.split('+')}\n"
        for name in NAMES
    )
    (home / "world.toml").write_text(
        'title = "T"\ndescription = "D"\nfps = 15\nidle = "noop"\n'
        f"[frame]\nheight = 16\nwidth = 16\n{actions}",
        encoding="utf-8",
    )
    monkeypatch.setenv("GENIE_WORLDS", str(tmp_path / "worlds"))
    for name in ("a", "b"):
        record(tmp_path / "s" / f"{name}.genie-session", world, played(40))
    assert main(["ingest", str(tmp_path / "s"), "--out", str(tmp_path / "out")]) == 0
    assert "2 sessions" in capsys.readouterr().out
    stage = ["train", "tokenizer", "tiny", "--preset", "debug", "--steps", "2", "--device", "cpu"]
    assert main([*stage, "--data", str(tmp_path / "out"), "--run", str(tmp_path / "run")]) == 0
    assert main([*stage, "--data", str(tmp_path / "s"), "--run", str(tmp_path / "run2")]) == 0
    figures = [
        json.loads((tmp_path / run / "tokenizer" / "metrics.jsonl").read_text().splitlines()[-1])["loss"]
        for run in ("run", "run2")
    ]
    assert figures[0] == figures[1], "rendered first or not, it is the same data"
    record(tmp_path / "s" / "c.genie-session", world, played(2))
    capsys.readouterr()
    assert main(["ingest", str(tmp_path / "s"), "--out", str(tmp_path / "out")]) == 1
    assert "c.genie-session" in capsys.readouterr().err
    assert main(["ingest", str(tmp_path / "s"), "--out", str(tmp_path / "x"), "--frames", "9"]) == 2
