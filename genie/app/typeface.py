"""Text in one style and many scripts: Inter, and Noto Sans CJK for the characters that Inter lacks."""

from functools import lru_cache
from itertools import groupby
from pathlib import Path

import pygame

from genie.app.surfaces import ready

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD, FAR_EAST = "Inter-Medium.otf", "Inter-SemiBold.otf", "NotoSansCJK-Subset.otf"

FINE = 4
"""Small text is drawn this much larger and averaged down: whole pixels between letters tear words apart."""
SMALL = 28
"""Pixels from which on that is not to be seen any more."""
NOBODYS = "\uffff"
"""A character that no font has."""


class Typeface:
    """One size and weight of text; sizes are pixels.

    It belongs to one `pygame.font.init`: a font that is used after `pygame.quit` brings the interpreter down.
    """

    def __init__(self, pixels: int, bold: bool = False) -> None:
        self._fine = FINE if pixels < SMALL else 1
        self._pixels = max(6, pixels) * self._fine
        self._latin = self._load(BOLD if bold else REGULAR)
        self._box = self._latin.metrics(NOBODYS)[0]
        self._far_east: pygame.font.Font | None = None
        self._has = lru_cache(maxsize=4096)(self._in_latin)
        self.line_height = self._coarse(self._latin.get_linesize())

    def width(self, text: str) -> int:
        """Return how wide a line of text is."""
        return self._coarse(sum(font.size(run)[0] for font, run in self._runs(text)))

    def render(self, text: str, color: tuple[int, int, int]) -> pygame.Surface:
        """Return a transparent surface with a line of text, as tall as the line."""
        clean = "".join(c if c.isprintable() else " " for c in text)  # a NUL ends a string for SDL
        runs = self._runs(clean or " ")
        images = [(font.render(run, True, color), font.get_ascent()) for font, run in runs]
        base, fine = self._latin.get_ascent(), self._fine
        size = self._coarse(sum(image.get_width() for image, _ in images)), self.line_height
        whole = pygame.Surface((size[0] * fine, size[1] * fine), pygame.SRCALPHA)
        whole.fill((*color, 0))
        left = 0
        for image, ascent in images:
            whole.blit(image, (left, base - ascent))
            left += image.get_width()
        return ready(whole if fine == 1 else pygame.transform.smoothscale(whole, size))

    def _coarse(self, size: int) -> int:
        """Return a size of the fonts' own in pixels, rounded up."""
        return -(-size // self._fine)

    def _runs(self, text: str) -> list[tuple[pygame.font.Font, str]]:
        """Cut a text where the font changes."""
        if text.isascii():
            return [(self._latin, text)] if text else []
        return [
            (self._latin if in_latin else self._other(), "".join(run))
            for in_latin, run in groupby(text, key=self._has)
        ]

    def _in_latin(self, character: str) -> bool:
        # SDL draws a box for what a font lacks, and does not tell: the box is known by its measures.
        return character.isascii() or self._latin.metrics(character)[0] not in (None, self._box)

    def _other(self) -> pygame.font.Font:
        if self._far_east is None:
            self._far_east = self._load(FAR_EAST)
        return self._far_east

    def _load(self, name: str) -> pygame.font.Font:
        return pygame.font.Font(str(FONTS / name), self._pixels)
