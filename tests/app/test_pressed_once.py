"""A key that is only kept down is pressed once, whatever comes to be shown meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from genie.app.home import Home
from genie.app.inputs import Gamepads, Keyboard
from genie.app.options import Options
from genie.app.prompt_box import PromptBox
from genie.app.settings import SettingsFile
from tests.app.conftest import Driver
from tests.app.visitor import Visit

Make = Callable[..., Driver]


def test_a_key_that_closed_the_start_page_does_not_close_the_gallery_too(visit: Visit) -> None:
    visitor = visit()
    visitor.ask()
    held = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, unicode="")
    for _ in range(2):  # the second comes 0.4 seconds later, although nothing asks for repeats by then
        pygame.event.post(held)
        visitor.settle()
        assert visitor.top is visitor.gallery
    pygame.event.post(pygame.event.Event(pygame.KEYUP, key=pygame.K_ESCAPE, mod=0))
    visitor.key(pygame.K_ESCAPE)
    assert visitor.top is None


def test_a_key_that_closed_the_prompt_box_does_not_open_it_again(drive: Make) -> None:
    driver = drive().play()
    driver.tap(pygame.K_t)
    driver.until(lambda: isinstance(driver.loop.modal, PromptBox))
    for _ in range(2):
        driver.press(pygame.K_RETURN)
        driver.settle()
        assert driver.loop.modal is None
    driver.release(pygame.K_RETURN)
    driver.tap(pygame.K_RETURN)
    driver.settle()
    assert isinstance(driver.loop.modal, PromptBox)


def test_a_key_that_went_down_before_play_is_known_to_be_down_in_it(drive: Make) -> None:
    driver, keyboard = drive(), Keyboard()
    driver.until(lambda: not driver.game.loading)
    home = Home(Options(), (), SettingsFile(), Gamepads(), keyboard)
    driver.loop._keyboard = keyboard
    held = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN, mod=0, unicode="")
    home._stage.handle(held)
    driver.loop.handle(held)
    home.close()
    assert driver.loop.modal is not None, "the card is still to be read"


def test_a_key_repeats_where_text_is_typed(drive: Make) -> None:
    driver = drive().play()
    driver.tap(pygame.K_t)
    driver.until(lambda: isinstance(driver.loop.modal, PromptBox))
    driver.type("snow")
    for _ in range(3):
        driver.press(pygame.K_BACKSPACE)
    driver.settle()
    assert driver.loop.modal.field.text == "s"


def test_a_key_that_came_up_while_another_window_had_the_keyboard_is_pressed_anew(drive: Make) -> None:
    driver = drive().play()
    for paused in (True, False):
        driver.press(pygame.K_p)
        pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST))
        driver.settle()
        assert driver.game.time.paused is paused
