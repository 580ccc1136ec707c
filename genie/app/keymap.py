"""Which key or button means what: the world's own keys, and the app's commands."""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import TypeVar

import pygame

from genie.app.inputs import PAD, Input
from genie.core.actions import ActionSet

Meaning = TypeVar("Meaning")


class Command(Enum):
    """What a key can ask the app for."""

    MENU = "menu"
    PAUSE = "pause"
    STEP = "step"
    BACK = "back"
    FORWARD = "forward"
    SLOWER = "slower"
    FASTER = "faster"
    RESET = "reset"
    ANOTHER = "another start"
    PROMPT = "prompt"
    STRONGER = "words count more"
    WEAKER = "words count less"
    PAINT = "paint"
    REWIND = "rewind"
    REDO = "redo"
    EXPORT = "export"
    MARK_START = "mark start"
    MARK_END = "mark end"
    BRANCHES = "branches"
    QUICK_SAVE = "quick save"
    QUICK_LOAD = "quick load"
    SLOTS = "slots"
    KEYS = "keys"
    HUD = "hud"
    HELP = "help"
    QUIT = "quit"


OPPOSITES = {"left": "right", "right": "left", "up": "down", "down": "up"}
WASD = {"up": "w", "left": "a", "down": "s", "right": "d"}
SIDED = ("shift", "ctrl", "alt")
"""Keys that a keyboard has twice."""
FACE_BUTTONS = ("pad a", "pad b", "pad x", "pad y", "pad right trigger", "pad left trigger")

SHIFT = "shift "
"""What the names of keys held with Shift begin with, where that means something else than the key alone."""

COMMAND_INPUTS: Mapping[Command, tuple[str, ...]] = {
    Command.MENU: ("escape", "pad start"),
    Command.PAUSE: ("p", "pad back"),
    Command.STEP: (".", "pad right shoulder"),
    Command.BACK: (",",),
    Command.FORWARD: ("shift .",),
    Command.SLOWER: ("-", "[-]", "pad left stick"),
    Command.FASTER: ("=", "+", "[+]", "pad right stick"),
    Command.RESET: ("r",),
    Command.ANOTHER: ("n",),
    Command.PROMPT: ("t", "return", "enter", "pad y"),
    Command.STRONGER: ("page up",),
    Command.WEAKER: ("page down",),
    Command.PAINT: ("b", "pad x"),
    Command.REWIND: ("backspace", "pad left shoulder"),
    Command.REDO: ("shift backspace", "pad right trigger"),
    Command.EXPORT: ("e",),
    Command.MARK_START: ("[",),
    Command.MARK_END: ("]",),
    Command.BRANCHES: ("m",),
    Command.QUICK_SAVE: ("f5", "pad left trigger"),
    Command.QUICK_LOAD: ("f9",),
    Command.SLOTS: ("f6",),
    Command.KEYS: ("k", "f3"),
    Command.HUD: ("h", "f1"),
    Command.HELP: ("f2", "shift /"),
    Command.QUIT: ("q",),
}
MODIFIED = pygame.KMOD_CTRL | pygame.KMOD_META


def default_inputs(actions: ActionSet) -> dict[str, tuple[str, ...]]:
    """Return what is pressed for each of a world's keys unless the player wants it otherwise."""
    names = actions.keys
    inputs = {name: _keyboard(name) for name in names}
    for name, letter in WASD.items():
        if name in names and letter not in names:
            inputs[name] += (letter,)
    others = [name for name in names if name not in OPPOSITES]
    for name in names:
        if name in OPPOSITES:
            inputs[name] += (PAD + name,)
    for name, button in zip(others, FACE_BUTTONS, strict=False):
        inputs[name] += (button,)
    if not others and "up" in names:  # a jump, most likely: thumbs expect it on the lowest button
        inputs["up"] += (FACE_BUTTONS[0],)
    return inputs


def _keyboard(name: str) -> tuple[str, ...]:
    if name in SIDED:
        return f"left {name}", f"right {name}"
    return (name.lower(),)


class KeyMap:
    """Translates inputs for one world.

    What a world plays with is the world's; a command that lives on the same letter is then on Ctrl and that
    letter.
    """

    def __init__(
        self,
        actions: ActionSet,
        keys: Mapping[str, Sequence[str]] | None = None,
        commands: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`keys` and `commands` are what the player has chosen, by name; the rest is as usual."""
        self.inputs = default_inputs(actions)
        self.inputs.update({name: tuple(own) for name, own in (keys or {}).items() if name in self.inputs})
        self.command_inputs = {
            command: tuple((commands or {}).get(command.value, usual))
            for command, usual in COMMAND_INPUTS.items()
        }
        self._names = _inverse(self.inputs)
        self._commands = _inverse(self.command_inputs)

    def key_name(self, pressed: Input) -> str | None:
        """Return the world's name ("left", "space", "a") for an input, or None for one it does not use."""
        return None if pressed.modifiers & MODIFIED else self._names.get(pressed.name)

    def command(self, pressed: Input) -> Command | None:
        """Return the command on an input, or None."""
        if pressed.modifiers & pygame.KMOD_META:  # the system's own: macOS asks to close the window besides
            return None
        if pressed.name in self._names and not pressed.modifiers & MODIFIED:
            return None
        if pressed.modifiers & pygame.KMOD_SHIFT and SHIFT + pressed.name in self._commands:
            return self._commands[SHIFT + pressed.name]
        return self._commands.get(pressed.name)

    def label(self, command: Command, *, by_pad: bool = False) -> str:
        """Return a command's key, or a gamepad's button for it, as it is written there; "" for none."""
        for name in self.command_inputs[command]:
            if by_pad and name.startswith(PAD) and name not in self._names:
                return key_label(name).removeprefix(PAD).capitalize()
            if not (by_pad or name.startswith(PAD)):
                return f"Ctrl {key_label(name)}" if name in self._names else key_label(name)
        return ""

    def move_label(self, name: str, *, by_pad: bool = False) -> str:
        """Return what is pressed for a world's key: its own name where that is usual, "" for nothing.

        Arrows are "left", "right", "up" and "down".
        """
        pressed = next((own for own in self.inputs[name] if own.startswith(PAD) == by_pad), "")
        if pressed == _keyboard(name)[0]:
            return name
        written = pressed.removeprefix(PAD)
        return written if written in OPPOSITES or not written else key_label(written)

    def other_moves(self) -> str:
        """Return what else may be pressed on a keyboard for all that it is played with; "" for nothing."""
        others = [[own for own in inputs if not own.startswith(PAD)][1:2] for inputs in self.inputs.values()]
        if not all(others):
            return ""
        usual = all(WASD.get(name) == other for name, (other,) in zip(self.inputs, others, strict=True))
        return "WASD" if usual else " ".join(key_label(other) for (other,) in others)


def key_label(name: str) -> str:
    """Return what is written on a key or button."""
    if name.startswith(SHIFT):
        return f"⇧ {key_label(name.removeprefix(SHIFT))}"
    if name.startswith(PAD):
        rest = name.removeprefix(PAD)
        return f"pad {rest.upper() if len(rest) == 1 else rest}"
    short = {
        "escape": "Esc",
        "return": "Enter",
        "enter": "Keypad Enter",
        "[-]": "Keypad -",
        "[+]": "Keypad +",
        "page up": "PgUp",
        "page down": "PgDn",
    }
    return short.get(name, name.capitalize() if len(name) > 1 else name.upper())


def _inverse(inputs: Mapping[Meaning, Sequence[str]]) -> dict[str, Meaning]:
    return {name: meaning for meaning, names in inputs.items() for name in names}


class HeldKeys:
    """The world's keys held down, followed through inputs, in the order they were pressed."""

    def __init__(self) -> None:
        self._down: dict[str, str] = {}
        self._tapped: list[str] = []

    def press(self, pressed: str, name: str) -> None:
        """An input went down that means the world's key `name`."""
        self._down[pressed] = name
        self._tapped.append(name)

    def release(self, pressed: str) -> None:
        """An input came up."""
        self._down.pop(pressed, None)

    def clear(self) -> None:
        """Forget every key: the window no longer hears about them."""
        self._down.clear()
        self._tapped.clear()

    def forget_taps(self) -> None:
        """Keep only what is still held: what was tapped was not meant for what comes now."""
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
