"""What can stand in the window and take the keyboard."""

import pygame

from genie.app.canvas import Canvas
from genie.app.inputs import Input

IDLE = 1.0
"""Seconds between two looks at a screen on which nothing happens."""


class Screen:
    """A screen or a box: takes every event until it is closed, and is drawn only when something changed."""

    closed = False
    """Set by the screen itself when it is done."""
    stale = True
    """Whether it must be drawn anew."""

    def hear(self, pressed: Input) -> bool:
        """Take a key or button itself, rather than what it means in menus; return whether it was taken."""
        return False

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""

    def draw(self, canvas: Canvas) -> None:
        """Draw everything."""

    def wait(self) -> float:
        """Return in how many seconds something moves by itself."""
        return IDLE

    def update(self) -> None:
        """Let time pass: called whenever `wait` has run out, and after events."""

    def move(self, canvas: Canvas) -> list[pygame.Rect]:
        """Draw what has moved since, over what is there, and return where; nothing by default."""
        return []
