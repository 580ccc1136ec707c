"""Small pictures, enlarged without blurring and kept for the next drawing."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import pygame

from genie.app.canvas import Canvas

MOST = 256


class Thumbnails:
    """Draws pictures by name; what they show must not change as long as their name is the same."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, pygame.Surface | None] = OrderedDict()

    def draw_file(self, canvas: Canvas, path: Path, rect: pygame.Rect) -> None:
        """Draw a picture file into a square; nothing where it cannot be read."""
        self._draw(canvas, path, rect, lambda: _load(path))

    def draw(self, canvas: Canvas, name: Hashable, frame: np.ndarray, rect: pygame.Rect) -> None:
        """Draw a frame, uint8 [height, width, 3], as large as fits a rectangle."""
        self._draw(canvas, name, rect, lambda: pygame.surfarray.make_surface(frame.swapaxes(0, 1)))

    def _draw(
        self, canvas: Canvas, name: Hashable, rect: pygame.Rect, make: Callable[[], pygame.Surface | None]
    ) -> None:
        key = (name, rect.size)
        if key not in self._kept:
            self._kept[key] = _fitted(make(), rect)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        picture = self._kept[key]
        if picture is not None:
            canvas.surface.blit(picture, picture.get_rect(center=rect.center))


def _load(path: Path) -> pygame.Surface | None:
    try:
        return pygame.image.load(str(path))
    except (pygame.error, OSError):
        return None


def _fitted(picture: pygame.Surface | None, rect: pygame.Rect) -> pygame.Surface | None:
    if picture is None or not rect.width or not rect.height:
        return None
    width, height = picture.get_size()
    scale = min(rect.width / width, rect.height / height)
    size = max(1, int(width * scale)), max(1, int(height * scale))
    shrunk = scale < 1
    return (pygame.transform.smoothscale if shrunk else pygame.transform.scale)(picture.convert(), size)
