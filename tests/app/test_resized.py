"""A window resized to a single pixel, and back, in every screen: nothing fails, and all is as it was."""

from __future__ import annotations

from collections.abc import Callable

import pygame
import pytest

from genie.app.inputs import Gamepads
from genie.app.loop import WAKE
from genie.app.screens.calibration_page import CalibrationPage
from genie.app.screens.stage import Stage
from genie.clips.moving_picture import MovingPicture
from genie.core.actions import Action
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest
from tests.app.visitor import Visit

BOXES = {
    "play": None,
    "help": pygame.K_F2,
    "menu": pygame.K_ESCAPE,
    "prompt": pygame.K_t,
    "export": pygame.K_e,
    "branches": pygame.K_m,
    "slots": pygame.K_F6,
    "keys": pygame.K_k,
    "paint": pygame.K_b,
}
Shown = bytes


def resize(size: tuple[int, int], tick: Callable[[], None]) -> Shown:
    """Resize the window as its frame would, use the mouse in it, and return what is then shown."""
    pygame.display.set_mode(size, pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.VIDEORESIZE, size=size, w=size[0], h=size[1]))
    pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=(0, 0), rel=(1, 1), buttons=(0, 0, 0)))
    for _ in range(3):
        pygame.time.wait(18)
        pygame.event.post(pygame.event.Event(WAKE))
        tick()
    return pygame.image.tobytes(pygame.display.get_surface(), "RGB")


def to_a_pixel_and_back(tick: Callable[[], None]) -> None:
    before = resize((640, 480), tick)
    assert len(set(before)) > 8, "there is something to see"
    assert len(resize((1, 1), tick)) == 3
    assert len(resize((1, 480), tick)) == 3 * 480
    assert resize((640, 480), tick) == before


@pytest.mark.parametrize("name", BOXES)
def test_in_play(drive: Callable[..., Driver], name: str) -> None:
    driver = drive().play()
    driver.frames(2)
    driver.game.time.paused = True
    driver.settle()
    key = BOXES[name]
    if key is not None:
        driver.tap(key)
        driver.until(lambda: driver.loop.modal is not None)
    driver.settle()
    to_a_pixel_and_back(driver.loop.tick)
    assert (driver.loop.modal is not None) == (key is not None)
    assert driver.game.failure is None


@pytest.mark.parametrize("name", ["gallery", "start", "sketch", "keys"])
def test_before_play(visit: Visit, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MovingPicture, "at", lambda self, seconds: 0)  # previews stand still
    visitor = visit()
    visitor.until(lambda: len(visitor.home._backroom.previews) == len(visitor.gallery.offers))
    if name == "keys":
        visitor.key(pygame.K_k)
    elif name != "gallery":
        page = visitor.ask()
        if name == "sketch":
            page._act("sketch")
            visitor.settle()
    top = visitor.top
    to_a_pixel_and_back(visitor.stage.tick)
    assert visitor.top is top


def test_in_a_calibration(display: pygame.Surface) -> None:
    codes = [Action(f"code-{number}") for number in range(3)]
    world = FakeWorld(fake_manifest(idle="code-0", actions=codes))
    stage = Stage(Gamepads())
    page = CalibrationPage("Fakeland", lambda: world, 3, lambda: None, lambda found: None)
    stage.open(page)
    assert len(resize((1, 1), stage.tick)) == 3
    while page.measuring and not page.closed:
        pygame.event.post(pygame.event.Event(WAKE))
        stage.tick()
    assert len(resize((1, 1), stage.tick)) == 3
    assert len(set(resize((640, 480), stage.tick))) > 8
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, unicode=""))
    stage.tick()
    assert page.closed
    assert page.problem is None
