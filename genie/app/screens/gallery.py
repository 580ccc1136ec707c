"""The gallery: worlds to play, each with a moving preview, and sessions to go on with."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pygame

from genie.app import view
from genie.app.canvas import Canvas
from genie.app.screens import widgets
from genie.app.screens.focus import Focus
from genie.app.screens.gallery_layout import GalleryLayout
from genie.app.screens.offers import Backroom, Offer
from genie.app.screens.screen import Screen
from genie.app.screens.session_tile import SessionTile

FRAMES_A_SECOND = 12
"""How often previews move at most: enough to show a world, and cheap."""
NOTICE_SECONDS = 6.0


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the player wants to play: a world from a start of its own, or a session from where it was left."""

    world: str
    prompt: str | None = None
    image: np.ndarray | None = None
    seed: int | None = None
    strength: float | None = None
    session: Path | None = None


class Gallery(Screen):
    """Everything that can be played; `choose` gets what is, `ask` opens the start page of a world."""

    def __init__(
        self,
        offers: Sequence[Offer],
        sessions: Sequence[SessionTile],
        backroom: Backroom,
        *,
        chosen: str,
        choose: Callable[[Choice], None],
        ask: Callable[[Offer, Path | None], None],
        set_keys: Callable[[Offer], None],
    ) -> None:
        """`chosen` is the id of the world to show first, "" for the first; `ask` may get an image file."""
        self.offers, self.sessions = offers, sessions
        self.world = next((n for n, offer in enumerate(offers) if offer.id == chosen), 0)
        """The place of the world shown large."""
        self.focus = Focus("play")
        self._backroom = backroom
        self._choose, self._ask, self._set_keys = choose, ask, set_keys
        self._layout = GalleryLayout()
        self._notice, self._notice_until = "", 0.0
        self._began = time.monotonic()
        self._shown: dict[str, int] = {}
        self._thumbnails: dict[tuple[str, int], widgets.Thumbnail] = {}

    @property
    def offer(self) -> Offer | None:
        """The world shown large."""
        return self.offers[self.world] if self.offers else None

    @property
    def session(self) -> SessionTile | None:
        """The session that has the focus."""
        kind, _, place = self.focus.name.partition(" ")
        return self.sessions[int(place)] if kind == "session" else None

    def say(self, text: str) -> None:
        """Show a line of news for a while."""
        self._notice, self._notice_until = text, time.monotonic() + NOTICE_SECONDS
        self.stale = True

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        before = self.focus.name
        if event.type == pygame.DROPFILE and self.offer:
            self._ask(self.offer, Path(event.file))
        elif event.type == pygame.KEYDOWN and event.key in (pygame.K_ESCAPE, pygame.K_q):
            self.closed = True
        elif event.type == pygame.KEYDOWN and event.key in (pygame.K_TAB, pygame.K_t) and self.offer:
            self._act("start")
        elif event.type == pygame.KEYDOWN and event.key == pygame.K_k:
            self._act("keys")
        elif event.type == pygame.MOUSEWHEEL:
            self.focus.go((1 if event.y < 0 else -1, 0))
            self._follow()
        else:
            chosen = self.focus.handle(event)
            self._follow()
            if chosen is not None:
                self._act(chosen)
        self.stale = self.stale or self.focus.name != before or event.type != pygame.MOUSEMOTION

    def wait(self) -> float:
        """Return in how many seconds a preview moves."""
        return 1 / FRAMES_A_SECOND

    def update(self) -> None:
        """Take what has been fetched meanwhile."""
        for offer in self.offers:
            self._backroom.want_preview(offer)
        if self._backroom.collect():
            self.stale = True
        if self._notice and time.monotonic() > self._notice_until:
            self._notice, self.stale = "", True

    def draw(self, canvas: Canvas) -> None:
        """Draw everything."""
        self._shown.clear()
        view.clear(canvas)
        self._layout.draw(canvas, self)
        self.focus.targets = self._layout.targets
        self.move(canvas)
        if self._notice:
            widgets.notice(canvas, self._notice, is_error=True)

    def move(self, canvas: Canvas) -> list[pygame.Rect]:
        """Draw the previews that have moved on."""
        changed = []
        seconds = time.monotonic() - self._began
        for offer, rect in self._layout.previews:
            moving = self._backroom.previews.get(offer.id)
            if moving is None:
                continue
            place = moving.at(seconds)
            if self._shown.get(f"{offer.id} {rect}") != place:
                self._shown[f"{offer.id} {rect}"] = place
                if canvas.rect.contains(rect):
                    canvas.surface.blit(widgets.scaled(moving.frames[place], rect.size, canvas.surface), rect)
                    changed.append(rect)
        return changed

    def _follow(self) -> None:
        """Show large what has the focus."""
        kind, _, place = self.focus.name.partition(" ")
        if kind == "world":
            self.world = int(place)

    def _act(self, name: str) -> None:
        kind, _, place = name.partition(" ")
        if kind == "session":
            self._continue(self.sessions[int(place)])
        elif self.offer is None:
            return
        elif self.offer.problem and kind != "keys":
            self.say(self.offer.problem)
        elif kind in ("play", "world"):
            self._choose(Choice(world=self.offer.id))
            self.closed = True
        elif kind == "start":
            self._ask(self.offer, None)
        elif kind == "keys" and self.offer.spec is not None:
            self._set_keys(self.offer)

    def _continue(self, session: SessionTile) -> None:
        if session.damage:
            self.say(session.damage)
            return
        self._choose(Choice(world=session.world, session=session.path))
        self.closed = True
