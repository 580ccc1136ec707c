"""The real loop, driven by posted events against a fake world."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app.recorder import Recorder
from genie.clips.session_log import read_session
from genie.core.errors import GenieError
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest

Make = Callable[..., Driver]


def test_the_world_waits_for_the_first_key_and_that_key_plays(drive: Make) -> None:
    driver = drive()
    driver.until(lambda: not driver.game.loading)
    driver.until(lambda: driver.loop.modal is not None)
    driver.settle()
    assert driver.game.index == 0
    driver.press(pygame.K_RIGHT)
    driver.frames(3)
    assert driver.actions[:3] == ["right"] * 3


def test_keys_held_together_are_one_action_until_released(drive: Make) -> None:
    driver = drive().play()
    driver.press(pygame.K_RIGHT)
    driver.press(pygame.K_w)
    driver.settle()
    before = driver.game.index
    driver.frames(4)
    assert set(driver.actions[before + 1 : before + 4]) == {"right+up"}
    driver.release(pygame.K_RIGHT)
    driver.release(pygame.K_w)
    driver.settle()
    before = driver.game.index
    driver.frames(3)
    assert set(driver.actions[before + 1 :]) == {"noop"}


def test_a_tap_shorter_than_a_frame_is_played_once(drive: Make) -> None:
    driver = drive(FakeWorld(fake_manifest(fps=20))).play()
    driver.frames(2)
    driver.tap(pygame.K_UP)
    driver.frames(5)
    assert driver.actions.count("up") == 1


def test_keys_are_let_go_when_the_window_loses_the_keyboard(drive: Make) -> None:
    driver = drive().play()
    driver.press(pygame.K_RIGHT)
    driver.frames(2)
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    driver.settle()
    before = driver.game.index
    driver.frames(3)
    assert set(driver.actions[before + 1 :]) == {"noop"}


def test_the_window_answers_while_a_frame_is_made(drive: Make) -> None:
    driver = drive().play()
    driver.frames(2)
    begun = threading.Event()
    driver.world.before_step = lambda index: begun.set()
    driver.world.gate.clear()
    begun.clear()
    driver.until(begun.is_set)
    stuck = driver.game.index
    driver.tap(pygame.K_h)
    driver.until(lambda: not driver.loop.show_hud)
    driver.tap(pygame.K_F1)
    driver.until(lambda: driver.loop.show_hud)
    assert driver.game.index == stuck, "the step is still being made"
    driver.world.gate.set()
    driver.frames(2)


def test_the_world_keeps_its_own_pace(drive: Make) -> None:
    driver = drive(FakeWorld(fake_manifest(fps=30), seconds=0.005)).play()
    driver.frames(2)
    began, first = time.perf_counter(), driver.game.index
    driver.frames(30)
    assert (driver.game.index - first) / (time.perf_counter() - began) < 33, "never faster than it should be"


def test_a_key_is_in_the_very_next_step(drive: Make) -> None:
    """So it shows after what is left of one world frame, and the step; counted in frames."""
    driver = drive(FakeWorld(fake_manifest(fps=20), seconds=0.01)).play()
    for key, name in ((pygame.K_RIGHT, "right"), (pygame.K_LEFT, "left"), (pygame.K_UP, "up")) * 2:
        driver.frames(2)
        driver.until(lambda: not driver.game.busy)
        shown = driver.game.index
        driver.press(key)
        driver.until(lambda shown=shown: driver.game.index > shown)
        assert driver.actions[shown] == name
        driver.release(key)


def test_pause_and_single_step(drive: Make) -> None:
    driver = drive().play()
    driver.frames(2)
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    still = driver.game.index
    driver.settle()
    assert driver.game.index == still
    driver.press(pygame.K_RIGHT)
    driver.tap(pygame.K_PERIOD)
    driver.until(lambda: driver.game.index == still + 1)
    assert driver.actions[-1] == "right"
    driver.tap(pygame.K_p)
    driver.frames(3)


def test_reset_keeps_the_seed_and_a_new_seed_does_not(drive: Make) -> None:
    driver = drive().play()
    first = driver.game.frame.copy()
    driver.press(pygame.K_RIGHT)
    driver.frames(5)
    driver.release(pygame.K_RIGHT)
    driver.tap(pygame.K_r)
    driver.until(lambda: len(driver.world.sessions) == 2 and driver.game.index < 3)
    assert driver.session.seed == 7
    np.testing.assert_array_equal(driver.world.start("a red alien on grass", seed=7).frame, first)
    driver.world.sessions.pop()
    driver.tap(pygame.K_n)
    driver.until(lambda: len(driver.world.sessions) == 3)
    assert driver.session.seed != 7
    driver.until(lambda: driver.game.moment.seed == driver.session.seed)


def test_another_start_is_the_next_of_those_for_the_words_and_then_a_new_seed(drive: Make) -> None:
    driver = drive().play()
    driver.world.choices = 2
    driver.tap(pygame.K_n)
    driver.until(lambda: len(driver.world.sessions) == 2 and driver.game.notice is not None)
    assert (driver.session.seed, driver.world.chosen) == (7, 1)
    assert "2 of 2" in driver.game.notice.text
    driver.tap(pygame.K_r)
    driver.until(lambda: len(driver.world.sessions) == 3)
    assert (driver.session.seed, driver.world.chosen) == (7, 1), "beginning again stays with the choice"
    driver.tap(pygame.K_n)
    driver.until(lambda: len(driver.world.sessions) == 4)
    assert driver.session.seed != 7 and driver.world.chosen == 0


def test_a_prompt_is_typed_in_while_the_world_waits(drive: Make) -> None:
    driver = drive().play()
    driver.frames(2)
    driver.tap(pygame.K_t)
    driver.until(lambda: driver.loop.modal is not None)
    driver.settle()
    still = driver.game.index
    driver.type("a dragon on snow")
    driver.press(pygame.K_p)  # a letter, not a command
    driver.settle()
    assert driver.game.index == still
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.session.prompt == "a dragon on snow")
    driver.frames(2)
    assert not driver.game.time.paused
    assert driver.game.moment.prompt == "a dragon on snow"
    assert "dragon" in driver.game.notice.text, "the player is told which word means nothing here"
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.loop.modal is not None)
    driver.type("something else")
    driver.tap(pygame.K_ESCAPE)
    driver.frames(2)
    assert driver.session.prompt == "a dragon on snow"
    assert not driver.game.leaving


def test_closing_the_window_closes_it_even_on_the_way_to_other_worlds(drive: Make) -> None:
    driver = drive().play()
    driver.loop.boxes.leave_to_worlds()
    driver.close_window()
    driver.loop.run()
    assert not driver.loop.boxes.to_worlds


def test_an_error_in_a_step_ends_the_game_and_keeps_the_recording(drive: Make, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "kept")
    driver = drive(recorder=recorder).play()

    def fail(index: int) -> None:
        if index == 3:
            raise GenieError("The model broke: export it again.")

    driver.world.before_step = fail
    with pytest.raises(GenieError, match="broke"):
        driver.loop.run()
    driver.game.close()
    assert len(read_session(recorder.paths[0]).actions) == 3


def test_a_world_that_cannot_be_loaded_ends_the_game(drive: Make) -> None:
    def load() -> FakeWorld:
        raise GenieError("No such device.")

    with pytest.raises(GenieError, match="No such device"):
        drive(load=load).loop.run()


def test_leaving_while_the_world_still_loads(drive: Make, tmp_path: Path) -> None:
    world = FakeWorld(fake_manifest(fps=60))

    def load() -> FakeWorld:
        world.gate.wait()
        return world

    world.gate.clear()
    recorder = Recorder(tmp_path / "sessions", keep_empty=False)
    driver = drive(world, load=load, recorder=recorder)
    driver.tap(pygame.K_ESCAPE)
    driver.loop.run()
    assert driver.game.index == 0
    world.gate.set()
    driver.game.close()
    assert not list((tmp_path / "sessions").glob("*")), "nothing was played"


@pytest.mark.parametrize("size", [(640, 480), (1280, 800), (200, 150), (1, 1), (3000, 40)])
def test_every_screen_can_be_drawn_at_any_size(drive: Make, size: tuple[int, int]) -> None:
    pygame.display.set_mode(size, pygame.RESIZABLE)
    driver = drive().play()
    driver.frames(1)
    seen = []
    for key in (pygame.K_F2, pygame.K_t, pygame.K_e, pygame.K_m, pygame.K_F6, pygame.K_p):
        driver.tap(key)
        driver.settle()
        driver.game.say("Something to be said about this. " * 20, is_error=True)
        driver.loop.draw()
        seen.append(pygame.image.tobytes(pygame.display.get_surface(), "RGB"))
        if driver.loop.modal is not None:
            driver.tap(pygame.K_ESCAPE)
            driver.until(lambda: driver.loop.modal is None)
    assert len(set(seen)) == 6 or size == (1, 1)


def test_the_picture_is_the_frame_enlarged_without_blurring(drive: Make) -> None:
    driver = drive().play()
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.tap(pygame.K_h)
    driver.until(lambda: not driver.loop.show_hud)
    driver.settle()
    driver.loop.draw()
    shown = pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1)
    frame = driver.game.frame
    top = (480 - 22 - 448) // 2
    cut = shown[top : top + 448, 96 : 96 + 448]
    np.testing.assert_array_equal(cut, frame.repeat(7, axis=0).repeat(7, axis=1))
    assert (shown[:, :96] == shown[0, 0]).all(), "nothing beside the picture"


def test_a_new_prompt_can_be_long_but_not_endless(drive: Make) -> None:
    driver = drive().play()
    driver.tap(pygame.K_t)
    driver.until(lambda: driver.loop.modal is not None)
    driver.type("snow " * 400)
    driver.settle()
    driver.loop.draw()
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.session.prompt.startswith("snow"))
    assert len(driver.session.prompt) <= 1000
