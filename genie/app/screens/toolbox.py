"""The tools beside a picture being painted: what can be pressed, and which keys do the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.hints import Hint, hint_line

if TYPE_CHECKING:
    from genie.app.screens.painter import Painter

COLUMNS = 5
HINTS = (
    Hint("Mouse,", "or arrows and Space"),
    Hint("", "paint with the stick", "A"),
    Hint("", "tool", "Y"),
    Hint("Q W", "colour", "shoulders"),
    Hint("[ ]", "size", "triggers"),
    Hint("Z", "undo", "X"),
    Hint("I", "pick one up"),
)


class Toolbox:
    """Draws the tools of a painter and knows where they are."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._spots: list[tuple[pygame.Rect, str]] = []

    def click(self, event: pygame.event.Event) -> None:
        """React to a mouse button."""
        found = next((what for rect, what in self._spots if rect.collidepoint(event.pos)), None)
        if event.button != 1 or found is None:
            return
        kind, _, which = found.partition(" ")
        painter = self._painter
        {
            "tool": lambda: painter.take(next(t for t in type(painter.tool) if t.value == which)),
            "colour": lambda: painter.choose(int(which)),
            "size": lambda: painter.resize(int(which)),
            "undo": painter.undo,
            "clear": painter.clear,
            "done": painter.finish,
            "cancel": painter.leave,
        }[kind]()

    def draw(self, canvas: Canvas, area: pygame.Rect) -> None:
        """Draw the tools from the top of an area down, and what leaves the painter at its end."""
        self._spots = []
        painter = self._painter
        x, y, wide = area.left, area.top, area.width
        for line in canvas.wrap(painter.title, wide, 2, theme.LARGE):
            canvas.text(line, (x, y), theme.LARGE, bold=True)
            y += canvas.line_height(theme.LARGE)
        y += canvas.px(8)
        tools = [(tool.value, f"tool {tool.value}", tool is painter.tool) for tool in type(painter.tool)]
        y = self._row(canvas, tools, pygame.Rect(x, y, wide, canvas.px(26)))
        y = self._sizes(canvas, pygame.Rect(x, y, wide, canvas.px(26)))
        y = self._colours(canvas, pygame.Rect(x, y, wide, canvas.px(26)))
        ending = area.bottom - canvas.px(30)
        done, cancel = ("Start  done", "B") if canvas.by_pad else ("Enter  done", "Esc")
        last = [(done, "done", True), (cancel, "cancel", False)]
        self._row(canvas, last, pygame.Rect(x, ending, wide, canvas.px(30)), shares=(3, 1))
        for line in canvas.wrap(hint_line(HINTS, by_pad=canvas.by_pad), wide, 4, theme.SMALL):
            if y + canvas.line_height(theme.SMALL) < ending:
                canvas.text(line, (x, y), theme.SMALL, theme.DIM)
                y += canvas.line_height(theme.SMALL)

    def _row(
        self,
        canvas: Canvas,
        buttons: list[tuple[str, str, bool]],
        rect: pygame.Rect,
        shares: tuple[int, ...] = (),
    ) -> int:
        """Draw buttons (label, what, lit) side by side, and return where the next row begins."""
        gap = canvas.px(5)
        shares = shares or (1,) * len(buttons)
        left = rect.left
        for (label, what, lit), share in zip(buttons, shares, strict=True):
            wide = (rect.width - gap * (len(buttons) - 1)) * share // sum(shares)
            spot = pygame.Rect(left, rect.top, wide, rect.height)
            fill, ink = (theme.ACCENT, theme.ON_ACCENT) if lit else (theme.RAISED, theme.TEXT)
            canvas.panel(spot, (*fill, 255), radius=6)
            canvas.text(canvas.fit(label, wide), spot.center, color=ink, anchor="center", bold=lit)
            self._spots.append((spot, what))
            left += wide + gap
        return rect.bottom + canvas.px(7)

    def _sizes(self, canvas: Canvas, rect: pygame.Rect) -> int:
        from genie.app.screens.painter import SIZES

        size = f"{SIZES[self._painter.size]} px"
        buttons = [("-", "size -1", False), (size, "size 0", False), ("+", "size 1", False)]
        below = self._row(canvas, buttons, rect, shares=(1, 2, 1))
        rect = rect.move(0, below - rect.top)
        return self._row(canvas, [("Undo", "undo", False), ("All one colour", "clear", False)], rect, (1, 2))

    def _colours(self, canvas: Canvas, rect: pygame.Rect) -> int:
        gap = canvas.px(4)
        side = (rect.width - gap * (COLUMNS - 1)) // COLUMNS
        high = min(side, rect.height)
        for place, colour in enumerate(self._painter.palette):
            row, column = divmod(place, COLUMNS)
            spot = pygame.Rect(rect.left + column * (side + gap), rect.top + row * (high + gap), side, high)
            chosen = place == self._painter.colour
            if chosen:
                canvas.panel(spot.inflate(canvas.px(5), canvas.px(5)), (*theme.ACCENT, 255), radius=6)
            canvas.panel(spot, (*colour, 255), radius=4, line=None if chosen else theme.LINE)
            self._spots.append((spot, f"colour {place}"))
        rows = -(-len(self._painter.palette) // COLUMNS)
        return rect.top + rows * (high + gap) + canvas.px(6)
