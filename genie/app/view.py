"""The world's picture in the window."""

import numpy as np
import pygame

from genie.app import theme
from genie.app.canvas import Canvas

BAR = 22
"""Height of the strip under the picture, at 640 x 480, kept free when it costs the picture nothing."""


def picture_rect(window: tuple[int, int], frame: tuple[int, int], bar: int = 0) -> pygame.Rect:
    """Return where a frame of (height, width) goes in a window of (width, height).

    It gets the largest whole-number scale that fits, in the middle, or above a strip of `bar` pixels where
    there is room for both. A window smaller than the frame gets the whole frame all the same, shrunk.
    """
    wide, tall = max(1, window[0]), max(1, window[1])
    height, width = frame
    scale: float = min(wide // width, tall // height)
    if scale < 1:
        scale = min(wide / width, tall / height)
    rect = pygame.Rect(0, 0, max(1, int(width * scale)), max(1, int(height * scale)))
    room = tall - bar if tall - bar >= rect.height else tall
    rect.center = (wide // 2, room // 2)
    return rect


def crisp(side: int, frame: tuple[int, int]) -> int:
    """Return the largest multiple of a frame's height that fits: its pixels are all of one size then."""
    height = frame[0]
    return max(1, side // height * height if side >= height else side)


def window_size(frame: tuple[int, int], desktop: tuple[int, int]) -> tuple[int, int]:
    """Return a (width, height) to open with: a clean scale, about two thirds of the desktop's height."""
    height, width = frame
    scale = max(1, min(desktop[1] * 2 // 3 // height, desktop[0] * 2 // 3 // width))
    tall = max(480, scale * height + BAR * 3 // 2)
    return max(640, tall * 4 // 3, scale * width), tall


class Picture:
    """Draws frames; keeps the converted frame, so that redrawing the same one costs little."""

    def __init__(self) -> None:
        self._frame: np.ndarray | None = None
        self._surface: pygame.Surface | None = None

    def draw(self, canvas: Canvas, frame: np.ndarray) -> pygame.Rect:
        """Draw `frame`, uint8 [height, width, 3], as large as fits the window and return where."""
        rect = picture_rect(canvas.rect.size, frame.shape[:2], canvas.px(BAR))
        self.blit(canvas, frame, rect)
        return rect

    def draw_in(self, canvas: Canvas, frame: np.ndarray, area: pygame.Rect) -> pygame.Rect:
        """Draw `frame` as large as fits a part of the window and return where."""
        rect = picture_rect(area.size, frame.shape[:2])
        rect.move_ip(area.topleft)
        self.blit(canvas, frame, rect)
        return rect

    def blit(self, canvas: Canvas, frame: np.ndarray, rect: pygame.Rect) -> None:
        """Draw `frame` stretched to `rect`, or nothing where that is not wholly within the window."""
        if frame is not self._frame or self._surface is None:
            height, width = frame.shape[:2]
            image = pygame.image.frombuffer(np.ascontiguousarray(frame).tobytes(), (width, height), "RGB")
            # Scaling straight into the display wants the display's own pixel format.
            self._frame, self._surface = frame, image.convert(canvas.surface)
        if rect.width > 0 and rect.height > 0 and canvas.rect.contains(rect):
            pygame.transform.scale(self._surface, rect.size, canvas.surface.subsurface(rect))


def clear(canvas: Canvas) -> None:
    """Paint the background."""
    canvas.surface.fill(theme.BACKGROUND)
