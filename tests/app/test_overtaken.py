"""What was asked of the game and is overtaken by something else before it comes of."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pygame
import pytest

from genie.app.guide import GameGuide
from genie.app.loop import WAKE
from genie.app.prompt_box import PromptBox
from genie.app.screens.menu import Menu
from genie.app.screens.painter import Painter
from tests.app.conftest import Driver

Make = Callable[..., Driver]
RED, BLUE = "a red alien on grass", "a blue alien on snow"


def hold_up(driver: Driver) -> threading.Event:
    """Keep the worker busy until the event is set."""
    over = threading.Event()
    driver.game.order(lambda player: over.wait(20), lambda done: None)
    return over


def look(driver: Driver) -> None:
    """Let the loop go round a few times."""
    for _ in range(3):
        pygame.event.post(pygame.event.Event(WAKE))
        driver.loop.tick()


def stand(driver: Driver) -> int:
    """Stand still, and return where."""
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    return driver.game.index


def test_frames_gone_back_faster_than_the_session_follows_are_not_shown_again(drive: Make) -> None:
    driver = drive().play()
    driver.frames(10)
    end = stand(driver)
    first = hold_up(driver)
    driver.tap(pygame.K_COMMA)
    look(driver)
    second = hold_up(driver)
    driver.tap(pygame.K_COMMA)
    look(driver)
    first.set()
    driver.until(lambda: driver.session.index == end - 1)
    for _ in range(5):
        look(driver)
        assert driver.game.index == end - 2
    driver.tap(pygame.K_COMMA)
    look(driver)
    second.set()
    driver.settle()
    assert driver.session.index == driver.game.moment.index == end - 3
    assert not driver.game.time.under_way


def two_prompts(drive: Make) -> Driver:
    """Play some frames of one prompt and some of another, and stand still."""
    driver = drive().play()
    driver.frames(6)
    driver.game.words.describe(BLUE)
    driver.until(lambda: driver.game.moment.prompt == BLUE)
    driver.frames(4)
    stand(driver)
    return driver


@pytest.mark.parametrize("let_go", [True, False])
def test_right_after_a_rewind_the_prompt_box_holds_the_prompt_that_is_there(
    drive: Make, let_go: bool
) -> None:
    driver = two_prompts(drive)
    driver.press(pygame.K_BACKSPACE)
    driver.until(lambda: driver.game.index <= 2)
    held = hold_up(driver)
    if let_go:
        driver.release(pygame.K_BACKSPACE)
    driver.tap(pygame.K_t)
    look(driver)
    assert driver.loop.modal is None, "nobody knows it yet"
    held.set()
    driver.until(lambda: isinstance(driver.loop.modal, PromptBox))
    assert driver.loop.modal.field.text == RED
    driver.type(BLUE)
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.session.prompt == BLUE)
    assert driver.session.index <= 2


def test_a_prompt_box_that_comes_late_takes_no_other_boxs_place(drive: Make) -> None:
    driver = two_prompts(drive)
    held = hold_up(driver)
    driver.tap(pygame.K_COMMA)
    driver.tap(pygame.K_t)
    driver.tap(pygame.K_ESCAPE)
    look(driver)
    held.set()
    driver.settle()
    assert isinstance(driver.loop.modal, Menu)
    assert pygame.key.get_repeat() == (0, 0)


def test_a_map_does_not_outlive_its_session(drive: Make) -> None:
    driver = drive().play()
    driver.frames(10)
    end = stand(driver)
    driver.game.time.go(0, end - 4)
    driver.settle()
    driver.press(pygame.K_RIGHT)
    driver.tap(pygame.K_PERIOD)
    driver.release(pygame.K_RIGHT)
    driver.settle()
    assert driver.game.moment.branches == 2
    held = hold_up(driver)
    driver.tap(pygame.K_m)
    driver.tap(pygame.K_r)
    look(driver)
    held.set()
    driver.until(lambda: driver.game.moment.session == 1)
    driver.settle()
    driver.tap(pygame.K_DELETE)
    driver.settle()
    assert driver.loop.modal is None
    assert driver.game.failure is None


def test_what_a_map_asks_for_of_a_session_that_is_over_is_dropped(drive: Make) -> None:
    driver = drive().play()
    driver.frames(4)
    stand(driver)
    shown: list[object] = []
    guide = GameGuide(driver.game, 0, lambda branch, other: None)
    driver.game.reset()
    guide.picture(1, 2, shown.append)
    guide.go(1, 2)
    driver.until(lambda: driver.game.moment.session == 1)
    guide.remove(1, shown.append)
    guide.go(1, 2)
    driver.settle()
    assert not shown
    assert guide.is_over
    assert driver.game.failure is None
    assert not driver.game.time.under_way


def test_a_box_opened_while_the_bar_is_dragged_ends_the_drag(drive: Make) -> None:
    driver = drive().play()
    driver.frames(12)
    end = stand(driver)
    driver.loop.draw()
    track = driver.loop._scrub_bar._track
    where = (track.left + round(track.width * 5 / end), track.centery)
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=where, button=1))
    driver.settle()
    driver.tap(pygame.K_b)
    driver.until(lambda: isinstance(driver.loop.modal, Painter))
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=where, button=1))
    driver.tap(pygame.K_SPACE)
    driver.tap(pygame.K_RETURN)
    driver.settle()
    assert list(driver.session.given) == [6], "after the frame that was painted on"
    assert driver.game.time.scrub is None
    driver.tap(pygame.K_p)
    driver.frames(2)
