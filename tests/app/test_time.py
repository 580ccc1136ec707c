"""Time, scripts and replays in the real loop, driven by posted events against a fake world."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app.recorder import Recorder
from genie.app.script import Ending, Script
from genie.app.take import Start, render
from genie.clips.session_log import read_session
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest

Make = Callable[..., Driver]


def test_holding_backspace_goes_back_and_play_goes_on_from_there(drive: Make, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "kept")
    driver = drive(recorder=recorder).play()
    driver.press(pygame.K_RIGHT)
    driver.frames(20)
    driver.release(pygame.K_RIGHT)
    driver.settle()
    driver.press(pygame.K_BACKSPACE)
    driver.until(lambda: driver.game.time.scrub)
    top = driver.game.index
    driver.until(lambda: driver.game.index <= top - 10)
    driver.settle()
    shown, index = driver.game.frame.copy(), driver.game.index
    assert driver.game.moment.index > index, "the session waits where it was"
    driver.game.time.paused = True
    driver.release(pygame.K_BACKSPACE)
    driver.until(lambda: driver.game.time.scrub is None)
    driver.settle()
    assert driver.session.index == index
    np.testing.assert_array_equal(driver.session.frame, shown)
    driver.game.time.toggle_pause()
    driver.press(pygame.K_UP)
    driver.until(lambda: driver.game.moment.index >= index + 5)
    driver.game.time.paused = True
    driver.settle()
    assert set(driver.actions[index + 1 :]) == {"up"}
    take = driver.game.orders.player.take()
    rendered = list(render(driver.world, take))
    np.testing.assert_array_equal(rendered[index], shown)
    np.testing.assert_array_equal(rendered[-1], driver.game.frame)
    driver.world.sessions.pop()
    driver.game.close()
    record = read_session(recorder.paths[0])
    assert record.actions == take.line.actions
    assert [branch.fork for branch in record.tree.branches] == [0, index]
    assert record.tree.branches[0].end >= top, "what was played before is kept"


def test_what_was_played_already_can_be_gone_forward_through(drive: Make) -> None:
    driver = drive().play()
    driver.press(pygame.K_RIGHT)
    driver.frames(12)
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    end, last = driver.game.index, driver.game.frame.copy()
    for _ in range(3):
        driver.tap(pygame.K_COMMA)
    driver.until(lambda: driver.game.moment.index == end - 3)
    driver.settle()
    assert driver.session.index == end - 3
    driver.tap(pygame.K_PERIOD, pygame.KMOD_SHIFT)
    driver.until(lambda: driver.game.moment.index == end - 2)
    driver.press(pygame.K_BACKSPACE, pygame.KMOD_SHIFT)
    driver.until(lambda: driver.game.index == end)
    driver.release(pygame.K_BACKSPACE)
    driver.until(lambda: driver.game.time.scrub is None)
    driver.settle()
    np.testing.assert_array_equal(driver.session.frame, last)
    assert len(driver.game.orders.player.tree.branches) == 1, "looking makes no branch"
    driver.tap(pygame.K_PERIOD)
    driver.until(lambda: driver.game.moment.index == end + 1)
    assert len(driver.game.orders.player.tree.branches) == 1, "nor does going on from the end"


@pytest.mark.parametrize("stop", [pygame.K_p, pygame.K_BACKSPACE])
def test_keys_tapped_while_play_stands_still_do_nothing_when_it_goes_on(drive: Make, stop: int) -> None:
    driver = drive().play()
    driver.frames(20)
    if stop == pygame.K_p:
        driver.tap(stop)
        driver.until(lambda: driver.game.time.paused)
    else:
        driver.press(stop)
        driver.until(lambda: driver.game.time.scrub)
    driver.tap(pygame.K_RIGHT)
    driver.settle()
    driver.tap(stop)
    driver.until(lambda: not (driver.game.time.paused or driver.game.time.scrub))
    driver.settle()
    driver.frames(3)
    assert set(driver.actions) == {"noop"}
    driver.tap(pygame.K_RIGHT)
    driver.frames(2)
    assert "right" in driver.actions, "and those tapped in play do"


def test_time_passes_slower_and_faster(drive: Make) -> None:
    driver = drive(FakeWorld(fake_manifest(fps=40))).play()
    rates, aims = [], []
    for key in (pygame.K_MINUS, pygame.K_EQUALS, pygame.K_EQUALS):
        driver.tap(key)
        driver.frames(2)
        aims.append(1 / driver.game._pacer.period)
        began, first = time.perf_counter(), driver.game.index
        driver.frames(16)
        rates.append((driver.game.index - first) / (time.perf_counter() - began))
    assert all(rate < most for rate, most in zip(rates, (22, 44, 90), strict=True)), rates
    assert aims == pytest.approx([20, 40, 80]), "a busy machine may be slower than it aims to be"


def test_a_script_plays_then_hands_over(drive: Make) -> None:
    driver = drive(script=Script(actions=(2, 2, 2)))
    assert driver.loop.modal is None
    driver.press(pygame.K_LEFT)
    driver.until(lambda: driver.game.index >= 5)
    assert driver.actions[:3] == ["right"] * 3
    assert driver.actions[3] == "left"


def test_a_replay_shows_the_same_frames_and_pauses_at_its_end(drive: Make) -> None:
    world = FakeWorld(fake_manifest(fps=60))
    start = Start(prompt="a pink alien", seed=3)
    actions, prompts = (2, 2, 5, 1, 3), {0: "a pink alien", 2: "a blue alien"}
    driver = drive(world, start=start, script=Script(actions=actions, prompts=prompts, ending=Ending.PAUSE))
    driver.until(lambda: driver.game.time.paused)
    assert driver.game.index == 5
    take = driver.game.orders.player.take()
    assert take.line.actions == actions
    assert dict(take.line.prompts) == {2: "a blue alien"}, "the first is the start's"
    np.testing.assert_array_equal(list(render(FakeWorld(world.manifest), take))[-1], driver.game.frame)


def test_play_stops_at_the_frame_limit(drive: Make) -> None:
    driver = drive(limit=4)
    driver.loop.run()
    assert driver.game.index == 4


def stand_back(driver: Driver, frames: int) -> int:
    """Play some frames and stand some before the last; return the number of the last."""
    driver.frames(12)
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    end = driver.game.index
    driver.game.time.go(0, end - frames)
    driver.settle()
    return end


def test_going_forward_while_a_step_begins_another_branch_stays_on_the_line_shown(drive: Make) -> None:
    driver = drive().play()
    end = stand_back(driver, 8)
    driver.world.gate.clear()
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.busy)
    driver.press(pygame.K_BACKSPACE, pygame.KMOD_SHIFT)
    driver.until(lambda: driver.game.time.scrub)
    driver.world.gate.set()
    driver.until(lambda: driver.game.index == end)
    driver.game.time.paused = True
    driver.release(pygame.K_BACKSPACE)
    driver.until(lambda: driver.game.time.scrub is None)
    driver.settle()
    assert driver.game.failure is None
    assert (driver.game.moment.branch, driver.game.moment.index) == (0, end)
    assert driver.game.moment.branches == 2, "the step that was under way is kept"


def test_what_was_asked_of_a_session_that_ends_is_dropped(drive: Make) -> None:
    driver = drive().play()
    stand_back(driver, 2)
    driver.world.gate.clear()
    driver.tap(pygame.K_PERIOD)
    driver.until(lambda: driver.game.busy)
    driver.tap(pygame.K_r)  # the new session is not there yet
    driver.tap(pygame.K_COMMA)
    driver.press(pygame.K_BACKSPACE)
    for _ in range(3):
        driver.loop.tick()
    driver.world.gate.set()
    driver.until(lambda: driver.game.moment.session == 1)
    driver.release(pygame.K_BACKSPACE)
    driver.settle()
    assert driver.game.failure is None
    assert (driver.game.index, driver.game.moment.branches) == (0, 1)
