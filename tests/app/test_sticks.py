"""Sticks that are never quite still, and directions that a button and a stick share."""

from __future__ import annotations

from collections.abc import Callable

import pygame
import pytest

from genie.app.inputs import BUTTONS, Gamepads, Input
from tests.app.conftest import Driver
from tests.app.visitor import Visit

PRESSED, LET_GO = [Input("pad right", True)], [Input("pad right", False)]


def pushed(value: int) -> pygame.event.Event:
    return pygame.event.Event(pygame.CONTROLLERAXISMOTION, instance_id=3, axis=0, value=value)


def button(*, down: bool) -> pygame.event.Event:
    kind = pygame.CONTROLLERBUTTONDOWN if down else pygame.CONTROLLERBUTTONUP
    return pygame.event.Event(kind, instance_id=3, button=BUTTONS.index("right"))


def test_the_noise_of_a_stick_does_not_let_go_of_a_button(display: pygame.Surface) -> None:
    pads = Gamepads()
    assert pads.read(button(down=True)) == PRESSED
    for value in (300, -200, 0, 5_000):
        assert pads.read(pushed(value)) == []
    assert pads.read(button(down=False)) == LET_GO


def test_a_direction_is_held_until_both_button_and_stick_let_go(display: pygame.Surface) -> None:
    pads = Gamepads()
    assert pads.read(pushed(30_000)) == PRESSED
    assert pads.read(button(down=True)) == []
    assert pads.read(pushed(0)) == []
    assert pads.read(button(down=False)) == LET_GO


def test_pulled_out_a_gamepad_lets_go_only_of_what_is_held(display: pygame.Surface) -> None:
    pads = Gamepads()
    gone = pygame.event.Event(pygame.CONTROLLERDEVICEREMOVED, instance_id=3)
    pads.read(button(down=True))
    pads.read(pushed(-30_000))
    pads.read(pushed(0))
    assert pads.read(gone) == LET_GO
    assert pads.read(gone) == []


@pytest.mark.parametrize("key", [pygame.K_h, pygame.K_ESCAPE])
def test_the_noise_of_a_stick_draws_nothing_in_play_or_over_it(
    drive: Callable[..., Driver], key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = drive().play()
    driver.tap(pygame.K_p)
    driver.tap(key)
    driver.settle()
    driver.until(lambda: not driver.loop._has_changed())
    drawn = []
    monkeypatch.setattr(driver.loop, "draw", lambda: drawn.append(key))
    for value in (300, -200, 5_000):
        pygame.event.post(pushed(value))
        driver.loop.tick()
    assert not drawn
    pygame.event.post(pushed(30_000))
    driver.loop.tick()
    assert drawn


def test_the_noise_of_a_stick_draws_nothing_before_play(visit: Visit) -> None:
    visitor = visit()
    visitor.gallery.stale = False
    visitor.stage.handle(pushed(300))
    assert not visitor.gallery.stale
