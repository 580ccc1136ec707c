"""How much words count, as it is turned by hand: in steps, with the world's own among them."""

import pygame

from genie.app import theme
from genie.app.canvas import Canvas

LEVELS = (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8, 10)
NEAR = 0.125
"""A step nearer than this to the world's own strength makes room for it: nobody could tell them apart."""
STRONGER, WEAKER = (pygame.K_PAGEUP, "pad right shoulder"), (pygame.K_PAGEDOWN, "pad left shoulder")
"""The key and the gamepad's button that turn a dial one step, wherever one is shown."""


def turned(strength: float, way: int, own: float) -> float:
    """Return the next step up (1) or down (-1) from a strength; `own` is the world's."""
    levels = [own, *(level for level in LEVELS if abs(level - own) >= NEAR)]
    beyond = [level for level in levels if (level - strength) * way > 0]
    return float(strength if not beyond else min(beyond, key=lambda level: abs(level - strength)))


def strength_name(strength: float) -> str:
    """Return a strength as people write it: "1.5x"."""
    return f"{strength:g}x"


def said_of(strength: float, own: float) -> str:
    """Say how much words count, and how that compares with what is usual in this world."""
    if strength == own:
        return f"Words count {strength_name(strength)}, as is usual here."
    if strength == 0:
        return "Words do not count."
    return f"Words count {strength_name(strength)}; usual here is {strength_name(own)}."


class StrengthDial:
    """A value between a button that lowers and one that raises it."""

    def __init__(self, strength: float, own: float) -> None:
        """`own` is how much words count in this world unless somebody says otherwise."""
        self.strength = self.before = strength
        self._own = own
        self._buttons: list[tuple[pygame.Rect, int]] = []

    @property
    def is_turned(self) -> bool:
        """Whether it says something else than at first."""
        return self.strength != self.before

    def handle(self, event: pygame.event.Event) -> bool:
        """Turn by one event and return whether it was for the dial."""
        way = 0
        if event.type == pygame.KEYDOWN:
            button = getattr(event, "pad", None)  # shoulders stand for these keys too, the other way round
            way = (button or event.key) in STRONGER
            way -= (button or event.key) in WEAKER
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            way = next((way for rect, way in self._buttons if rect.collidepoint(event.pos)), 0)
        if way:
            self.strength = turned(self.strength, way, self._own)
        return way != 0

    def draw(self, canvas: Canvas, right: int, middle: int) -> None:
        """Draw it up to the right edge `right`, around the height `middle`."""
        side, gap = canvas.px(18), canvas.px(6)
        wide = canvas.width("1.25x", theme.NORMAL, bold=True)
        up = pygame.Rect(right - side, middle - side // 2, side, side)
        down = up.move(-(side + wide + 2 * gap), 0)
        for rect, sign in ((up, "+"), (down, "−")):  # noqa: RUF001
            canvas.panel(rect, (*theme.RAISED, 255), radius=5, line=theme.LINE)
            canvas.text(sign, rect.center, bold=True, anchor="center")
        self._buttons = [(up, 1), (down, -1)]
        color = theme.TEXT if self.strength == self._own else theme.ACCENT
        value = ((down.right + up.left) // 2, middle)
        canvas.text(strength_name(self.strength), value, color=color, bold=True, anchor="center")
        label = f"words count ({'shoulders' if canvas.by_pad else 'PgUp PgDn'})"
        canvas.text(label, (down.left - gap, middle), theme.SMALL, theme.DIM, anchor="midright")
