"""Painting on a frame: a sketch to start from, or something put into the world that is being played."""

import time
from collections.abc import Callable
from enum import Enum

import numpy as np
import pygame

from genie.app import view
from genie.app.canvas import Canvas
from genie.app.drawing import Drawing, Spot
from genie.app.screens import widgets
from genie.app.screens.screen import IDLE, Screen
from genie.app.screens.toolbox import Toolbox


class Tool(Enum):
    """What the pointer does."""

    BRUSH = "Brush"
    FILL = "Fill"
    ERASE = "Erase"


SIZES = (1, 2, 3, 5, 8, 12)
TOOL_KEYS = {pygame.K_b: Tool.BRUSH, pygame.K_f: Tool.FILL, pygame.K_e: Tool.ERASE}
WAYS = {pygame.K_LEFT: (-1, 0), pygame.K_RIGHT: (1, 0), pygame.K_UP: (0, -1), pygame.K_DOWN: (0, 1)}
PAINT_KEYS = (pygame.K_SPACE, "pad a")
DONE_KEYS = (pygame.K_RETURN, pygame.K_KP_ENTER, "pad start")
LEAVE_KEYS = (pygame.K_ESCAPE, "pad b", "pad back")
GLIDE_AFTER, GLIDE = 0.25, 0.025
"""Seconds until a direction that is held moves the pointer on, and between two of its steps."""


class Painter(Screen):
    """A frame, brushes and the world's own colours; what is painted is handed to `accept`, Esc drops it."""

    def __init__(
        self, title: str, frame: np.ndarray, palette: np.ndarray, accept: Callable[[np.ndarray], None]
    ) -> None:
        """`frame` is uint8 [height, width, 3], `palette` uint8 [C, 3]."""
        self.drawing = Drawing(frame)
        self.tool = Tool.BRUSH
        self.size = 2
        """The place of the brush's width in SIZES."""
        self.colour = len(palette) - 1
        """The place of the colour in the palette."""
        self.palette = [(int(red), int(green), int(blue)) for red, green, blue in palette]
        self.title = title
        self.pointer: Spot = (self.drawing.size[0] // 2, self.drawing.size[1] // 2)
        self._accept = accept
        self._picture = view.Picture()
        self._toolbox = Toolbox(self)
        self._area = pygame.Rect(0, 0, 1, 1)
        self._painting = False
        self._gliding: dict[int, float] = {}

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        self.stale = True
        if event.type == pygame.KEYDOWN:
            self._press(event.key, getattr(event, "pad", None) or event.key)
        elif event.type == pygame.KEYUP:
            self._gliding.pop(event.key, None)
            if (getattr(event, "pad", None) or event.key) in PAINT_KEYS:
                self._lift()
        elif event.type == pygame.MOUSEMOTION:
            self._point(event.pos)
        elif event.type == pygame.MOUSEBUTTONDOWN:
            self._click(event)
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self._lift()
        elif event.type == pygame.MOUSEWHEEL:
            self.resize(1 if event.y > 0 else -1)

    def wait(self) -> float:
        """Return in how many seconds the pointer moves on by itself."""
        return max(0.0, min(self._gliding.values()) - time.monotonic()) if self._gliding else IDLE

    def update(self) -> None:
        """Move the pointer on while a direction is held."""
        now = time.monotonic()
        for key, due in list(self._gliding.items()):
            if now >= due:
                self._gliding[key] = now + GLIDE
                self._step(WAYS[key])

    def draw(self, canvas: Canvas) -> None:
        """Draw the picture as large as fits beside the tools, or above them in a narrow window."""
        self.stale = False
        view.clear(canvas)
        picture, tools = _halves(canvas)
        self._area = self._picture.draw_in(canvas, self.drawing.frame, picture)
        widgets.frame_around(canvas, self._area, focused=False)
        self._toolbox.draw(canvas, tools)
        self._draw_pointer(canvas)

    # What the toolbox asks for.

    def take(self, tool: Tool) -> None:
        """Use a tool from now on."""
        self.tool = tool

    def resize(self, way: int) -> None:
        """Take the next larger or smaller brush."""
        self.size = min(len(SIZES) - 1, max(0, self.size + way))

    def choose(self, colour: int) -> None:
        """Take a colour of the palette, and something to paint with."""
        self.colour = colour % len(self.palette)
        if self.tool is Tool.ERASE:
            self.tool = Tool.BRUSH

    def undo(self) -> None:
        """Take back what was done last: a stroke that is being painted ends first."""
        self._lift()
        self.drawing.undo()

    def clear(self) -> None:
        """Begin with nothing but the chosen colour."""
        self.drawing.clear(self.palette[self.colour])

    def finish(self) -> None:
        """Hand over what was painted."""
        self._lift()
        self.closed = True
        self._accept(self.drawing.frame)

    def leave(self) -> None:
        """Close without handing anything over."""
        self.closed = True

    # Hands.

    def _press(self, key: int, name: int | str) -> None:
        if name in LEAVE_KEYS:
            self.leave()
        elif name in DONE_KEYS:
            self.finish()
        elif name in PAINT_KEYS:
            self._touch()
        elif key in WAYS:
            self._gliding[key] = time.monotonic() + GLIDE_AFTER
            self._step(WAYS[key])
        elif key in TOOL_KEYS:
            self.take(TOOL_KEYS[key])
        elif key == pygame.K_TAB:
            tools = list(Tool)
            self.take(tools[(tools.index(self.tool) + 1) % len(tools)])
        elif key in (pygame.K_PAGEUP, pygame.K_PAGEDOWN, pygame.K_q, pygame.K_w):
            self.choose(self.colour + (1 if key in (pygame.K_PAGEDOWN, pygame.K_w) else -1))
        elif key in (pygame.K_LEFTBRACKET, pygame.K_RIGHTBRACKET, pygame.K_MINUS, pygame.K_PLUS):
            self.resize(1 if key in (pygame.K_RIGHTBRACKET, pygame.K_PLUS) else -1)
        elif key in (pygame.K_z, pygame.K_u, pygame.K_BACKSPACE, pygame.K_DELETE):
            self.undo()
        elif key == pygame.K_c:
            self.clear()
        elif key in (pygame.K_i, pygame.K_p):
            self._pick()

    def _click(self, event: pygame.event.Event) -> None:
        if not self._area.collidepoint(event.pos):
            self._toolbox.click(event)
            return
        self._point(event.pos)
        if event.button == 1:
            self._touch()
        elif event.button == 3:
            self._pick()

    def _point(self, where: tuple[int, int]) -> None:
        width, height = self.drawing.size
        x = (where[0] - self._area.left) * width // max(1, self._area.width)
        y = (where[1] - self._area.top) * height // max(1, self._area.height)
        if self._painting or self._area.collidepoint(where):
            self.pointer = (x, y)
            self._draw_on()

    def _step(self, way: tuple[int, int]) -> None:
        width, height = self.drawing.size
        self.stale = True
        self.pointer = (
            min(max(self.pointer[0] + way[0], 0), width - 1),
            min(max(self.pointer[1] + way[1], 0), height - 1),
        )
        self._draw_on()

    def _touch(self) -> None:
        if self.tool is Tool.FILL:
            self.drawing.fill(self.pointer, self.palette[self.colour])
            return
        self.drawing.begin()
        self._painting = True
        self._draw_on()

    def _draw_on(self) -> None:
        if self._painting:
            colour = None if self.tool is Tool.ERASE else self.palette[self.colour]
            self.drawing.paint(self.pointer, SIZES[self.size], colour)

    def _lift(self) -> None:
        self._painting = False
        self.drawing.end()

    def _pick(self) -> None:
        """Take the palette's colour that is nearest to the one under the pointer."""
        there = np.array(self.drawing.colour_at(self.pointer), np.int32)
        self.choose(int(np.argmin(((np.array(self.palette, np.int32) - there) ** 2).sum(axis=1))))

    def _draw_pointer(self, canvas: Canvas) -> None:
        width = 1 if self.tool is Tool.FILL else SIZES[self.size]
        scale = self._area.width / self.drawing.size[0]
        first = [c - (width - 1) // 2 for c in self.pointer]
        rect = pygame.Rect(
            round(self._area.left + first[0] * scale),
            round(self._area.top + first[1] * scale),
            round(width * scale),
            round(width * scale),
        )
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(self._area)
        line = canvas.px(1)
        pygame.draw.rect(canvas.surface, (0, 0, 0), rect.inflate(2 * line, 2 * line), line)
        pygame.draw.rect(canvas.surface, (255, 255, 255), rect, line)
        canvas.surface.set_clip(clip)


def _halves(canvas: Canvas) -> tuple[pygame.Rect, pygame.Rect]:
    """Return where the picture and where the tools go."""
    whole = canvas.rect.inflate(-canvas.px(24), -canvas.px(24))
    tools = canvas.px(178)
    if whole.width >= whole.height:
        picture = pygame.Rect(whole.left, whole.top, whole.width - tools - canvas.px(14), whole.height)
        return picture, pygame.Rect(whole.right - tools, whole.top, tools, whole.height)
    high = min(canvas.px(300), whole.height // 2)
    picture = pygame.Rect(whole.left, whole.top, whole.width, whole.height - high - canvas.px(10))
    return picture, pygame.Rect(whole.left, whole.bottom - high, whole.width, high)
