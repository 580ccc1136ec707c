"""Choosing keys: what is pressed for each of a world's keys and each command."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pygame

from genie.app import theme, view
from genie.app.canvas import Canvas
from genie.app.hints import Hint, hint_line
from genie.app.inputs import PAD, Input
from genie.app.keymap import Command, KeyMap, key_label
from genie.app.screens.screen import Screen
from genie.app.settings import SettingsFile
from genie.core.actions import ActionSet

MOST_INPUTS = 4
ROW = 30
LABELS = {
    Command.STEP: "play one frame",
    Command.BACK: "one frame back",
    Command.FORWARD: "one frame forward",
    Command.REWIND: "rewind, held",
    Command.REDO: "forward, held",
    Command.RESET: "start again",
    Command.MARK_START: "mark a start",
    Command.MARK_END: "mark an end",
    Command.SLOTS: "saved places",
    Command.HUD: "hide figures",
}
"""What commands are called where their own name says too little."""
HINTS = (
    Hint("Enter", "choose a key", "A"),
    Hint("Delete", "the usual ones", "X"),
    Hint("Esc", "back", "B"),
)
HEAD, FOOT = 60, 44
UNTOUCHED = ("escape", "pad start", "left ctrl", "right ctrl", "left meta", "right meta")
"""What always means the same, so that there is always a way out."""


class KeysPage(Screen):
    """A list to go through; Enter waits for a key or button for the line, Delete puts back the usual ones."""

    def __init__(self, world: str, title: str, actions: ActionSet, settings: SettingsFile) -> None:
        self.listening = False
        """Whether the next key or button is taken for the line."""
        self._world, self._title, self._actions = world, title, actions
        self._file = settings
        self._rows: list[str | Command] = [
            *actions.keys,
            *(command for command in Command if command is not Command.MENU),
        ]
        self._row = 0
        self._top = 0
        self._spots: list[tuple[pygame.Rect, int]] = []
        self._said = ""

    @property
    def keys(self) -> KeyMap:
        """What is pressed for what now."""
        known = self._file.settings
        return KeyMap(self._actions, known.keys.get(self._world), known.commands)

    def hear(self, pressed: Input) -> bool:
        """Take an input for the line that waits for one; return whether it did."""
        if not self.listening or not pressed.down:
            return False
        self.listening, self.stale = False, True
        if pressed.name == "escape":
            return True
        if pressed.name in UNTOUCHED:
            self._said = f"{key_label(pressed.name)} keeps its meaning."
        else:
            self._bind(pressed.name)
        return True

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        self.stale = True
        if event.type == pygame.KEYDOWN:
            self._press(event.key)
        elif event.type == pygame.MOUSEWHEEL:
            self._go(-event.y)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            for rect, row in self._spots:
                if rect.collidepoint(event.pos):
                    self._row, self.listening = row, True

    def draw(self, canvas: Canvas) -> None:
        """Draw the list, as much of it as fits, around the line that is chosen."""
        self.stale = False
        view.clear(canvas)
        keys = self.keys
        left = max(canvas.px(20), canvas.rect.centerx - canvas.px(300))
        area = pygame.Rect(left, canvas.px(HEAD), canvas.rect.width - 2 * left, 0)
        area.height = canvas.rect.height - canvas.px(HEAD + FOOT)
        canvas.text("Keys", (left, canvas.px(16)), theme.TITLE, bold=True)
        canvas.text(self._title, (area.right, canvas.px(24)), color=theme.DIM, anchor="topright")
        row = canvas.px(ROW)
        fit = max(1, area.height // row)
        self._top = min(max(self._top, self._row - fit + 1), self._row)
        self._spots = []
        for place in range(self._top, min(len(self._rows), self._top + fit)):
            rect = pygame.Rect(left, area.top + (place - self._top) * row, area.width, row - canvas.px(3))
            self._spots.append((rect, place))
            self._draw_row(canvas, rect, keys, place)
        hint = self._said or hint_line(HINTS, by_pad=canvas.by_pad)
        if self.listening:
            hint = "Press a key or a gamepad button. It is added to the line; Esc leaves it as it is."
        foot = canvas.rect.bottom - canvas.px(16)
        hint = canvas.fit(hint, area.width)
        canvas.text(
            hint, (left, foot), color=theme.ACCENT if self.listening else theme.DIM, anchor="bottomleft"
        )

    def _draw_row(self, canvas: Canvas, rect: pygame.Rect, keys: KeyMap, place: int) -> None:
        name, chosen = self._rows[place], place == self._row
        canvas.panel(rect, (*(theme.HOVER if chosen else theme.RAISED), 255), radius=6)
        if chosen:
            canvas.panel(pygame.Rect(rect.topleft, (canvas.px(4), rect.height)), (*theme.ACCENT, 255), 2)
        x = rect.left + canvas.px(14)
        if isinstance(name, str):
            width, height = canvas.key_size(name, 20)
            canvas.key(name, pygame.Rect(x, rect.centery - height // 2, width, height), lit=True)
            canvas.text("play", (x + width + canvas.px(8), rect.centery), color=theme.DIM, anchor="midleft")
        else:
            canvas.text(LABELS.get(name, name.value), (x, rect.centery), anchor="midleft")
        x = rect.left + canvas.px(160)
        if chosen and self.listening:
            canvas.text("press …", (x, rect.centery), color=theme.ACCENT, bold=True, anchor="midleft")
            return
        for pressed in self._inputs(keys, name):
            label = pressed if pressed in ("left", "right", "up", "down") else key_label(pressed)
            width, height = canvas.key_size(label, 20)
            if x + width > rect.right - canvas.px(6):
                break
            canvas.key(label, pygame.Rect(x, rect.centery - height // 2, width, height))
            x += width + canvas.px(5)

    @staticmethod
    def _inputs(keys: KeyMap, name: str | Command) -> Sequence[str]:
        return keys.inputs[name] if isinstance(name, str) else keys.command_inputs[name]

    def _press(self, key: int) -> None:
        self._said = ""
        if key == pygame.K_ESCAPE:
            self.closed = True
        elif key in (pygame.K_UP, pygame.K_DOWN):
            self._go(1 if key == pygame.K_DOWN else -1)
        elif key in (pygame.K_PAGEUP, pygame.K_PAGEDOWN):
            self._go(8 if key == pygame.K_PAGEDOWN else -8)
        elif key in (pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE):
            self.listening = True
        elif key in (pygame.K_DELETE, pygame.K_BACKSPACE):
            self._keep(self._rows[self._row], None)

    def _go(self, way: int) -> None:
        self._row = min(len(self._rows) - 1, max(0, self._row + way))

    def _bind(self, pressed: str) -> None:
        """Add an input to the line, first of its kind; take it from every other line of this world."""
        line, keys = self._rows[self._row], self.keys
        for other in self._rows:
            if other != line and pressed in self._inputs(keys, other):
                self._keep(other, tuple(each for each in self._inputs(keys, other) if each != pressed))
                what = other if isinstance(other, str) else LABELS.get(other, other.value)
                self._said = f"{key_label(pressed)} no longer means '{what}'."
        is_pad = pressed.startswith(PAD)
        had = [each for each in self._inputs(keys, line) if each != pressed]
        of_kind = [each for each in had if each.startswith(PAD) == is_pad]
        others = [each for each in had if each.startswith(PAD) != is_pad]
        self._keep(line, (pressed, *of_kind[: MOST_INPUTS // 2 - 1], *others))

    def _keep(self, line: str | Command, inputs: tuple[str, ...] | None) -> None:
        """Remember the inputs of a line; None are the usual ones."""
        known = self._file.settings
        if isinstance(line, Command):
            self._file.change(replace(known, commands=_with(known.commands, line.value, inputs)))
            return
        own = _with(known.keys.get(self._world, {}), line, inputs)
        self._file.change(replace(known, keys={**known.keys, self._world: own}))


def _with(
    keys: Mapping[str, tuple[str, ...]], name: str, inputs: tuple[str, ...] | None
) -> dict[str, tuple[str, ...]]:
    rest = {each: of for each, of in keys.items() if each != name}
    return rest if inputs is None else {**rest, name: inputs}
