"""A recording that cannot go on: play does, the player is told, and the next session is recorded again."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygame
import pytest

from genie.app import cli
from genie.app.options import Options
from genie.app.player import Player
from genie.app.recorder import Recorder
from genie.app.session_plan import resume_plan
from genie.app.take import Start
from genie.clips.session_log import read_session
from genie.clips.session_writer import SessionWriter
from genie.core.errors import ClipError
from genie.runtime.world import World
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest
from tests.support.tiny_bundle import write_tiny_bundle

Make = Callable[..., Driver]
START = Start(prompt="a red alien on grass", seed=7)
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """A disk on which there is no room for what is in the set: "log" or "card"."""
    full: set[str] = set()
    append = SessionWriter._append

    def appended(writer: SessionWriter, event: dict[str, Any]) -> None:
        if "log" in full:
            raise ClipError(f"Cannot go on recording into {writer.path}: {FULL.strerror}.")
        append(writer, event)

    def written(*_: object, **__: object) -> None:
        if "card" in full:
            raise FULL

    monkeypatch.setattr(SessionWriter, "_append", appended)
    monkeypatch.setattr("genie.app.recorder.write_card", written)
    return full


def test_after_a_full_disk_the_next_session_is_recorded_and_the_broken_one_can_be_opened(
    tmp_path: Path, disk: set[str]
) -> None:
    recorder = Recorder(tmp_path / "kept")
    player = Player(FakeWorld(), START, recorder)  # type: ignore[arg-type]
    player.step(1)
    disk.add("log")
    player.step(1)
    assert "No space" in player.trouble and "What you play from here is not kept." in player.trouble
    assert not recorder.recording
    disk.clear()
    player.step(1)
    SessionWriter.reopen(recorder.paths[0]).close()
    player.restart()
    player.step(2)
    player.close()
    assert [read_session(path).actions for path in recorder.paths] == [(1,), (2,)]


def test_a_summary_that_cannot_be_written_ends_nothing(tmp_path: Path, disk: set[str]) -> None:
    recorder = Recorder(tmp_path / "kept")
    player = Player(FakeWorld(), START, recorder)  # type: ignore[arg-type]
    disk.add("card")
    for _ in range(3):
        player.step(1)
    player.close()
    assert (len(read_session(recorder.paths[0]).actions), player.trouble) == (3, "")


def test_a_session_that_is_being_played_in_another_window_goes_on_in_a_copy(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "bundle")
    world, path = World.open(bundle, device="cpu"), tmp_path / "a.genie-session"
    first = Player(world, START, Recorder(path))
    first.step(1)
    plan = resume_plan(Options(world=str(bundle), resume=path))
    assert plan.recorder is not None
    second = Player(world, plan.start, plan.recorder, plan.resumed)
    assert "copy" in plan.recorder.note and "another window" in plan.recorder.note
    second.step(2)
    first.step(3)
    second.close()
    first.close()
    (copy,) = plan.recorder.paths
    assert copy.parent == tmp_path
    assert (read_session(copy).actions, read_session(path).actions) == ((1, 2), (1, 3))
    assert second.trouble == ""


def test_the_sign_of_recording_is_there_for_as_long_as_it_records(
    drive: Make, tmp_path: Path, disk: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = drive(FakeWorld(fake_manifest(fps=60)), recorder=Recorder(tmp_path / "kept")).play()
    driver.frames(2)
    shown = driver.drawn(monkeypatch)
    driver.loop.draw()
    assert "● REC" in shown
    disk.add("log")
    driver.until(lambda: driver.game.notice is not None and "not kept" in driver.game.notice.text)
    shown.clear()
    driver.loop.draw()
    assert "● REC" not in shown
    disk.clear()
    driver.tap(pygame.K_r)
    driver.until(lambda: driver.game.moment.session == 1)
    shown.clear()
    driver.loop.draw()
    assert "● REC" in shown


def test_a_recording_that_was_asked_for_and_given_up_is_code_1(
    tmp_path: Path,
    disk: set[str],
    display: pygame.Surface,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    bundle = write_tiny_bundle(tmp_path / "bundle")
    step = Player.step

    def stepped(player: Player, *told: Any) -> object:
        if player.index == 3:
            disk.add("log")
        return step(player, *told)

    monkeypatch.setattr(Player, "step", stepped)
    command = [str(bundle), "--keys", "right:9", "--frames", "9", "--record", str(tmp_path / "kept")]
    assert cli.main(command) == 1
    assert "What you play from here is not kept" in capfd.readouterr().err
