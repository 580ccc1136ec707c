"""Which key means what: the world's own keys, and the app's commands."""

import contextlib
from collections.abc import Collection
from enum import Enum

import pygame

from genie.core.actions import ActionSet


class Command(Enum):
    """What a key can ask the app for."""

    PAUSE = "pause"
    STEP = "step"
    BACK = "back"
    FORWARD = "forward"
    SLOWER = "slower"
    FASTER = "faster"
    RESET = "reset"
    NEW_SEED = "new seed"
    PROMPT = "prompt"
    REWIND = "rewind"
    REDO = "redo"
    EXPORT = "export"
    HUD = "hud"
    HELP = "help"
    QUIT = "quit"


NAMED_KEYS = {
    pygame.K_LEFT: "left",
    pygame.K_RIGHT: "right",
    pygame.K_UP: "up",
    pygame.K_DOWN: "down",
    pygame.K_SPACE: "space",
    pygame.K_RETURN: "return",
    pygame.K_TAB: "tab",
    pygame.K_LSHIFT: "shift",
    pygame.K_RSHIFT: "shift",
    pygame.K_LCTRL: "ctrl",
    pygame.K_RCTRL: "ctrl",
}
SHIFTED = {
    pygame.K_SLASH: Command.HELP,
    pygame.K_PERIOD: Command.FORWARD,
    pygame.K_BACKSPACE: Command.REDO,
}
"""Commands on keys held with Shift; other keys are the same with it."""
WASD = {pygame.K_w: "up", pygame.K_a: "left", pygame.K_s: "down", pygame.K_d: "right"}
OPPOSITES = {"left": "right", "right": "left", "up": "down", "down": "up"}

COMMAND_KEYS = {
    pygame.K_p: Command.PAUSE,
    pygame.K_PERIOD: Command.STEP,
    pygame.K_COMMA: Command.BACK,
    pygame.K_MINUS: Command.SLOWER,
    pygame.K_KP_MINUS: Command.SLOWER,
    pygame.K_EQUALS: Command.FASTER,
    pygame.K_PLUS: Command.FASTER,
    pygame.K_KP_PLUS: Command.FASTER,
    pygame.K_r: Command.RESET,
    pygame.K_n: Command.NEW_SEED,
    pygame.K_t: Command.PROMPT,
    pygame.K_RETURN: Command.PROMPT,
    pygame.K_KP_ENTER: Command.PROMPT,
    pygame.K_BACKSPACE: Command.REWIND,
    pygame.K_e: Command.EXPORT,
    pygame.K_h: Command.HUD,
    pygame.K_F1: Command.HUD,
    pygame.K_F2: Command.HELP,
    pygame.K_q: Command.QUIT,
    pygame.K_ESCAPE: Command.QUIT,
}


class KeyMap:
    """Translates pygame key codes for one world.

    Letters a world plays with are the world's; the command that lives there is then Ctrl and that letter.
    """

    def __init__(self, actions: ActionSet) -> None:
        names = set(actions.keys)
        self._names = {code: name for code, name in NAMED_KEYS.items() if name in names}
        for name in names:
            if len(name) == 1 and name.isascii() and name.isalnum():
                self._names[ord(name.lower())] = name
            elif name not in NAMED_KEYS.values():
                with contextlib.suppress(ValueError):  # a key that no keyboard of this system has
                    self._names[pygame.key.key_code(name)] = name
        for code, name in WASD.items():
            if name in names:
                self._names.setdefault(code, name)

    def key_name(self, code: int, modifiers: int = 0) -> str | None:
        """Return the world's name ("left", "space", "a") for a key, or None for a key it does not use."""
        return None if modifiers & (pygame.KMOD_CTRL | pygame.KMOD_META) else self._names.get(code)

    def command(self, code: int, modifiers: int = 0) -> Command | None:
        """Return the command on a key, or None."""
        if code in self._names and not modifiers & (pygame.KMOD_CTRL | pygame.KMOD_META):
            return None
        if modifiers & pygame.KMOD_SHIFT and code in SHIFTED:
            return SHIFTED[code]
        return COMMAND_KEYS.get(code)


class HeldKeys:
    """The keys held down, followed through events, in the order they were pressed."""

    def __init__(self) -> None:
        self._down: dict[int, str] = {}
        self._tapped: list[str] = []

    def press(self, code: int, name: str) -> None:
        """A key went down."""
        self._down[code] = name
        self._tapped.append(name)

    def release(self, code: int) -> None:
        """A key came up."""
        self._down.pop(code, None)

    def clear(self) -> None:
        """Forget every key: the window no longer hears about them."""
        self._down.clear()
        self._tapped.clear()

    @property
    def names(self) -> Collection[str]:
        """The names of the keys held now."""
        return frozenset(self._down.values())

    def sample(self) -> Collection[str]:
        """Return the keys to play the next frame with.

        These are the keys held now and those tapped since the last sample, so that no tap is lost between
        two frames; of two opposite keys only the one pressed last, so that turning needs no clean release.
        """
        pressed = [*(name for name in self._tapped if name not in self.names), *self._down.values()]
        self._tapped.clear()
        # A tapped key counts as pressed before those still held.
        latest = dict.fromkeys(reversed(pressed))
        kept: set[str] = set()
        for name in latest:
            if OPPOSITES.get(name) not in kept:
                kept.add(name)
        return frozenset(kept)
