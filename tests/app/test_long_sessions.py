"""Long sessions: memory grows by a frame's tokens and no more, branches are cheap, and the past is near."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from genie.app.player import Player
from genie.app.recorder import Recorder
from genie.app.take import Start
from genie.clips.session_log import read_session
from genie.runtime.engine import Engine
from genie.runtime.stepper import Stepper
from genie.runtime.world import World
from tests.app.conftest import Driver
from tests.support.tiny_bundle import write_tiny_bundle

START = Start(prompt="a red sprite", seed=3)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("long") / "bundle"), device="cpu")


@pytest.fixture
def allocated() -> Iterator[Callable[[], int]]:
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()


def play(player: Player, frames: int) -> None:
    for step in range(frames):
        player.step(step % 6)


def test_a_frame_more_costs_its_tokens_and_little_else(
    world: World, tmp_path: Path, allocated: Callable[[], int]
) -> None:
    player = Player(world, START, Recorder(tmp_path / "kept"))
    play(player, 560)  # as many keyframes as there will ever be
    before = allocated()
    play(player, 800)
    assert (allocated() - before) / 800 < 250, "bytes a frame; its pixels alone would be 768"


def test_a_hundred_branches_from_one_point_are_cheap(world: World, allocated: Callable[[], int]) -> None:
    player = Player(world, START)
    play(player, 120)
    before = allocated()
    for _ in range(100):
        player.go(0, 80)
        player.step(1)
    assert len(player.tree.branches) == 101
    assert (allocated() - before) / 100 < 5_000, "bytes a branch; a copy of what led there would be more"


def test_ten_seconds_back_appear_at_once(
    drive: Callable[..., Driver], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = drive(world, start=START, fps=240).play()  # type: ignore[arg-type]
    driver.frames(160)
    driver.game.time.paused = True
    driver.until(lambda: not driver.game.busy)
    target = driver.game.index - 150
    expected = driver.game.orders.player.picture(0, target)
    runs: list[str] = []
    step, decode = Stepper.step, Engine.decode
    monkeypatch.setattr(Stepper, "step", lambda *given: (runs.append("step"), step(*given))[1])
    monkeypatch.setattr(Engine, "decode", lambda *given: (runs.append("decode"), decode(*given))[1])
    for _ in range(5):
        runs.clear()
        driver.game.time.look_at(target)
        driver.until(lambda: not driver.game.busy)
        driver.loop.draw()
        assert runs == ["decode"], "the frame is made of its tokens, and none is played again"
        np.testing.assert_array_equal(driver.game.frame, expected)
        driver.game.time.look_at(target + 150)
        driver.until(lambda: not driver.game.busy)


def test_a_session_goes_on_another_day_where_it_was_left(world: World, tmp_path: Path) -> None:
    first = Player(world, START, Recorder(tmp_path / "a.genie-session"))
    play(first, 40)
    first.go(0, 25)
    first.step(2, "a blue sprite on snow")
    left = first.moment()
    first.close()
    record = read_session(tmp_path / "a.genie-session")
    recorder = Recorder(tmp_path / "a.genie-session", reopen=True)
    second = Player(world, START, recorder, record)
    came = second.moment()
    np.testing.assert_array_equal(came.frame, left.frame)
    assert (came.branch, came.index, came.prompt, came.branches) == (1, 26, left.prompt, 2)
    again, straight = second.step(1), first.step(1)
    np.testing.assert_array_equal(again.frame, straight.frame)
    second.close()
    assert recorder.paths == [tmp_path / "a.genie-session"]
    record = read_session(tmp_path / "a.genie-session")
    assert [branch.end for branch in record.tree.branches] == [40, 27]


def test_a_session_of_another_bundle_is_made_again(world: World, tmp_path: Path) -> None:
    first = Player(world, START, Recorder(tmp_path / "a.genie-session"))
    play(first, 30)
    first.close()
    header = tmp_path / "a.genie-session" / "session.json"
    header.write_text(header.read_text(encoding="utf-8").replace(world.manifest.digest, "another"))
    record = read_session(tmp_path / "a.genie-session")
    second = Player(world, START, Recorder(tmp_path / "copies"), record)
    np.testing.assert_array_equal(second.moment().frame, first.moment().frame)
    np.testing.assert_array_equal(second.picture(0, 12), first.picture(0, 12))
    second.close()
    (copy,) = (tmp_path / "copies").iterdir()
    kept = read_session(copy).tree
    assert kept.line() == first.tree.line(), "what was made again is kept"
    assert kept.digests(0, 30) == first.tree.digests(0, 30)
