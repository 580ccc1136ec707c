"""Rewinding, scripts and replays in the real loop, driven by posted events against a fake world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame

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
    top = driver.game.index
    driver.press(pygame.K_BACKSPACE)
    driver.until(lambda: driver.game.index <= top - 10)
    shown, index = driver.game.frame.copy(), driver.game.index
    driver.game.end_rewind()
    driver.release(pygame.K_BACKSPACE)
    driver.until(lambda: driver.session.index == index or driver.session.index > index + 1)
    driver.press(pygame.K_UP)
    driver.frames(5)
    driver.game.paused = True
    driver.settle()
    assert driver.actions[index - 1] == "right"
    assert "up" in driver.actions
    take = driver.game._player.take
    rendered = list(render(driver.world, take))
    np.testing.assert_array_equal(rendered[index], shown)
    np.testing.assert_array_equal(rendered[-1], driver.game.frame)
    driver.game.close()
    record = read_session(recorder.paths[0])
    assert record.actions == take.actions


def test_rewinding_goes_on_where_the_history_ends(drive: Make) -> None:
    driver = drive().play()
    driver.game._player.history._most_bytes = 64 * 64 * 3 * 5
    driver.frames(20)
    driver.press(pygame.K_BACKSPACE)
    driver.until(lambda: driver.game.index == 0)
    driver.release(pygame.K_BACKSPACE)
    driver.frames(3)


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
    driver.until(lambda: driver.game.paused)
    assert driver.game.index == 5
    take = driver.game._player.take
    assert take.actions == actions
    assert dict(take.prompts) == prompts
    np.testing.assert_array_equal(list(render(FakeWorld(world.manifest), take))[-1], driver.game.frame)


def test_play_stops_at_the_frame_limit(drive: Make) -> None:
    driver = drive(limit=4)
    driver.loop.run()
    assert driver.game.index == 4
