"""The few things all screens are made of: buttons, pictures in a frame, rows of text to choose from."""

import numpy as np
import pygame

from genie.app import theme
from genie.app.canvas import Canvas


class Thumbnail:
    """A frame uint8 [height, width, 3] that is drawn small, over and over; it keeps its last scaled copy."""

    def __init__(self, frame: np.ndarray) -> None:
        self.frame = frame
        self._surface: pygame.Surface | None = None

    def draw(self, canvas: Canvas, rect: pygame.Rect) -> None:
        """Fill `rect` with the frame."""
        if self._surface is None or self._surface.get_size() != rect.size:
            self._surface = scaled(self.frame, rect.size, canvas.surface)
        canvas.surface.blit(self._surface, rect)


def scaled(frame: np.ndarray, size: tuple[int, int], display: pygame.Surface) -> pygame.Surface:
    """Return a frame as a surface of a display's format: enlarged with hard edges, shrunk with soft ones."""
    height, width = frame.shape[:2]
    image = pygame.image.frombuffer(np.ascontiguousarray(frame).tobytes(), (width, height), "RGB")
    image = image.convert(display)
    if size[0] >= width and size[1] >= height:
        return pygame.transform.scale(image, size)
    soft = pygame.transform.smoothscale(image.convert(24), size)
    return soft.convert(display)


def frame_around(canvas: Canvas, rect: pygame.Rect, *, focused: bool, chosen: bool = False) -> None:
    """Draw the line around a picture: thin, or thick where the focus is."""
    color = theme.ACCENT if focused or chosen else theme.LINE
    width = canvas.px(3) if focused else canvas.px(1.5 if chosen else 1)
    pygame.draw.rect(canvas.surface, color, rect.inflate(2 * width, 2 * width), width, canvas.px(2))


def button(
    canvas: Canvas, rect: pygame.Rect, label: str, *, focused: bool, strong: bool = False, key: str = ""
) -> None:
    """Draw a button; a strong one is what most people want, `key` what does the same on a keyboard."""
    fill, ink = (theme.ACCENT, theme.ON_ACCENT) if focused else (theme.RAISED, theme.TEXT)
    canvas.panel(rect, (*fill, 255), radius=7, line=theme.ACCENT if strong and not focused else None)
    inset = canvas.px(12)
    hint = canvas.width(key, theme.SMALL) + inset if key else 0
    size = theme.LARGE if strong else theme.NORMAL
    text = canvas.fit(label, rect.width - 2 * inset - hint, size, bold=True)
    if not key:
        canvas.text(text, rect.center, size, ink, bold=True, anchor="center")
        return
    canvas.text(text, (rect.left + inset, rect.centery), size, ink, bold=True, anchor="midleft")
    dim = theme.ON_ACCENT if focused else theme.DIM
    canvas.text(key, (rect.right - inset, rect.centery), theme.SMALL, dim, anchor="midright")


def row(canvas: Canvas, rect: pygame.Rect, text: str, *, focused: bool, is_earlier: bool = False) -> None:
    """Draw a text to choose in up to two small lines; one that was chosen before has a brighter mark."""
    if focused:
        canvas.panel(rect, (*theme.HOVER, 255), radius=5)
    mark = pygame.Rect(rect.left + canvas.px(4), 0, canvas.px(3), rect.height - canvas.px(10))
    mark.centery = rect.centery
    canvas.panel(mark, (*(theme.ACCENT if is_earlier else theme.LINE), 255), radius=2)
    left = mark.right + canvas.px(7)
    high = canvas.line_height(theme.SMALL)
    lines = canvas.wrap(text, rect.right - left - canvas.px(6), max(1, rect.height // high), theme.SMALL)
    y = rect.centery - high * len(lines) // 2
    for line in lines:
        canvas.text(line, (left, y), theme.SMALL, theme.TEXT if focused else theme.DIM)
        y += high


def notice(canvas: Canvas, text: str, *, is_error: bool = False) -> None:
    """Draw a line of news at the foot of the window."""
    color = theme.ERROR if is_error else theme.TEXT
    pad = canvas.px(10)
    lines = canvas.wrap(text, canvas.rect.width - canvas.px(60), 2)
    high = canvas.line_height()
    rect = pygame.Rect(0, 0, max(map(canvas.width, lines)) + 2 * pad, high * len(lines) + pad)
    rect.midbottom = (canvas.rect.centerx, canvas.rect.bottom - canvas.px(8))
    canvas.panel(rect, (*theme.RAISED, 255), line=color)
    for place, line in enumerate(lines):
        canvas.text(line, (rect.centerx, rect.top + pad // 2 + place * high), color=color, anchor="midtop")
