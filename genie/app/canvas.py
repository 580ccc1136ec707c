"""Drawing with the theme: text, panels and key caps, at any window size."""

import re
from functools import lru_cache

import numpy as np
import pygame

from genie.app import theme
from genie.app.surfaces import ready
from genie.app.theme import Color
from genie.app.typeface import Typeface

SMOOTH = 4
"""Shapes are drawn this much larger and averaged down, which is what makes their edges smooth."""
BREAKS = re.compile(r"\s*(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)")
"""What a line may be broken before: a word, or a Chinese or Japanese character."""
ARROWS = {
    "left": ((0.64, 0.26), (0.64, 0.74), (0.3, 0.5)),
    "right": ((0.36, 0.26), (0.36, 0.74), (0.7, 0.5)),
    "up": ((0.26, 0.62), (0.74, 0.62), (0.5, 0.28)),
    "down": ((0.26, 0.38), (0.74, 0.38), (0.5, 0.72)),
}


class Canvas:
    """A surface and its scale; sizes given to its methods are those of a 640 x 480 window.

    It remembers fonts and the text it has drawn, and belongs to one `pygame.font.init`: a font that is used
    after `pygame.quit` brings the interpreter down.
    """

    by_pad = False
    """Whether a gamepad was used last: what to press is said in its buttons then."""

    def __init__(self, surface: pygame.Surface) -> None:
        self._face = lru_cache(maxsize=64)(Typeface)
        self._text = lru_cache(maxsize=512)(self._render)
        self.aim(surface)

    def aim(self, surface: pygame.Surface) -> None:
        """Draw on `surface` from now on: a window that is resized gets a new one."""
        self.surface = surface
        self.unit = theme.unit(surface.get_size())

    @property
    def rect(self) -> pygame.Rect:
        """The whole surface."""
        return self.surface.get_rect()

    def px(self, size: float) -> int:
        """Return a size in pixels of this surface."""
        return max(1, round(size * self.unit))

    def width(self, text: str, size: float = theme.NORMAL, bold: bool = False) -> int:
        """Return how wide a line of text is, in pixels."""
        return self._face(self.px(size), bold).width(text) if text else 0

    def line_height(self, size: float = theme.NORMAL) -> int:
        """Return how tall a line of text is, in pixels."""
        return self._face(self.px(size)).line_height

    def fit(self, text: str, width: int, size: float = theme.NORMAL, bold: bool = False) -> str:
        """Return `text`, or its beginning and an ellipsis, so that it is at most `width` pixels wide."""
        if self.width(text, size, bold) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + "…", size, bold) <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"

    def wrap(self, text: str, width: int, lines: int, size: float = theme.NORMAL) -> list[str]:
        """Return `text` in at most `lines` lines of at most `width` pixels, shortened if need be."""
        wrapped = [""]
        for word in BREAKS.findall(text):
            longer = wrapped[-1] + word
            if not wrapped[-1].strip() or len(wrapped) == lines or self.width(longer.strip(), size) <= width:
                wrapped[-1] = longer
            else:
                wrapped.append(word)
        return [self.fit(line.strip(), width, size) for line in wrapped]

    def text(
        self,
        text: str,
        where: tuple[int, int],
        size: float = theme.NORMAL,
        color: Color = theme.TEXT,
        bold: bool = False,
        anchor: str = "topleft",
    ) -> pygame.Rect:
        """Draw one line with its `anchor` ("topleft", "midbottom", ...) at `where`; return what it covers."""
        image = self._text(text, self.px(size), color, bold)
        rect = image.get_rect()
        setattr(rect, anchor, where)
        self.surface.blit(image, rect)
        return rect

    def panel(
        self,
        rect: pygame.Rect,
        color: tuple[int, ...] = theme.PANEL,
        radius: float = 8,
        line: Color | None = None,
    ) -> None:
        """Draw a rounded panel, outlined with `line` if given."""
        if rect.width > 0 and rect.height > 0:
            image = _rounded(rect.size, min(self.px(radius), min(rect.size) // 2), color, line, self.px(1))
            self.surface.blit(image, rect)

    def shade(self) -> None:
        """Darken everything drawn so far."""
        self.surface.blit(_flat(self.surface.get_size(), theme.SHADE), (0, 0))

    def key(self, name: str, rect: pygame.Rect, lit: bool = False) -> None:
        """Draw a key cap: an arrow for "left", "right", "up", "down", otherwise its name."""
        fill, ink = (theme.ACCENT, theme.ON_ACCENT) if lit else (theme.RAISED, theme.TEXT)
        self.panel(rect, (*fill, 255), radius=5, line=theme.ACCENT if lit else theme.LINE)
        if name in ARROWS:
            self.surface.blit(_arrow(name, min(rect.size), ink), rect.inflate(min(rect.size) - rect.width, 0))
        else:
            label = name if len(name) > 1 else name.upper()
            self.text(label, rect.center, theme.SMALL, ink, bold=True, anchor="center")

    def key_size(self, name: str, height: float = 20) -> tuple[int, int]:
        """Return (width, height) in pixels of the cap for a key."""
        tall = self.px(height)
        if name in ARROWS or len(name) == 1:
            return tall, tall
        return max(tall, self.width(name, theme.SMALL, bold=True) + self.px(12)), tall

    def _render(self, text: str, pixels: int, color: Color, bold: bool) -> pygame.Surface:
        return self._face(pixels, bold).render(text, color)


@lru_cache(maxsize=32)
def _rounded(
    size: tuple[int, int], radius: int, color: tuple[int, ...], line: Color | None, width: int
) -> pygame.Surface:
    """Return a panel: a small one, drawn out in the middle, where it is the same all along."""
    side = 2 * max(radius, width) + 2
    small = _small((min(size[0], side), min(size[1], side)), radius, color, line, width)
    panel = pygame.Surface(size, pygame.SRCALPHA)
    columns, rows = (_drawn_out(*lengths) for lengths in zip(small.get_size(), size, strict=True))
    pygame.surfarray.blit_array(panel, pygame.surfarray.array2d(small)[columns][:, rows])
    return ready(panel)


def _drawn_out(length: int, to: int) -> np.ndarray:
    """Return the places from which a row that is drawn out in its middle is taken."""
    places = np.arange(to)
    return np.maximum(np.minimum(places, length // 2), places - (to - length))


@lru_cache(maxsize=128)
def _small(
    size: tuple[int, int], radius: int, color: tuple[int, ...], line: Color | None, width: int
) -> pygame.Surface:
    large = pygame.Surface((size[0] * SMOOTH, size[1] * SMOOTH), pygame.SRCALPHA)
    large.fill((*(line or color)[:3], 0))
    rect = large.get_rect()
    if line:
        pygame.draw.rect(large, (*line, 255), rect, border_radius=radius * SMOOTH)
        rect = rect.inflate(-2 * width * SMOOTH, -2 * width * SMOOTH)
        pygame.draw.rect(large, color, rect, border_radius=max(0, radius - width) * SMOOTH)
    else:
        pygame.draw.rect(large, color, rect, border_radius=radius * SMOOTH)
    return pygame.transform.smoothscale(large, size)


@lru_cache(maxsize=64)
def _arrow(name: str, side: int, color: Color) -> pygame.Surface:
    large = pygame.Surface((side * SMOOTH, side * SMOOTH), pygame.SRCALPHA)
    large.fill((*color, 0))
    pygame.draw.polygon(large, color, [(x * side * SMOOTH, y * side * SMOOTH) for x, y in ARROWS[name]])
    return ready(pygame.transform.smoothscale(large, (side, side)))


@lru_cache(maxsize=4)
def _flat(size: tuple[int, int], color: tuple[int, ...]) -> pygame.Surface:
    surface = pygame.Surface(size, pygame.SRCALPHA)
    surface.fill(color)
    return ready(surface)
