"""The map of a session: every branch that was played, to go to any frame of any of them."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import numpy as np
import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.hints import Hint, hint_line
from genie.app.outline import Outline, Twig
from genie.app.screens.screen import Screen
from genie.app.screens.thumbnails import MOST, Thumbnails
from genie.app.scrub_bar import clock

ROW = 40
PICTURE = 132
GO_KEYS = (pygame.K_RETURN, pygame.K_KP_ENTER)
LEAVE_KEYS = (pygame.K_ESCAPE, pygame.K_m, pygame.K_BACKSPACE)
UNDO_KEYS = (pygame.K_z, pygame.K_PAGEUP)
EXPORT_KEYS = (pygame.K_e, pygame.K_PAGEDOWN)
"""The second of each is a gamepad's shoulder."""


class Guide(Protocol):
    """What the map asks the game for."""

    @property
    def is_over(self) -> bool:
        """Whether another session is played by now: nothing comes of what is asked for any more."""

    def picture(self, branch: int, frame: int, show: Callable[[np.ndarray], None]) -> None:
        """Have a frame of a branch's line handed to `show` soon."""

    def go(self, branch: int, frame: int) -> None:
        """Go there."""

    def remove(self, branch: int, show: Callable[[Outline], None]) -> None:
        """Remove a branch; what is left is handed to `show` soon."""

    def bring_back(self, show: Callable[[Outline], None]) -> None:
        """Undo the last removal; what is there then is handed to `show` soon."""

    def export(self, branch: int, other: int) -> None:
        """Ask how to export two branches side by side."""


class BranchMap(Screen):
    """A row a branch: up and down choose one, left and right a frame of it, Enter goes there.

    X takes a branch to be compared; E then exports it beside the one chosen. Delete removes a branch, and Z
    brings back the one removed last: nothing that was played is ever lost.
    """

    def __init__(self, outline: Outline, fps: int, guide: Guide) -> None:
        self._outline, self._fps, self._guide = outline, fps, guide
        numbers = [twig.number for twig in outline.twigs]
        self.row = numbers.index(outline.branch)
        self.frame = outline.frame
        self.compared: int | None = None
        """The branch taken to be compared."""
        self._top = 0
        self._rows: dict[int, pygame.Rect] = {}
        self._track = pygame.Rect(0, 0, 1, 1)
        self._pictures = Thumbnails()
        self._shown: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()
        self._asked: tuple[int, int] | None = None

    @property
    def twig(self) -> Twig:
        """The branch chosen."""
        return self._outline.twigs[self.row]

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        self.stale = True
        if event.type == pygame.KEYDOWN:
            self._press(event.key, getattr(event, "mod", 0))
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self._click(event.pos)
        elif event.type == pygame.MOUSEWHEEL:
            self._choose(self.row - event.y)

    def update(self) -> None:
        """Close where the session shown has made room for another."""
        self.closed = self.closed or self._guide.is_over

    def draw(self, canvas: Canvas) -> None:
        """Draw the map over the darkened picture."""
        self.stale = False
        canvas.shade()
        pad = canvas.px(14)
        box = canvas.rect.inflate(-canvas.px(24), -canvas.px(24))
        canvas.panel(box, theme.BOX, line=theme.LINE, radius=12)
        many = len(self._outline.twigs)
        title = f"{many} branch{'es' * (many > 1)}"
        canvas.text(title, (box.left + pad, box.top + pad), theme.LARGE, bold=True)
        area = pygame.Rect(box.left + pad, box.top + canvas.px(46), box.width - 2 * pad, 0)
        side = min(canvas.px(PICTURE), box.width // 3, box.height // 2)
        area.width -= side + pad
        area.height = box.bottom - canvas.px(34) - area.top
        self._draw_choice(canvas, pygame.Rect(area.right + pad, area.top, side, side))
        self._draw_rows(canvas, area)
        hint = canvas.fit(hint_line(self._hints(), by_pad=canvas.by_pad), box.width - 2 * pad, theme.SMALL)
        where = (box.left + pad, box.bottom - canvas.px(10))
        canvas.text(hint, where, theme.SMALL, theme.DIM, anchor="bottomleft")

    def _hints(self) -> list[Hint]:
        back = Hint("Esc", "back", "B")
        if self.compared is not None:
            beside = Hint("E", f"export beside branch {self.compared + 1}", "right shoulder")
            return [beside, Hint("X", "again: no", "Y"), back]
        hints = [Hint("Enter", "go there", "A"), Hint("← →", "along it", "← →"), Hint("X", "compare", "Y")]
        if self._outline.removed:
            undo = f"bring back branch {self._outline.removed[-1] + 1}"
            hints.insert(0, Hint("Z", undo, "left shoulder"))
        if len(self._outline.twigs) > 1:
            hints.append(Hint("Del", "delete", "X"))
        return [*hints, back]

    def _draw_rows(self, canvas: Canvas, area: pygame.Rect) -> None:
        high = canvas.px(ROW)
        fit = max(1, area.height // high)
        self._top = min(max(self._top, self.row - fit + 1), self.row)
        label = min(canvas.px(80), area.width // 3)
        self._track = pygame.Rect(area.left + label, area.top, area.width - label - canvas.px(8), 1)
        visible = self._outline.twigs[self._top : self._top + fit]
        self._rows = {
            self._top + place: pygame.Rect(area.left, area.top + place * high, area.width, high)
            for place in range(len(visible))
        }
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(area)
        place_of = {twig.number: place for place, twig in enumerate(self._outline.twigs)}
        for place, rect in self._rows.items():
            if place == self.row:
                canvas.panel(rect.inflate(0, -canvas.px(4)), (*theme.RAISED, 255), radius=6)
        for place, rect in self._rows.items():
            twig = self._outline.twigs[place]
            if twig.parent is not None:
                above = area.top + (place_of[twig.parent] - self._top) * high + high // 2
                stem = pygame.Rect(self._x(twig.fork), above, canvas.px(2), rect.centery - above)
                canvas.surface.fill(theme.LINE, stem)
        for place, rect in self._rows.items():
            self._draw_row(canvas, self._outline.twigs[place], rect)
        canvas.surface.set_clip(clip)

    def _draw_row(self, canvas: Canvas, twig: Twig, rect: pygame.Rect) -> None:
        here = twig.number == self._outline.branch
        name = f"{twig.number + 1}" + (" ✓" if twig.number == self.compared else "")
        ink = theme.ACCENT if here else theme.TEXT
        left = rect.left + canvas.px(8)
        canvas.text(name, (left, rect.centery), color=ink, bold=True, anchor="midleft")
        side = rect.height - canvas.px(8)
        tip = pygame.Rect(self._track.left - canvas.px(10) - side, rect.centery - side // 2, side, side)
        self._draw_frame(canvas, (twig.number, twig.end), tip)
        line = pygame.Rect(
            self._x(twig.fork), 0, max(canvas.px(3), self._x(twig.end) - self._x(twig.fork)), 1
        )
        line.height = canvas.px(5)
        line.centery = rect.centery
        canvas.panel(line, (*(theme.ACCENT if here else theme.DIM), 255), radius=3)
        if here:
            self._knob(canvas, self._outline.frame, rect.centery, theme.ACCENT)
        if self._outline.twigs[self.row] is twig:
            self._knob(canvas, self.frame, rect.centery, theme.TEXT)

    def _knob(self, canvas: Canvas, frame: int, y: int, color: theme.Color) -> None:
        knob = pygame.Rect(0, 0, canvas.px(13), canvas.px(13))
        knob.center = (self._x(frame), y)
        canvas.panel(knob, (*color, 255), radius=7)

    def _draw_choice(self, canvas: Canvas, rect: pygame.Rect) -> None:
        """Draw the frame chosen, and what there is to say of it."""
        self._draw_frame(canvas, (self.twig.number, self.frame), rect)
        twig, fps = self.twig, self._fps
        lines = [
            f"Branch {twig.number + 1}",
            f"{clock(self.frame / fps)} of {clock(twig.end / fps)}",
            "the first" if twig.parent is None else f"from {twig.parent + 1} at {clock(twig.fork / fps)}",
            *canvas.wrap(twig.prompt or "no prompt", rect.width, 4, theme.SMALL),
        ]
        y = rect.bottom + canvas.px(8)
        for place, line in enumerate(lines):
            color = theme.TEXT if place == 0 else theme.DIM
            canvas.text(line, (rect.left, y), theme.SMALL, color, bold=place == 0)
            y += canvas.line_height(theme.SMALL)

    def _draw_frame(self, canvas: Canvas, key: tuple[int, int], rect: pygame.Rect) -> None:
        """Draw a frame of a branch, once it has come: one is asked for at a time."""
        canvas.panel(rect, (*theme.FIELD, 255), radius=4)
        if key in self._shown:
            self._pictures.draw(canvas, key, self._shown[key], rect)
        elif self._asked is None:
            self._asked = key
            self._guide.picture(*key, lambda frame: self._arrived(key, frame))

    def _arrived(self, key: tuple[int, int], frame: np.ndarray) -> None:
        self._asked, self.stale = None, True
        self._shown[key] = frame
        while len(self._shown) > MOST:
            self._shown.popitem(last=False)

    def _press(self, key: int, modifiers: int) -> None:
        far = max(1, self._fps) if not modifiers & pygame.KMOD_SHIFT else 1
        if key in LEAVE_KEYS:
            self.closed = True
        elif key in GO_KEYS:
            self._go()
        elif key in (pygame.K_UP, pygame.K_DOWN):
            self._choose(self.row + (1 if key == pygame.K_DOWN else -1))
        elif key in (pygame.K_LEFT, pygame.K_RIGHT):
            self._move(self.frame + (far if key == pygame.K_RIGHT else -far))
        elif key in (pygame.K_HOME, pygame.K_END):
            self._move(self.twig.fork if key == pygame.K_HOME else self.twig.end)
        elif key in (pygame.K_x, pygame.K_TAB):
            self.compared = None if self.compared == self.twig.number else self.twig.number
        elif key == pygame.K_DELETE and len(self._outline.twigs) > 1:
            self._guide.remove(self.twig.number, self._changed)
        elif key in UNDO_KEYS and self._outline.removed:
            self._guide.bring_back(self._changed)
        elif key in EXPORT_KEYS and self.compared not in (None, self.twig.number):
            assert self.compared is not None
            self.closed = True
            self._guide.export(self.compared, self.twig.number)

    def _changed(self, outline: Outline) -> None:
        """Take another outline: what was brought back is chosen, else what is nearest to what was."""
        back = set(self._outline.removed) - set(outline.removed)
        row, chosen, frame = self.row, self.twig.number, self.frame
        self._outline, self.stale = outline, True
        numbers = [twig.number for twig in outline.twigs]
        if self.compared not in numbers:
            self.compared = None
        number = back.pop() if back else chosen
        self.row = numbers.index(number) if number in numbers else min(row, len(numbers) - 1)
        self.frame = min(frame, self.twig.end) if number == chosen else self.twig.end

    def _click(self, where: tuple[int, int]) -> None:
        for place, rect in self._rows.items():
            if rect.collidepoint(where):
                before = (self.row, self.frame)
                self._choose(place)
                share = (where[0] - self._track.left) / max(1, self._track.width)
                self._move(round(share * self._outline.end))
                if (self.row, self.frame) == before:
                    self._go()

    def _choose(self, row: int) -> None:
        row = min(max(0, row), len(self._outline.twigs) - 1)
        if row != self.row:
            self.row = row
            self.frame = self.twig.end

    def _move(self, frame: int) -> None:
        self.frame = min(max(0, frame), self.twig.end)

    def _go(self) -> None:
        self.closed = True
        self._guide.go(self.twig.number, self.frame)

    def _x(self, frame: int) -> int:
        return self._track.left + round(self._track.width * frame / max(1, self._outline.end))
