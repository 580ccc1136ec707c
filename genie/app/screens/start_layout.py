"""How the start page is laid out: the first frame large, the prompt and what to pick from beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygame

from genie.app import theme, view
from genie.app.canvas import Canvas
from genie.app.hints import Hint, hint_line
from genie.app.prompt_box import draw_reading
from genie.app.screens import widgets
from genie.app.text_line import draw_field

if TYPE_CHECKING:
    from genie.app.screens.start_page import StartPage

EDGE, HEAD, FOOT, TILE, GAP = 20, 50, 28, 58, 9
ROW = 32
COLUMN_MOST = 460
HINTS = (
    Hint("drop", "an image on the window to start from it"),
    Hint("Enter", "play", "A"),
    Hint("Tab", "next", "Y"),
    Hint("Esc", "back", "B"),
)


class StartLayout:
    """Draws a start page, and remembers where its parts are."""

    def __init__(self) -> None:
        self.targets: dict[str, pygame.Rect] = {}
        self._picture = view.Picture()
        self._first = 0
        """The first start frame of the strip that is in view."""

    def draw(self, canvas: Canvas, page: StartPage) -> None:
        """Draw everything."""
        self.targets = {}
        edge, gap = canvas.px(EDGE), canvas.px(20)
        strip = canvas.px(TILE + FOOT + 22)
        top = canvas.px(HEAD)
        side = min(canvas.rect.height - top - strip - canvas.px(58), canvas.rect.width * 2 // 5)
        side = view.crisp(side, page.offer.spec.frame_size if page.offer.spec else (64, 64))
        column = min(canvas.rect.width - 2 * edge - side - gap, canvas.px(COLUMN_MOST))
        left = max(edge, (canvas.rect.width - side - gap - column) // 2)
        title = canvas.fit(page.offer.title, canvas.rect.width - 2 * left, theme.TITLE, bold=True)
        canvas.text(title, (left, canvas.px(12)), theme.TITLE, bold=True)
        picture = pygame.Rect(left, top, side, side)
        text = pygame.Rect(picture.right + gap, top, column, canvas.rect.height - strip - top - canvas.px(8))
        self._start(canvas, page, picture)
        self._prompt(canvas, page, text)
        self._frames(canvas, page, canvas.rect.height - strip, left, text.right)
        hint = hint_line(HINTS, by_pad=canvas.by_pad)
        if page.said:
            widgets.notice(canvas, page.said, is_error=True)
            return
        hint = canvas.fit(hint, canvas.rect.width - 2 * edge, theme.SMALL)
        foot = (canvas.rect.centerx, canvas.rect.height - canvas.px(8))
        canvas.text(hint, foot, theme.SMALL, theme.DIM, anchor="midbottom")

    def _start(self, canvas: Canvas, page: StartPage, picture: pygame.Rect) -> None:
        """Draw the frame to start from, what it is, and what else it could be."""
        frame = page.frame
        canvas.surface.fill(theme.FIELD, picture)
        if frame is not None:
            self._picture.blit(canvas, frame, picture)
        else:
            said = "loading …" if not page.problem else ""
            canvas.text(said, picture.center, color=theme.DIM, anchor="center")
        widgets.frame_around(canvas, picture, focused=False)
        label = canvas.fit(page.said_of_frame, picture.width, theme.SMALL)
        under = picture.bottom + canvas.px(4)
        canvas.text(label, (picture.left, under), theme.SMALL, theme.DIM)
        under += canvas.px(17)
        wide = (picture.width - canvas.px(6)) // 2
        for place, (name, what) in enumerate((("words", "Another"), ("sketch", "Draw on it"))):
            rect = pygame.Rect(picture.left + place * (wide + canvas.px(6)), under, wide, canvas.px(26))
            widgets.button(canvas, rect, what, focused=page.focus.name == name)
            self.targets[name] = rect

    def _prompt(self, canvas: Canvas, page: StartPage, text: pygame.Rect) -> None:
        field = pygame.Rect(text.left, text.top, text.width, canvas.px(34))
        active = page.focus.name == "prompt"
        draw_field(canvas, page.field, field, "describe the world, or leave it open", active=active)
        self.targets["prompt"] = field
        y = field.bottom + canvas.px(3)
        draw_reading(canvas, page.reading, pygame.Rect(text.left, y, text.width, 0))
        y += canvas.px(34)
        play = pygame.Rect(text.left, text.bottom - canvas.px(40), text.width, canvas.px(40))
        most = play.top - canvas.px(4)
        if page.dial:
            page.dial.draw(canvas, text.right, most - canvas.px(13))
            most -= canvas.px(28)
        high = canvas.px(ROW)
        for place, (suggestion, is_earlier) in enumerate(page.suggestions):
            rect = pygame.Rect(text.left, y, text.width, high)
            if rect.bottom > most:
                break
            name = f"text {place}"
            focused = page.focus.name == name
            widgets.row(canvas, rect, suggestion, focused=focused, is_earlier=is_earlier)
            self.targets[name] = rect
            y += high
        enter = "A" if canvas.by_pad else "Enter"
        widgets.button(canvas, play, "Play", focused=page.focus.name == "play", strong=True, key=enter)
        self.targets["play"] = play

    def _frames(self, canvas: Canvas, page: StartPage, top: int, left: int, right: int) -> None:
        """Draw the world's start frames in a row, scrolled to the one that has the focus."""
        tile, gap = canvas.px(TILE), canvas.px(GAP)
        fit = max(1, (right - left + gap) // (tile + gap))
        kind, _, place = page.focus.name.partition(" ")
        if kind == "frame":
            self._first = min(max(self._first, int(place) - fit + 2), max(0, int(place) - 1))
        self._first = max(0, min(self._first, len(page.thumbnails) - fit))
        canvas.text("or from one of its own frames", (left, top), theme.SMALL, theme.DIM)
        for number in range(self._first, min(len(page.thumbnails), self._first + fit)):
            x = left + (number - self._first) * (tile + gap)
            rect = pygame.Rect(x, top + canvas.px(19), tile, tile)
            page.thumbnails[number].draw(canvas, rect)
            chosen = page.image is page.thumbnails[number].frame
            widgets.frame_around(canvas, rect, focused=page.focus.name == f"frame {number}", chosen=chosen)
            self.targets[f"frame {number}"] = rect
