"""The box that asks what to export, and as what."""

import time
from collections.abc import Callable
from pathlib import Path

import pygame

from genie.app import theme
from genie.app.canvas import Canvas

LAST_SECONDS = 10.0
FORMATS = ("mp4", "webm", "gif")


class ExportBox:
    """Two rows of choices; Enter hands (path, seconds or None for everything) to `accept`, Esc closes."""

    def __init__(
        self, name: str, folder: Path, played: float, accept: Callable[[Path, float | None], None]
    ) -> None:
        """Offer to write `name`-DATE.FORMAT into `folder`; `played` is the session's length in seconds."""
        self.closed = False
        whole = f"whole session ({_clock(played)})"
        self._rows = (("Length", (f"last {LAST_SECONDS:.0f} s", whole)), ("Format", FORMATS))
        self._chosen = [0, 0]
        self._row = 0
        self._stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
        self._folder = folder
        self._accept = accept
        self._spots: list[tuple[pygame.Rect, int, int]] = []

    @property
    def path(self) -> Path:
        """Where the clip would go: a name not yet taken."""
        ending = FORMATS[self._chosen[1]]
        path = self._folder / f"{self._stem}.{ending}"
        number = 2
        while path.exists():
            path = self._folder / f"{self._stem}-{number}.{ending}"
            number += 1
        return path

    @property
    def seconds(self) -> float | None:
        """How much to export; None is everything."""
        return LAST_SECONDS if self._chosen[0] == 0 else None

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
        box = pygame.Rect(0, 0, min(canvas.rect.width - canvas.px(32), canvas.px(440)), canvas.px(196))
        box.center = canvas.rect.center
        canvas.panel(box, line=theme.LINE)
        canvas.text("Export a clip", (box.left + pad, box.top + pad), theme.LARGE, bold=True)
        self._spots = []
        for number, (title, choices) in enumerate(self._rows):
            y = box.top + canvas.px(52 + 38 * number)
            height = canvas.px(28)
            active = number == self._row
            color = theme.TEXT if active else theme.DIM
            canvas.text(title, (box.left + pad, y + height // 2), color=color, anchor="midleft")
            self._draw_choices(canvas, number, choices, pygame.Rect(box.left + canvas.px(84), y, 0, height))
        foot = box.bottom - pad
        room = box.width - 2 * pad
        name = canvas.fit(f"→ {self.path.name}", room)
        canvas.text(name, (box.left + pad, foot - canvas.px(24)), color=theme.DIM, anchor="bottomleft")
        hint = canvas.fit("Enter export · Esc cancel · arrows choose", room, theme.SMALL)
        canvas.text(hint, (box.left + pad, foot), theme.SMALL, theme.DIM, anchor="bottomleft")

    def _draw_choices(self, canvas: Canvas, row: int, choices: tuple[str, ...], first: pygame.Rect) -> None:
        left = first.left
        for place, choice in enumerate(choices):
            chosen = place == self._chosen[row]
            rect = pygame.Rect(left, first.top, canvas.width(choice) + canvas.px(22), first.height)
            fill = (*theme.ACCENT, 255) if chosen else (*theme.FIELD, 255)
            line = theme.TEXT if chosen and row == self._row else theme.LINE
            canvas.panel(rect, fill, radius=6, line=line)
            canvas.text(choice, rect.center, color=theme.ON_ACCENT if chosen else theme.TEXT, anchor="center")
            self._spots.append((rect, row, place))
            left = rect.right + canvas.px(6)

    def _press(self, key: int) -> None:
        if key == pygame.K_ESCAPE:
            self.closed = True
        elif key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self.closed = True
            self._accept(self.path, self.seconds)
        elif key in (pygame.K_UP, pygame.K_DOWN, pygame.K_TAB):
            self._row = 1 - self._row
        elif key in (pygame.K_LEFT, pygame.K_RIGHT):
            most = len(self._rows[self._row][1]) - 1
            place = self._chosen[self._row] + (1 if key == pygame.K_RIGHT else -1)
            self._chosen[self._row] = min(most, max(0, place))

    def _click(self, where: tuple[int, int]) -> None:
        for rect, row, place in self._spots:
            if rect.collidepoint(where):
                self._row = row
                self._chosen[row] = place


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
