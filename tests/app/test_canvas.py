"""Panels look the same at any size, and cost what they show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pygame
import pytest

from genie.app import canvas
from genie.app.canvas import SMOOTH, Canvas

FILL, LINE = (20, 30, 40, 200), (200, 180, 90)


def drawn_whole(size: tuple[int, int], radius: int, line: Any, width: int) -> np.ndarray:
    """The panel as it is when all of it is drawn large and averaged down."""
    large = pygame.Surface((size[0] * SMOOTH, size[1] * SMOOTH), pygame.SRCALPHA)
    large.fill((*(line or FILL)[:3], 0))
    rect = large.get_rect()
    if line:
        pygame.draw.rect(large, (*line, 255), rect, border_radius=radius * SMOOTH)
        rect, radius = rect.inflate(-2 * width * SMOOTH, -2 * width * SMOOTH), max(0, radius - width)
    pygame.draw.rect(large, FILL, rect, border_radius=radius * SMOOTH)
    return pixels(pygame.transform.smoothscale(large, size))


def pixels(surface: pygame.Surface) -> np.ndarray:
    return np.dstack([pygame.surfarray.array3d(surface), pygame.surfarray.array_alpha(surface)])


@pytest.mark.parametrize("line", [None, LINE])
@pytest.mark.parametrize(("size", "radius"), [((9, 5), 2), ((13, 13), 6), ((400, 5), 2), ((700, 300), 24)])
def test_a_panel_is_the_same_to_the_pixel_as_if_it_were_drawn_whole(
    display: pygame.Surface, size: tuple[int, int], radius: int, line: Any
) -> None:
    for width in (1, 3):
        found = pixels(canvas._rounded(size, radius, FILL, line, width))
        np.testing.assert_array_equal(found, drawn_whole(size, radius, line, width))


def test_a_large_panel_takes_no_more_than_its_own_pixels(
    display: pygame.Surface, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    surface = pygame.Surface

    def make(size: tuple[int, int], *rest: Any) -> pygame.Surface:
        made.append(size[0] * size[1])
        return surface(size, *rest)

    monkeypatch.setattr(canvas.pygame, "Surface", make)
    Canvas(display).panel(pygame.Rect(10, 10, 601, 403), FILL, line=LINE)
    assert made and max(made) == 601 * 403


def test_a_window_that_is_resized_leaves_few_panels_behind(display: pygame.Surface) -> None:
    for wide in range(200, 300):
        Canvas(display).panel(pygame.Rect(0, 0, wide, 100), FILL)
    assert canvas._rounded.cache_info().currsize <= 32
