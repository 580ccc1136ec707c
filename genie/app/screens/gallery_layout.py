"""How the gallery is laid out: one world large, all of them small below, sessions beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygame

from genie.app import theme, view
from genie.app.canvas import Canvas
from genie.app.hints import Hint, hint_line
from genie.app.screens import widgets
from genie.app.screens.offers import Offer
from genie.app.screens.session_tile import SessionTile

if TYPE_CHECKING:
    from genie.app.screens.gallery import Gallery

EDGE, HEAD, FOOT, TILE, GAP = 20, 46, 26, 72, 12
LABEL = 18
COLUMN_MOST = 400
HINTS = (
    Hint("Enter", "play", "A"),
    Hint("Tab", "prompt, picture or sketch", "Y"),
    Hint("arrows", "choose", "stick"),
    Hint("Esc", "quit", "B"),
)


class GalleryLayout:
    """Draws a gallery, and remembers where its parts are."""

    def __init__(self) -> None:
        self.targets: dict[str, pygame.Rect] = {}
        self.previews: list[tuple[Offer, pygame.Rect]] = []
        """What moves, and where; a square in the surface's own background until it is there."""
        self._first = 0
        """The first tile of the strip that is in view."""

    def draw(self, canvas: Canvas, gallery: Gallery) -> None:
        """Draw everything but the moving pictures."""
        self.targets, self.previews = {}, []
        edge = canvas.px(EDGE)
        if gallery.offer is None:
            self._head(canvas, edge)
            self._nothing(canvas)
            return
        strip = canvas.px(TILE + LABEL + 24 + FOOT)
        top = canvas.px(HEAD)
        side = min(canvas.rect.height - top - strip - canvas.px(10), canvas.rect.width * 9 // 20)
        side = view.crisp(side, gallery.offer.spec.frame_size if gallery.offer.spec else (64, 64))
        column = min(canvas.rect.width - 2 * edge - side - canvas.px(22), canvas.px(COLUMN_MOST))
        left = max(edge, (canvas.rect.width - side - canvas.px(22) - column) // 2)
        self._head(canvas, left)
        picture = pygame.Rect(left, top, side, side)
        text = pygame.Rect(picture.right + canvas.px(22), top, column, side)
        session = gallery.session
        if session is None:
            self._world(canvas, gallery, picture, text)
        else:
            self._session(canvas, session, picture, text)
        self._strip(canvas, gallery, canvas.rect.height - strip, left)
        hint = hint_line(HINTS, by_pad=canvas.by_pad)
        foot = (canvas.rect.centerx, canvas.rect.height - canvas.px(7))
        hint = canvas.fit(hint, canvas.rect.width - 2 * edge, theme.SMALL)
        canvas.text(hint, foot, theme.SMALL, theme.DIM, anchor="midbottom")

    @staticmethod
    def _head(canvas: Canvas, left: int) -> None:
        title = canvas.text("Genie", (left, canvas.px(10)), theme.TITLE, bold=True)
        said = "worlds that are imagined as you play them"
        if title.right + canvas.px(12) + canvas.width(said) < canvas.rect.width:
            canvas.text(said, (title.right + canvas.px(12), canvas.px(21)), color=theme.DIM)

    def _nothing(self, canvas: Canvas) -> None:
        lines = (
            "There are no worlds here.",
            "Run from a checkout, or name a folder of worlds in GENIE_WORLDS.",
        )
        for place, line in enumerate(lines):
            where = (canvas.rect.centerx, canvas.rect.centery + place * canvas.line_height())
            line = canvas.fit(line, canvas.rect.width)
            canvas.text(line, where, color=theme.DIM if place else theme.TEXT, anchor="midtop")

    def _world(self, canvas: Canvas, gallery: Gallery, picture: pygame.Rect, text: pygame.Rect) -> None:
        offer = gallery.offer
        assert offer is not None
        canvas.surface.fill(theme.FIELD, picture)
        widgets.frame_around(canvas, picture, focused=False)
        self.previews.append((offer, picture))
        y = self._title(canvas, offer.title, "yours" if offer.is_own else "", text)
        spec = offer.spec
        for line in canvas.wrap(spec.description if spec else offer.problem, text.width, 3):
            canvas.text(line, (text.left, y), color=theme.DIM)
            y += canvas.line_height()
        buttons = text.bottom - canvas.px(42 + 6 + 34)
        if spec:
            y += canvas.px(8)
            self._keys(canvas, list(spec.actions.keys), text.left, y)
            y += canvas.px(34)
            prompt = f"“{spec.prompt}”" if spec.prompt else ""
            for line in canvas.wrap(prompt, text.width, max(1, (buttons - y) // canvas.line_height())):
                if y + canvas.line_height() < buttons:
                    canvas.text(line, (text.left, y))
                    y += canvas.line_height()
        focus = gallery.focus.name
        high, low, gap = canvas.px(42), canvas.px(34), canvas.px(6)
        keys = canvas.px(90)
        below = buttons + high + gap
        places = {
            "play": pygame.Rect(text.left, buttons, text.width, high),
            "start": pygame.Rect(text.left, below, text.width - keys - gap, low),
            "keys": pygame.Rect(text.right - keys, below, keys, low),
        }
        label = "Play" if not offer.problem else "Not trained yet"
        button = widgets.button
        enter, tab, k = ("A", "Y", "") if canvas.by_pad else ("Enter", "Tab", "K")
        button(canvas, places["play"], label, focused=focus == "play", strong=True, key=enter)
        button(canvas, places["start"], "Prompt, picture, sketch", focused=focus == "start", key=tab)
        button(canvas, places["keys"], "Keys", focused=focus == "keys", key=k)
        self.targets.update(places)

    def _session(self, canvas: Canvas, session: SessionTile, picture: pygame.Rect, text: pygame.Rect) -> None:
        canvas.surface.fill(theme.FIELD, picture)
        if session.thumbnail:
            widgets.Thumbnail(session.thumbnail.frame).draw(canvas, picture)
        widgets.frame_around(canvas, picture, focused=False)
        y = self._title(canvas, session.title, "", text)
        canvas.text(f"{session.when} · {session.length}", (text.left, y), color=theme.DIM)
        y += canvas.line_height() + canvas.px(8)
        for line in canvas.wrap(session.damage or f"“{session.prompt}”", text.width, 5):
            canvas.text(line, (text.left, y), color=theme.ERROR if session.damage else theme.TEXT)
            y += canvas.line_height()
        if not session.damage:
            rect = pygame.Rect(text.left, text.bottom - canvas.px(42), text.width, canvas.px(42))
            enter = "A" if canvas.by_pad else "Enter"
            widgets.button(canvas, rect, "Go on playing", focused=True, strong=True, key=enter)

    def _title(self, canvas: Canvas, title: str, mark: str, text: pygame.Rect) -> int:
        room = text.width - (canvas.width(mark, theme.SMALL) + canvas.px(14) if mark else 0)
        shown = canvas.text(canvas.fit(title, room, theme.TITLE, True), text.topleft, theme.TITLE, bold=True)
        if mark:
            canvas.text(
                mark, (shown.right + canvas.px(10), shown.centery), theme.SMALL, theme.GOOD, anchor="midleft"
            )
        return shown.bottom + canvas.px(4)

    @staticmethod
    def _keys(canvas: Canvas, names: list[str], x: int, y: int) -> None:
        if not names:
            canvas.text("no keys yet: they are found by trying", (x, y), color=theme.GOOD)
        for name in names:
            width, height = canvas.key_size(name, 24)
            canvas.key(name, pygame.Rect(x, y, width, height))
            x += width + canvas.px(4)

    def _strip(self, canvas: Canvas, gallery: Gallery, top: int, x: int) -> None:
        """Draw the tiles of all worlds, then those of sessions, scrolled to the one that has the focus."""
        tile, gap = canvas.px(TILE), canvas.px(GAP)
        names = [f"world {n}" for n in range(len(gallery.offers))]
        names += [f"session {n}" for n in range(len(gallery.sessions))]
        fit = max(1, (canvas.rect.width - 2 * x - gap) // (tile + gap))
        if gallery.focus.name in names:
            place = names.index(gallery.focus.name)
            self._first = min(max(self._first, place - fit + 1), place)
        self._first = max(0, min(self._first, len(names) - fit))
        y = top + canvas.px(LABEL)
        for place, name in enumerate(names[self._first : self._first + fit], self._first):
            kind, _, which = name.partition(" ")
            if place == len(gallery.offers) and place > self._first:
                x += gap  # sessions stand apart
            rect = pygame.Rect(x, y, tile, tile)
            if place in (self._first, len(gallery.offers)):
                heading = "Worlds" if kind == "world" else "Go on with"
                canvas.text(heading, (x, top), theme.SMALL, theme.DIM, anchor="topleft")
            self._tile(canvas, gallery, kind, int(which), rect)
            self.targets[name] = rect
            x += tile + gap

    def _tile(self, canvas: Canvas, gallery: Gallery, kind: str, place: int, rect: pygame.Rect) -> None:
        canvas.surface.fill(theme.FIELD, rect)
        focused = gallery.focus.name == f"{kind} {place}"
        under = (rect.centerx, rect.bottom + canvas.px(5))
        if kind == "world":
            offer = gallery.offers[place]
            self.previews.append((offer, rect))
            initial = offer.title[:1]
            canvas.text(initial, rect.center, theme.TITLE, theme.LINE, bold=True, anchor="center")
            chosen = place == gallery.world and gallery.session is None
            label, color = offer.title, theme.DIM if offer.problem else theme.TEXT
        else:
            session = gallery.sessions[place]
            if session.thumbnail:
                session.thumbnail.draw(canvas, rect)
            chosen = False
            label, color = session.when, theme.ERROR if session.damage else theme.DIM
        widgets.frame_around(canvas, rect, focused=focused, chosen=chosen)
        text = canvas.fit(label, rect.width + canvas.px(GAP - 2), theme.SMALL)
        canvas.text(text, under, theme.SMALL, color, anchor="midtop")
