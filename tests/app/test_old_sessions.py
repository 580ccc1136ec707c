"""Sessions of another bundle: their frames are made again, once, and for as long as the player will wait."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app.folders import slots_folder
from genie.app.options import Options
from genie.app.player import Player
from genie.app.recorder import Recorder
from genie.app.repainting import GivenUp
from genie.app.session_plan import resume_plan
from genie.app.take import Start
from genie.clips.session_log import SUFFIX, SessionRecord, read_session
from genie.runtime.first_frames import Painting
from genie.runtime.world import World
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest
from tests.support.tiny_bundle import write_tiny_bundle

Make = Callable[..., Driver]
ROOT = Path(__file__).parents[2]
START = Start(prompt="a red sprite", seed=3)
LEAVE = """\
import atexit, sys, threading, time
from genie.app import cli
atexit.register(print, "taken down")
cli.main = lambda: 3
if sys.argv[1:]:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
cli.run()
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("old") / "bundle"), device="cpu")


def aged(path: Path, digest: str) -> SessionRecord:
    """Have a session be of another bundle, and read it."""
    header = path / "session.json"
    header.write_text(header.read_text().replace(f'"bundle_hash": "{digest}"', '"bundle_hash": "another"'))
    record = read_session(path)
    assert record.header.bundle_hash == "another"
    return record


def slot_of(world: FakeWorld, frames: int) -> SessionRecord:
    """Put an old session of so many frames into slot 1."""
    path = slots_folder(world.id) / f"slot-1{SUFFIX}"
    player = Player(world, Start(prompt="a red alien on grass", seed=2), Recorder(path))  # type: ignore[arg-type]
    for _ in range(frames):
        player.step(2)
    player.close()
    return aged(path, world.manifest.digest)


def test_making_frames_again_is_shown_and_can_be_given_up(world: World, tmp_path: Path) -> None:
    path = tmp_path / "a.genie-session"
    first = Player(world, START, Recorder(path))
    for step in range(20):
        first.step(step % 6, "a blue sprite on snow" if step == 7 else None)
    first.go(0, 12)
    first.step(1)
    first.close()
    looks: list[Painting] = []

    def watch(look: Painting) -> None:
        looks.append(look)
        if len(looks) in (5, 20):
            raise GivenUp("enough")

    player = Player(world, START, watch=watch)
    looks.clear()
    aged(path, world.manifest.digest)
    with pytest.raises(GivenUp):
        player.begin(START, read_session(path))
    assert (player.session, player.index, len(looks)) == (0, 0, 5)
    player.begin(START, read_session(path))
    assert player.index == 13
    here = player.moment().frame
    with pytest.raises(GivenUp):
        player.go(0, 20)
    np.testing.assert_array_equal(player.moment().frame, here)
    assert player.index == 13
    np.testing.assert_array_equal(player.go(0, 20).frame, first.picture(0, 20))
    assert player.tree.digests(0, 20) == first.tree.digests(0, 20)
    first.go(0, 20)
    np.testing.assert_array_equal(player.step(3).frame, first.step(3).frame)


def test_an_old_slot_is_waited_for_no_longer_than_one_likes(
    drive: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = FakeWorld(fake_manifest(fps=60))
    slot_of(world, 200)
    driver = drive(world).play()
    driver.frames(3)
    world.seconds = 0.05
    driver.tap(pygame.K_F9)
    driver.until(lambda: driver.game.repainting.shown is not None)
    driver.tap(pygame.K_ESCAPE)
    driver.until(lambda: driver.game.notice is not None and "Given up" in driver.game.notice.text)
    assert driver.game.moment.session == 0
    driver.tap(pygame.K_F9)
    driver.until(lambda: driver.game.repainting.shown is not None)
    shown = driver.drawn(monkeypatch)
    driver.game.leave()
    driver.loop.draw()
    assert "Finishing the export" not in shown
    made = world.sessions[-1].index
    driver.loop.run()
    assert world.sessions[-1].index <= made + 2


def test_leaving_while_an_old_session_is_resumed_waits_for_one_frame(drive: Make) -> None:
    world = FakeWorld(fake_manifest(fps=60))
    record = slot_of(world, 200)
    world.seconds = 0.05
    driver = drive(world, resumed=record)
    driver.until(lambda: driver.game.repainting.shown is not None)
    driver.close_window()
    driver.loop.run()
    driver.game.close()
    assert world.sessions[-1].index < 20
    assert driver.game.failure is None


def test_giving_up_the_way_forward_shows_where_the_session_stands(drive: Make) -> None:
    world = FakeWorld(fake_manifest(fps=60))
    record = slot_of(world, 60)
    record.tree.go(0, 10)
    driver = drive(world, resumed=record).play()
    here = driver.game.frame
    world.seconds = 0.05
    driver.game.time.look_at(60)
    driver.until(lambda: driver.game.time.scrub.frame is not here)
    np.testing.assert_array_equal(driver.game.frame, here, "the nearest frame that is known")
    driver.game.time.let_go()
    driver.until(lambda: driver.game.repainting.shown is not None)
    driver.tap(pygame.K_ESCAPE)
    driver.until(lambda: driver.game.notice is not None and "Given up" in driver.game.notice.text)
    driver.settle()
    assert driver.game.index == driver.session.index == 10
    assert not driver.game.time.travelling
    world.seconds = 0.0
    driver.game.time.go(0, 60)
    driver.until(lambda: driver.game.index == 60)


def test_a_slot_is_read_from_disk_once_and_copied_only_when_played_on(drive: Make, tmp_path: Path) -> None:
    world = FakeWorld(fake_manifest(fps=60))
    slot_of(world, 20)
    recorder = Recorder(tmp_path / "kept", keep_empty=False)
    driver = drive(world, recorder=recorder).play()
    driver.frames(3)
    sessions = len(world.sessions)
    for _ in range(3):
        driver.game.notice = None
        driver.tap(pygame.K_F9)
        driver.until(lambda: driver.game.notice is not None and "Slot 1" in driver.game.notice.text)
        driver.settle()
        assert driver.game.index == 20
    assert len(world.sessions) == sessions + 1
    driver.game.close()
    assert len(recorder.paths) == 1, "nothing was done in the copy"


def test_resuming_an_old_session_leaves_no_copy_in_which_nothing_is_done(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "bundle")
    world, path = World.open(bundle, device="cpu"), tmp_path / "a.genie-session"
    for digest in ("another", world.manifest.digest):
        player = Player(world, START, Recorder(tmp_path / "new.genie-session"))
        player.step(2)
        player.close()
        (tmp_path / "new.genie-session").rename(path)
        if digest == "another":
            aged(path, world.manifest.digest)
        plan = resume_plan(Options(world=str(bundle), resume=path))
        Player(world, plan.start, plan.recorder, plan.resumed).close()
        assert [found.name for found in tmp_path.glob(f"*{SUFFIX}")] == [path.name]
        assert len(read_session(path).actions) == 1
        path.rename(tmp_path / digest)


@pytest.mark.parametrize(("stuck", "said"), [((), "taken down\n"), (("stuck",), "")])
def test_a_thread_that_will_not_end_is_not_taken_down_with_python(stuck: tuple[str, ...], said: str) -> None:
    command = [sys.executable, "-c", LEAVE, *stuck]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (3, said)
