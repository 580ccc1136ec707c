"""What the screens cost the processor while nobody touches them; GENIE_SECONDS measures for longer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pygame
import pytest

from genie.app.screens.gallery import FRAMES_A_SECOND
from tests.app.conftest import Driver
from tests.app.visitor import Visit

SECONDS = float(os.environ.get("GENIE_SECONDS", "2"))
MOST = 0.05
"""The share of one core that a menu may take."""
SIZES = ((640, 480), (2560, 1600))


def share(tick: Callable[[], None], what: str) -> float:
    """Return the share of a core that a loop takes, once it has settled.

    Of three tries the least: a crowded machine makes work look like more of it, never like less.
    """
    for _ in range(3):
        tick()
    taken = 1.0
    for _ in range(3):
        began, worked = time.perf_counter(), time.process_time()
        while time.perf_counter() - began < SECONDS:
            tick()
        taken = min(taken, (time.process_time() - worked) / (time.perf_counter() - began))
        if taken < MOST:
            break
    print(f"{what} at {pygame.display.get_window_size()}: {taken:.1%} of a core")
    return taken


@pytest.mark.parametrize("size", SIZES)
def test_the_gallery_is_light_although_its_previews_move(visit: Visit, size: tuple[int, int]) -> None:
    pygame.display.set_mode(size)
    visitor = visit()
    visitor.until(lambda: len(visitor.home._backroom.previews) == len(visitor.gallery.offers))
    moved = []
    move = visitor.gallery.move
    visitor.gallery.move = lambda canvas: moved.append(move(canvas)) or moved[-1]
    began = time.perf_counter()
    assert share(visitor.stage.tick, "gallery") < MOST
    assert sum(map(bool, moved)) >= SECONDS / 2, "previews move all the same"
    assert len(moved) <= (time.perf_counter() - began + 1) * (FRAMES_A_SECOND + 2)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "key"), [("menu", pygame.K_ESCAPE), ("prompt", pygame.K_t)])
def test_boxes_over_play_are_light(
    drive: Callable[..., Driver], size: tuple[int, int], name: str, key: int
) -> None:
    pygame.display.set_mode(size)
    driver = drive().play()
    driver.frames(2)
    driver.tap(key)
    driver.until(lambda: driver.loop.modal is not None)
    assert share(driver.loop.tick, name) < MOST
