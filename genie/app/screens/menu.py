"""The menu over the picture: everything that can be done, for hands on a gamepad or a mouse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.keymap import key_label
from genie.app.screens.focus import Focus
from genie.app.screens.screen import Screen


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the menu: what it says, the key and the button that do the same in play, what it does."""

    label: str
    key: str
    button: str = ""
    act: Callable[[], object]


class Menu(Screen):
    """Two columns of things to do; choosing one, or its key, closes the menu and does it, Esc only closes."""

    def __init__(self, title: str, entries: Sequence[Entry]) -> None:
        self._title = title
        self._entries = entries
        self._focus = Focus("0")

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        if event.type == pygame.KEYDOWN and event.key in (pygame.K_ESCAPE, pygame.K_BACKSPACE):
            self.closed = True
            return
        self.stale = True
        chosen = self._focus.handle(event)
        entry = self._entries[int(chosen)] if chosen is not None else self._on_key(event)
        if entry is not None:
            self.closed = True
            entry.act()

    def _on_key(self, event: pygame.event.Event) -> Entry | None:
        """Return the entry whose key was pressed: it is written beside it."""
        if event.type != pygame.KEYDOWN or hasattr(event, "pad"):
            return None
        label = key_label(pygame.key.name(event.key))
        return next((entry for entry in self._entries if label and entry.key == label), None)

    def draw(self, canvas: Canvas) -> None:
        """Draw the menu over the darkened picture."""
        self.stale = False
        canvas.shade()
        rows = (len(self._entries) + 1) // 2
        pad, row, gap = canvas.px(18), canvas.px(34), canvas.px(6)
        box = pygame.Rect(0, 0, min(canvas.rect.width - canvas.px(24), canvas.px(480)), 0)
        box.height = canvas.px(58) + rows * (row + gap) + pad - gap
        box.center = canvas.rect.center
        canvas.panel(box, theme.BOX, line=theme.LINE, radius=12)
        title = canvas.fit(self._title, box.width - 2 * pad, theme.TITLE, bold=True)
        canvas.text(title, (box.left + pad, box.top + canvas.px(14)), theme.TITLE, bold=True)
        wide = (box.width - 2 * pad - gap) // 2
        self._focus.targets = {}
        for place, entry in enumerate(self._entries):
            left = box.left + pad + place // rows * (wide + gap)
            top = box.top + canvas.px(58) + place % rows * (row + gap)
            rect = pygame.Rect(left, top, wide, row)
            self._focus.targets[str(place)] = rect
            self._draw_entry(canvas, entry, rect, focused=str(place) == self._focus.name)

    def _draw_entry(self, canvas: Canvas, entry: Entry, rect: pygame.Rect, *, focused: bool) -> None:
        fill, ink = (theme.ACCENT, theme.ON_ACCENT) if focused else (theme.RAISED, theme.TEXT)
        canvas.panel(rect, (*fill, 255), radius=6)
        inset = canvas.px(10)
        key = entry.button if canvas.by_pad else entry.key
        hint = canvas.width(key, theme.SMALL) if key else 0
        label = canvas.fit(entry.label, rect.width - 3 * inset - hint)
        canvas.text(label, (rect.left + inset, rect.centery), color=ink, anchor="midleft", bold=focused)
        dim = theme.ON_ACCENT if focused else theme.DIM
        canvas.text(key, (rect.right - inset, rect.centery), theme.SMALL, dim, anchor="midright")
