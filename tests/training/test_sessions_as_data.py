"""Played sessions are taken for data as they are, from the command line and again and again."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from genie.clips.clip_folder import ClipFolder
from genie.runtime.world import World
from tests.support.played_session import played, record
from tests.support.tiny_bundle import NAMES, write_tiny_bundle
from training.__main__ import main
from training.guard import only_one
from training.sessions import RENDERED, as_dataset


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("world") / "bundle"), device="cpu")


def quiet(done: int, total: int) -> None:
    pass


def replace_until(name: str | None) -> Callable[[Path, Path], Path]:
    """`Path.replace` that is stopped as a folder is put where one of that name was taken away."""
    replace = Path.replace

    def replaced(moved: Path, target: Path) -> Path:
        if target.name == name:
            raise KeyboardInterrupt
        return replace(moved, target)

    return replaced


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


@pytest.mark.parametrize("stop_at", ["taken away", "put there"])
def test_stopped_while_clips_are_replaced_a_session_is_still_learned_from(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, stop_at: str
) -> None:
    path = tmp_path / "a.genie-session"
    record(path, world, played(19))
    data = as_dataset(tmp_path, world.engine.folder, quiet, pytest.fail)
    with (path / "log.jsonl").open("a") as log:  # somebody played on
        log.write('{"a": 2}\n')

    def stopped(removed: Path, **_: object) -> None:
        if removed.name == "a" or (stop_at == "put there" and (removed / "made-of.json").exists()):
            (removed / "made-of.json").unlink()
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", stopped)
        patched.setattr(Path, "replace", replace_until("a" if stop_at == "taken away" else None))
        with pytest.raises(KeyboardInterrupt):
            as_dataset(tmp_path, world.engine.folder, quiet, pytest.fail)
    assert as_dataset(tmp_path, world.engine.folder, quiet, pytest.fail) == data
    assert [entry.frames for entry in ClipFolder(data)] == [21]


def test_sessions_of_one_name_in_two_folders_are_two(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/x", "b/x", "a-x"):
        record(tmp_path / f"{name}.genie-session", world, played(19))
    monkeypatch.chdir(tmp_path)
    data = as_dataset(Path(), world.engine.folder, quiet, pytest.fail)
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*.mp4")}
    assert sorted(path.parent.name for path in before) == ["a-x", "a-x-2", "b-x"]
    as_dataset(Path(), world.engine.folder, quiet, pytest.fail)
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*.mp4")} == before, "none made again"


def test_who_comes_second_waits_and_finds_the_clips_made(tmp_path: Path, world: World) -> None:
    record(tmp_path / "a.genie-session", world, played(19))
    out = tmp_path / RENDERED / world.engine.folder.name
    with ThreadPoolExecutor(1) as pool:
        with only_one(out, wait=True):
            second = pool.submit(as_dataset, tmp_path, world.engine.folder, quiet, pytest.fail)
            assert not wait([second], timeout=0.5).done
        assert len(ClipFolder(second.result(60))) == 1


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
