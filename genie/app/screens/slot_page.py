"""The quick saves of a world, each with its picture: to load one, or to save into one."""

import time
from collections.abc import Callable
from functools import partial

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.hints import Hint, hint_line
from genie.app.saves import Saves
from genie.app.screens.focus import Focus
from genie.app.screens.screen import Screen
from genie.app.screens.thumbnails import Thumbnails
from genie.clips.shelf import SessionCard

COLUMNS, ROWS = 3, 3
SAVE_KEYS = (pygame.K_s, pygame.K_F5, pygame.K_TAB)
HINTS = (
    Hint("Enter", "load", "A"),
    Hint("S", "save here", "Y"),
    Hint("digits", "choose", "stick"),
    Hint("Esc", "back", "B"),
)


class SlotPage(Screen):
    """Nine slots: Enter loads one, S saves into it, digits choose, Esc closes."""

    def __init__(self, saves: Saves) -> None:
        self._saves = saves
        self._cards = saves.cards()
        self._focus = Focus(str(saves.chosen - 1))
        self._pictures = Thumbnails()

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        self.stale = True
        if event.type == pygame.KEYDOWN and event.key in (pygame.K_ESCAPE, pygame.K_BACKSPACE, pygame.K_F6):
            self.closed = True
        elif event.type == pygame.KEYDOWN and event.key in SAVE_KEYS:
            self._choose(self._saves.save)
        elif event.type == pygame.KEYDOWN and pygame.K_1 <= event.key <= pygame.K_9:
            self._focus.name = str(event.key - pygame.K_1)
        else:
            before = self._focus.name
            chosen = self._focus.handle(event)
            # The mouse chooses first; only another click, or a key, loads: a slip must not end a session.
            if chosen is not None and (event.type == pygame.KEYDOWN or chosen == before):
                self._choose(self._saves.load)

    def draw(self, canvas: Canvas) -> None:
        """Draw the slots over the darkened picture."""
        self.stale = False
        canvas.shade()
        pad, gap = canvas.px(14), canvas.px(8)
        box = canvas.rect.inflate(-canvas.px(24), -canvas.px(24))
        box.width = min(box.width, canvas.px(620))
        box.height = min(box.height, canvas.px(456))
        box.center = canvas.rect.center
        canvas.panel(box, theme.BOX, line=theme.LINE, radius=12)
        canvas.text("Saved places", (box.left + pad, box.top + pad), theme.LARGE, bold=True)
        top, foot = box.top + canvas.px(46), box.bottom - canvas.px(34)
        wide = (box.width - 2 * pad - (COLUMNS - 1) * gap) // COLUMNS
        high = (foot - top - (ROWS - 1) * gap) // ROWS
        self._focus.targets = {}
        for place, card in enumerate(self._cards):
            left = box.left + pad + place % COLUMNS * (wide + gap)
            rect = pygame.Rect(left, top + place // COLUMNS * (high + gap), wide, high)
            self._focus.targets[str(place)] = rect
            self._draw_slot(canvas, place, card, rect)
        hint = canvas.fit(hint_line(HINTS, by_pad=canvas.by_pad), box.width - 2 * pad, theme.SMALL)
        where = (box.left + pad, box.bottom - canvas.px(10))
        canvas.text(hint, where, theme.SMALL, theme.DIM, anchor="bottomleft")

    def _draw_slot(self, canvas: Canvas, place: int, card: SessionCard | None, rect: pygame.Rect) -> None:
        focused = str(place) == self._focus.name
        line = theme.ACCENT if focused else theme.LINE
        canvas.panel(rect, (*(theme.RAISED if focused else theme.FIELD), 255), radius=8, line=line)
        if card is None:
            canvas.text(str(place + 1), rect.center, theme.NORMAL, bold=True, anchor="midbottom")
            canvas.text("empty", rect.center, theme.SMALL, theme.DIM, anchor="midtop")
            return
        inset = canvas.px(8)
        side = min(rect.height - 2 * inset, rect.width * 2 // 5)
        picture = pygame.Rect(rect.left + inset, rect.centery - side // 2, side, side)
        if card.thumbnail is not None:
            self._pictures.draw_file(canvas, card.thumbnail, picture)
        else:
            canvas.panel(picture, (*theme.BACKGROUND, 255), radius=4)
        left, room = picture.right + inset, rect.right - picture.right - 2 * inset
        text = partial(canvas.text, size=theme.SMALL, color=theme.DIM)
        canvas.text(str(place + 1), (left, rect.top + inset), theme.NORMAL, bold=True)
        y = rect.top + inset + canvas.line_height()
        for said in _lines(card):
            for part in canvas.wrap(said, room, 2, theme.SMALL):
                if y + canvas.line_height(theme.SMALL) <= rect.bottom:
                    text(part, (left, y))
                    y += canvas.line_height(theme.SMALL)

    def _choose(self, act: Callable[[int], None]) -> None:
        self.closed = True
        act(int(self._focus.name) + 1)


def _lines(card: SessionCard) -> list[str]:
    if card.damage:
        return ["damaged"]
    saved = time.strftime("%d %b %H:%M", time.localtime(card.saved))
    return [f"{card.seconds:.0f} s · {saved}", card.prompt or "no prompt"]
