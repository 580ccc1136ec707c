"""The box that asks what to export, and as what."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.export_order import ExportOrder
from genie.app.hints import Hint, hint_line
from genie.app.overlay import GAP, Look

HINTS = (Hint("Enter", "export", "A"), Hint("Esc", "cancel", "B"), Hint("arrows", "choose", "stick"))
FORMATS = ("mp4", "webm", "gif", "png frames")
SCALES = (1, 2, 4, 8)
DRAWN = (("nothing", False, False), ("keys", True, False), ("prompt", False, True), ("both", True, True))


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of what was played that can be exported: see ExportOrder."""

    label: str
    first: int = 0
    last: int | None = None
    branches: tuple[int, ...] = ()


class ExportBox:
    """Rows of choices; Enter hands an ExportOrder to `accept`, Esc closes."""

    def __init__(
        self,
        name: str,
        folder: Path,
        parts: Sequence[Part],
        width: int,
        accept: Callable[[ExportOrder], None],
    ) -> None:
        """Offer to write `name`-DATE into `folder`; `width` is that of a frame, in pixels."""
        self.closed = False
        self._parts, self._width, self._folder, self._accept = parts, width, folder, accept
        self._rows = (
            ("Part", tuple(part.label for part in parts)),
            ("Format", FORMATS),
            ("Scale", tuple(f"×{scale}" for scale in SCALES)),  # noqa: RUF001
            ("Drawn in", tuple(label for label, _, _ in DRAWN)),
        )
        self._chosen = [0, 0, SCALES.index(4), 0]
        self._row = 0
        self._stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
        self._spots: list[tuple[pygame.Rect, int, int]] = []

    @property
    def path(self) -> Path:
        """Where the clip would go: a name not yet taken."""
        kind = FORMATS[self._chosen[1]]
        ending = f".{kind}" if kind != FORMATS[-1] else ""
        path = self._folder / f"{self._stem}{ending}"
        number = 2
        while path.exists():
            path = self._folder / f"{self._stem}-{number}{ending}"
            number += 1
        return path

    @property
    def order(self) -> ExportOrder:
        """What was chosen."""
        part = self._parts[self._chosen[0]]
        _, keys, caption = DRAWN[self._chosen[3]]
        look = Look(scale=SCALES[self._chosen[2]], keys=keys, caption=caption)
        return ExportOrder(
            path=self.path, look=look, first=part.first, last=part.last, branches=part.branches
        )

    @property
    def pixels(self) -> int:
        """How wide the clip would be."""
        many = max(1, len(self._parts[self._chosen[0]].branches))
        return many * self._width * SCALES[self._chosen[2]] + (many - 1) * GAP

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self._click(event.pos)
        elif event.type == pygame.KEYDOWN:
            self._press(event.key)

    def draw(self, canvas: Canvas) -> None:
        """Draw the box over the darkened picture."""
        canvas.shade()
        pad = canvas.px(16)
        box = pygame.Rect(0, 0, min(canvas.rect.width - canvas.px(24), canvas.px(560)), canvas.px(272))
        box.center = canvas.rect.center
        canvas.panel(box, theme.BOX, line=theme.LINE)
        canvas.text("Export a clip", (box.left + pad, box.top + pad), theme.LARGE, bold=True)
        self._spots = []
        for number, (title, choices) in enumerate(self._rows):
            y = box.top + canvas.px(52 + 38 * number)
            height = canvas.px(28)
            color = theme.TEXT if number == self._row else theme.DIM
            canvas.text(title, (box.left + pad, y + height // 2), color=color, anchor="midleft")
            first = pygame.Rect(box.left + canvas.px(92), y, box.right - pad, height)
            self._draw_choices(canvas, number, choices, first)
        foot = box.bottom - pad
        room = box.width - 2 * pad
        name = canvas.fit(f"→ {self.path.name} · {self.pixels} pixels wide", room)
        canvas.text(name, (box.left + pad, foot - canvas.px(20)), color=theme.DIM, anchor="bottomleft")
        hint = canvas.fit(hint_line(HINTS, by_pad=canvas.by_pad), room, theme.SMALL)
        canvas.text(hint, (box.left + pad, foot), theme.SMALL, theme.DIM, anchor="bottomleft")

    def _draw_choices(self, canvas: Canvas, row: int, choices: tuple[str, ...], first: pygame.Rect) -> None:
        """Draw a row of choices from `first.left` on; `first.width` is where it must end."""
        left, gap = first.left, canvas.px(6)
        most = (first.width - left - gap * (len(choices) - 1)) // len(choices)
        inner = canvas.px(20)
        widths = [canvas.width(choice) + inner for choice in choices]
        crowded = sum(widths) + gap * (len(choices) - 1) > first.width - left
        for place, choice in enumerate(choices):
            chosen = place == self._chosen[row]
            width = min(widths[place], most) if crowded else widths[place]
            rect = pygame.Rect(left, first.top, width, first.height)
            fill = (*theme.ACCENT, 255) if chosen else (*theme.FIELD, 255)
            line = theme.TEXT if chosen and row == self._row else theme.LINE
            canvas.panel(rect, fill, radius=6, line=line)
            ink = theme.ON_ACCENT if chosen else theme.TEXT
            canvas.text(canvas.fit(choice, width - inner // 2), rect.center, color=ink, anchor="center")
            self._spots.append((rect, row, place))
            left = rect.right + gap

    def _press(self, key: int) -> None:
        if key == pygame.K_ESCAPE:
            self.closed = True
        elif key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self.closed = True
            self._accept(self.order)
        elif key in (pygame.K_UP, pygame.K_DOWN, pygame.K_TAB):
            self._row = (self._row + (-1 if key == pygame.K_UP else 1)) % len(self._rows)
        elif key in (pygame.K_LEFT, pygame.K_RIGHT):
            most = len(self._rows[self._row][1]) - 1
            place = self._chosen[self._row] + (1 if key == pygame.K_RIGHT else -1)
            self._chosen[self._row] = min(most, max(0, place))

    def _click(self, where: tuple[int, int]) -> None:
        for rect, row, place in self._spots:
            if rect.collidepoint(where):
                self._row = row
                self._chosen[row] = place
