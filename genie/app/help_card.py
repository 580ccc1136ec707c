"""The card that says what this world is and what the keys do."""

from collections.abc import Sequence

import numpy as np
import pygame

from genie.app import theme, view
from genie.app.canvas import Canvas
from genie.app.keymap import Command, KeyMap
from genie.core.manifest import Manifest

CONTROLS = (
    (Command.PAUSE, "pause"),
    (Command.STEP, "one frame"),
    (Command.REWIND, "hold to rewind"),
    (Command.BRANCHES, "branches"),
    (Command.QUICK_SAVE, "save this place"),
    (Command.QUICK_LOAD, "back to it"),
    (Command.RESET, "start again"),
    (Command.ANOTHER, "another start"),
    (Command.PROMPT, "new prompt"),
    (Command.STRONGER, "words count more"),
    (Command.WEAKER, "words count less"),
    (Command.PAINT, "paint into it"),
    (Command.EXPORT, "export a clip"),
    (Command.KEYS, "choose keys"),
    (Command.HUD, "hide figures"),
    (Command.HELP, "this card"),
    (Command.MENU, "menu, worlds, quit"),
)

SIGHT = 76
"""How large the world is seen on the card while it is being made ready."""


class HelpCard:
    """Stands in front of the world until a key is pressed; the first key that plays also plays."""

    def __init__(self, manifest: Manifest, keys: KeyMap) -> None:
        self.closed = False
        self.waits_for = ""
        """What has to be done before play begins, "" where nothing has."""
        self.sight: np.ndarray | None = None
        """What there is to see of the world meanwhile, uint8 [height, width, 3]; the card is before it."""
        self._picture = view.Picture()
        self._manifest = manifest
        self._keys = keys
        self._controls, self._buttons = (
            [(keys.label(command, by_pad=by_pad), what) for command, what in CONTROLS]
            for by_pad in (False, True)
        )

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        if event.type in (pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN):
            self.closed = True

    def draw(self, canvas: Canvas) -> None:
        """Draw the card in the middle."""
        canvas.shade()
        listed = [entry for entry in (self._buttons if canvas.by_pad else self._controls) if entry[0]]
        rows = (len(CONTROLS) + 1) // 2
        row = canvas.px(27)
        pad = canvas.px(22)
        card = pygame.Rect(0, 0, min(canvas.rect.width - canvas.px(24), canvas.px(500)), 0)
        card.height = canvas.px(142) + rows * row + canvas.px(40)
        card.center = canvas.rect.center
        canvas.panel(card, theme.BOX, line=theme.LINE, radius=12)
        x, y = card.left + pad, card.top + canvas.px(18)
        room = card.width - 2 * pad
        if self.waits_for and self.sight is not None:
            side = canvas.px(SIGHT)
            area = pygame.Rect(card.right - canvas.px(18) - side, card.top + canvas.px(18), side, side)
            self._picture.blit(canvas, self.sight, area)
            room = area.left - canvas.px(14) - x
        canvas.text(canvas.fit(self._manifest.title, room, theme.TITLE, True), (x, y), theme.TITLE, bold=True)
        y += canvas.px(36)
        for line in canvas.wrap(self._manifest.description, room, 2):
            canvas.text(line, (x, y), color=theme.DIM)
            y += canvas.line_height()
        room = card.width - 2 * pad
        y = card.top + canvas.px(102)
        self._draw_moves(canvas, x, y)
        y += canvas.px(38)
        for first in range(0, len(listed), rows):
            left = x + (first // rows) * (room // 2)
            self._draw_column(canvas, listed[first : first + rows], left, y, row)
        ready = f"press a {'button' if canvas.by_pad else 'key'} to play"
        hint = self.waits_for or ready
        canvas.text(
            hint,
            (card.centerx, card.bottom - canvas.px(14)),
            color=theme.ACCENT,
            bold=True,
            anchor="midbottom",
        )

    def _draw_moves(self, canvas: Canvas, x: int, y: int) -> None:
        moves = [self._keys.move_label(name, by_pad=canvas.by_pad) for name in self._keys.inputs]
        for name in filter(None, moves):
            width, height = canvas.key_size(name, 24)
            canvas.key(name, pygame.Rect(x, y, width, height), lit=True)
            x += width + canvas.px(4)
        other = "" if canvas.by_pad else self._keys.other_moves()
        also = f" (or {other})" if other else ""
        together = ", alone or together" if len(moves) > 1 else ""
        text = f"play{also}{together}"
        canvas.text(text, (x + canvas.px(6), y + canvas.px(12)), anchor="midleft")

    def _draw_column(
        self, canvas: Canvas, listed: Sequence[tuple[str, str]], x: int, y: int, row: int
    ) -> None:
        sizes = [canvas.key_size(label, 21) for label, _ in listed]
        text = x + max(width for width, _ in sizes) + canvas.px(10)
        for (label, what), size in zip(listed, sizes, strict=True):
            canvas.key(label, pygame.Rect((x, y), size))
            canvas.text(what, (text, y + size[1] // 2), anchor="midleft")
            y += row
