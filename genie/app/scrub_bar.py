"""The bar that shows the line of play and lets the mouse move along it."""

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.game import Game
from genie.app.view import BAR

HEIGHT = 30
KEYS_WIDTH = 100
"""Kept free on the left, where the keys are."""
NARROWEST = 120
"""A window with less room than this gets no bar."""


class ScrubBar:
    """Stands over the lower edge while time does; a click below brings it up, dragging moves along it."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._panel = pygame.Rect(0, 0, 0, 0)
        self._track = pygame.Rect(0, 0, 0, 0)
        self._dragging = False
        self._was_blocked = True

    @property
    def visible(self) -> bool:
        """Whether there is a reason to show it."""
        game = self._game
        return not game.loading and not game.leaving and (game.time.paused or game.time.scrub is not None)

    def handle(self, event: pygame.event.Event) -> bool:
        """React to one event; return whether it was meant for the bar."""
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            if self._panel.collidepoint(event.pos) and not self._game.loading:
                self._begin(event.pos[0])
                return True
        elif event.type == pygame.MOUSEMOTION and self._dragging:
            self._game.time.look_at(self._frame_at(event.pos[0]))
            return True
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1 and self._dragging:
            self._end()
            return True
        return False

    def drop(self) -> None:
        """Let go of what is dragged: the button will come up where nobody hears it."""
        if self._dragging:
            self._end()

    def draw(self, canvas: Canvas) -> None:
        """Draw it if there is a reason to."""
        margin, height = canvas.px(8), canvas.px(HEIGHT)
        left = canvas.px(KEYS_WIDTH)
        bottom = canvas.rect.height - canvas.px(BAR) - canvas.px(4)
        width = canvas.rect.width - left - margin
        if width < canvas.px(NARROWEST) or bottom < 2 * height:
            self._panel = pygame.Rect(0, 0, 0, 0)
            return
        self._panel = pygame.Rect(left, bottom - height, width, height)
        if not self.visible:
            return
        canvas.panel(self._panel)
        game, fps = self._game, self._game.plan.fps
        end = game.moment.end if game.moment else 0
        said = f"{clock(game.index / fps)} / {clock(end / fps)}"
        room = canvas.width("00:00.0 / 00:00.0", theme.SMALL)
        pad = canvas.px(10)
        canvas.text(said, (self._panel.right - pad, self._panel.centery), theme.SMALL, anchor="midright")
        self._track = pygame.Rect(self._panel.left + pad, 0, width - room - 3 * pad, canvas.px(5))
        self._track.centery = self._panel.centery
        self._draw_track(canvas)

    def _draw_track(self, canvas: Canvas) -> None:
        track, game = self._track, self._game
        canvas.panel(track, (*theme.LINE, 255), radius=3)
        done = track.copy()
        done.width = self._x(game.index) - track.left
        canvas.panel(done, (*theme.ACCENT, 255), radius=3)
        span = game.time.span
        if span is not None and game.moment is not None:
            first, last = span[0], min(span[1], game.moment.end)
            wide = max(canvas.px(2), self._x(last) - self._x(first))
            marked = pygame.Rect(self._x(first), 0, wide, canvas.px(3))
            marked.top = track.bottom + canvas.px(3)
            canvas.surface.fill(theme.GOOD, marked)
        for fork in game.moment.forks if game.moment else ():
            tick = pygame.Rect(0, 0, canvas.px(2), canvas.px(11))
            tick.center = (self._x(fork), track.centery)
            canvas.surface.fill(theme.TEXT, tick)
        knob = pygame.Rect(0, 0, canvas.px(13), canvas.px(13))
        knob.center = (self._x(game.index), track.centery)
        canvas.panel(knob, (*theme.TEXT, 255), radius=7)

    def _x(self, frame: int) -> int:
        end = self._game.moment.end if self._game.moment else 0
        return self._track.left + round(self._track.width * frame / max(1, end))

    def _frame_at(self, x: int) -> int:
        end = self._game.moment.end if self._game.moment else 0
        return round(min(1.0, max(0.0, (x - self._track.left) / max(1, self._track.width))) * end)

    def _begin(self, x: int) -> None:
        was_visible = self.visible
        self._game.time.paused = True
        if was_visible and self._track.width:
            self._dragging = True
            self._was_blocked = pygame.event.get_blocked(pygame.MOUSEMOTION)
            pygame.event.set_allowed(pygame.MOUSEMOTION)
            self._game.time.look_at(self._frame_at(x))

    def _end(self) -> None:
        self._dragging = False
        if self._was_blocked:
            pygame.event.set_blocked(pygame.MOUSEMOTION)
        self._game.time.let_go()


def clock(seconds: float) -> str:
    """Return a time as people write it: 1:05.2."""
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes)}:{rest:04.1f}"
