"""What the screens do while nobody touches them: how long they ask to sleep, and what they draw meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pygame
import pytest

from genie.app.screens.gallery import FRAMES_A_SECOND
from tests.app.conftest import Driver
from tests.app.visitor import Visit

TICKS = 36
SIZES = ((640, 480), (2560, 1600))


class Sleeper:
    """Stands in for the wait for events: nothing ever happens, and it notes for how long it was to wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[int] = []
        """Milliseconds."""
        self.passes: Callable[[float], None] = lambda seconds: None
        """Told how many seconds would have passed."""
        monkeypatch.setattr(pygame.event, "wait", self._wait)

    def _wait(self, milliseconds: int) -> pygame.event.Event:
        self.asked.append(milliseconds)
        self.passes(milliseconds / 1000)
        return pygame.event.Event(pygame.NOEVENT)


@pytest.mark.parametrize("size", SIZES)
def test_the_gallery_draws_its_previews_alone_and_sleeps_between(
    visit: Visit, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pygame.display.set_mode(size)
    visitor = visit()
    gallery = visitor.gallery
    visitor.until(lambda: len(visitor.home._backroom.previews) == len(gallery.offers))
    while gallery.stale:
        visitor.stage.tick()
    drawn, moved = [], []
    draw, move = gallery.draw, gallery.move
    monkeypatch.setattr(gallery, "draw", lambda canvas: drawn.append(draw(canvas)))
    monkeypatch.setattr(gallery, "move", lambda canvas: moved.append(move(canvas)) or moved[-1])
    sleeper = Sleeper(monkeypatch)

    def later(seconds: float) -> None:
        gallery._began -= seconds

    sleeper.passes = later
    for _ in range(TICKS):
        visitor.stage.tick()
    assert not drawn, "what stands still is not drawn again"
    assert len(sleeper.asked) == len(moved) == TICKS, "a look at the previews after each sleep"
    assert min(sleeper.asked) >= 1000 // FRAMES_A_SECOND
    assert sum(map(bool, moved)) >= TICKS / FRAMES_A_SECOND, "previews move all the same"
    places = [rect for _, rect in gallery._layout.previews]
    assert all(rect in places for rects in moved for rect in rects), "and nothing else"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "key"), [("menu", pygame.K_ESCAPE), ("prompt", pygame.K_t)])
def test_boxes_over_play_are_drawn_once(
    drive: Callable[..., Driver],
    size: tuple[int, int],
    name: str,
    key: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pygame.display.set_mode(size)
    driver = drive().play()
    driver.frames(2)
    driver.tap(key)
    driver.until(lambda: driver.loop.modal is not None)
    driver.settle()
    sleeper = Sleeper(monkeypatch)
    driver.loop.tick()
    drawn = []
    monkeypatch.setattr(driver.loop, "draw", lambda: drawn.append(name))
    sleeper.asked.clear()
    index = driver.game.index
    for _ in range(TICKS):
        driver.loop.tick()
    assert not drawn
    assert min(sleeper.asked) >= 200, "milliseconds between two looks"
    assert driver.game.index == index, "play stands still behind it"
