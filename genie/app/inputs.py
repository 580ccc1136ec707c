"""Keys and gamepad buttons by one kind of name, so that either can be bound to anything."""

from dataclasses import dataclass

import pygame

PAD = "pad "
"""What the names of gamepad buttons begin with; the rest is SDL's name for the button."""

BUTTONS = (
    "a", "b", "x", "y", "back", "guide", "start", "left stick", "right stick",
    "left shoulder", "right shoulder", "up", "down", "left", "right",
)  # fmt: skip
"""SDL's gamepad buttons, in the order of its numbers."""
AXES = {0: ("left", "right"), 1: ("up", "down"), 4: (None, "left trigger"), 5: (None, "right trigger")}
"""What an axis stands for when it is pushed to its negative and its positive side."""
PUSHED, LET_GO = 16_000, 11_000
"""How far of 32,767 an axis must go to count as pressed, and come back to count as released."""
BUTTON, AXIS = "button", "axis"

UNMAPPED = (
    pygame.JOYAXISMOTION,
    pygame.JOYBALLMOTION,
    pygame.JOYHATMOTION,
    pygame.JOYBUTTONDOWN,
    pygame.JOYBUTTONUP,
)
KEYBOARD_AND_MOUSE = (pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN, pygame.TEXTINPUT)
"""What tells that hands are not on a gamepad."""
MENU_KEYS = {
    "pad up": pygame.K_UP,
    "pad down": pygame.K_DOWN,
    "pad left": pygame.K_LEFT,
    "pad right": pygame.K_RIGHT,
    "pad a": pygame.K_RETURN,
    "pad b": pygame.K_ESCAPE,
    "pad x": pygame.K_DELETE,
    "pad y": pygame.K_TAB,
    "pad back": pygame.K_ESCAPE,
    "pad start": pygame.K_RETURN,
    "pad left shoulder": pygame.K_PAGEUP,
    "pad right shoulder": pygame.K_PAGEDOWN,
    "pad left trigger": pygame.K_LEFTBRACKET,
    "pad right trigger": pygame.K_RIGHTBRACKET,
}
"""The keys that a gamepad's buttons stand for wherever nothing is played."""


@dataclass(frozen=True)
class Input:
    """A key or button going down or coming up; `modifiers` are pygame's, 0 for a gamepad."""

    name: str
    down: bool
    modifiers: int = 0


def key_input(event: pygame.event.Event) -> Input | None:
    """Return a keyboard event as an input, or None for a key without a name."""
    name = pygame.key.name(event.key)
    down = event.type == pygame.KEYDOWN
    return Input(name, down, getattr(event, "mod", 0)) if name else None


def menu_event(pressed: Input) -> pygame.event.Event | None:
    """Return the key event that a gamepad button stands for in menus and boxes, or None.

    Its attribute `pad` is the button's name.
    """
    key = MENU_KEYS.get(pressed.name)
    kind = pygame.KEYDOWN if pressed.down else pygame.KEYUP
    return None if key is None else pygame.event.Event(kind, key=key, mod=0, unicode="", pad=pressed.name)


class Keyboard:
    """The keys that are down, whatever is shown meanwhile: what is only kept down is not pressed again."""

    def __init__(self) -> None:
        self._down: set[int] = set()

    def repeats(self, event: pygame.event.Event) -> bool:
        """Follow an event; return whether it presses again what is down although nothing asks for that."""
        # pygame does so once, for a key that went down before `set_repeat` was turned off.
        if event.type == pygame.WINDOWFOCUSLOST:
            self._down.clear()
        elif event.type == pygame.KEYUP:
            self._down.discard(event.key)
        elif event.type == pygame.KEYDOWN:
            was_down = event.key in self._down
            self._down.add(event.key)
            return was_down and pygame.key.get_repeat() == (0, 0)
        return False


class Gamepads:
    """Every gamepad that is plugged in, by SDL's own mapping; they may come and go at any time."""

    def __init__(self) -> None:
        """Open those that are there; call it once the display is up."""
        from pygame._sdl2 import controller

        self._module = controller
        controller.init()
        controller.set_eventstate(True)
        # The same sticks once more, without the mapping: nobody listens, nobody needs to wake up for them.
        pygame.event.set_blocked(UNMAPPED)
        self._open: dict[int, object] = {}
        self._holders: dict[int, dict[str, set[str]]] = {}
        """What holds each name down on each gamepad: a direction is a button's and a stick's."""
        for index in range(controller.get_count()):
            self._plug_in(index)

    def read(self, event: pygame.event.Event) -> list[Input]:
        """Return what a gamepad event means; pulling a gamepad out lets go of all its buttons."""
        if event.type == pygame.CONTROLLERBUTTONDOWN:
            return self._button(event, down=True)
        if event.type == pygame.CONTROLLERBUTTONUP:
            return self._button(event, down=False)
        if event.type == pygame.CONTROLLERAXISMOTION:
            return self._axis(event)
        if event.type == pygame.CONTROLLERDEVICEADDED:
            self._plug_in(event.device_index)
        elif event.type == pygame.CONTROLLERDEVICEREMOVED:
            self._open.pop(event.instance_id, None)
            held = self._holders.pop(event.instance_id, {})
            return [Input(name, False) for name in sorted(held) if held[name]]
        return []

    def _button(self, event: pygame.event.Event, *, down: bool) -> list[Input]:
        if event.button >= len(BUTTONS):  # paddles and other extras
            return []
        return self._turn(event.instance_id, PAD + BUTTONS[event.button], BUTTON, down)

    def _axis(self, event: pygame.event.Event) -> list[Input]:
        inputs = []
        for name, push in zip(AXES.get(event.axis, ()), (-event.value, event.value), strict=False):
            if name is not None:
                held = AXIS in self._holders.get(event.instance_id, {}).get(PAD + name, ())
                inputs += self._turn(event.instance_id, PAD + name, AXIS, push > (LET_GO if held else PUSHED))
        return inputs

    def _turn(self, pad: int, name: str, holder: str, down: bool) -> list[Input]:
        holders = self._holders.setdefault(pad, {}).setdefault(name, set())
        was_down = bool(holders)
        (holders.add if down else holders.discard)(holder)
        return [Input(name, down)] if bool(holders) != was_down else []

    def _plug_in(self, index: int) -> None:
        try:
            pad = self._module.Controller(index)
            self._open[pad.as_joystick().get_instance_id()] = pad
        except RuntimeError:  # both of pygame's own kinds are one: it is gone again already
            return
