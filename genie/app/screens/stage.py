"""Where screens are shown, one on top of another, until all are closed."""

import time

import pygame

from genie.app.canvas import Canvas
from genie.app.inputs import KEYBOARD_AND_MOUSE, Gamepads, Keyboard, key_input, menu_event
from genie.app.screens.screen import Screen

SHORTEST = 1 / 60
"""Seconds between two drawings at least: a mouse moves far more often than a screen can show."""


class Stage:
    """Runs screens in the pygame display that is open; the one on top has every event."""

    def __init__(self, pads: Gamepads, keyboard: Keyboard | None = None) -> None:
        self.quitting = False
        """Whether the window was closed."""
        self._pads, self._keyboard = pads, keyboard or Keyboard()
        self._stack: list[Screen] = []
        self._canvas = Canvas(pygame.display.get_surface())
        self._drawn = 0.0

    def open(self, screen: Screen) -> None:
        """Put a screen on top of what is there, and show it: a key pressed early means what is then seen."""
        self._stack.append(screen)
        self._drawn, screen.stale = 0.0, True
        self._draw(screen)

    def clear(self) -> None:
        """Close all that is open."""
        for screen in self._stack:
            screen.closed = True

    def run(self, screen: Screen) -> None:
        """Show a screen, and what it opens, until it is closed or the window is."""
        pygame.event.set_allowed(pygame.MOUSEMOTION)
        self.open(screen)
        while self._stack and not self.quitting:
            self.tick()
        pygame.event.set_blocked(pygame.MOUSEMOTION)  # nothing in play follows the mouse

    def tick(self) -> None:
        """Wait for the next thing to happen, deal with it and draw."""
        if not self._stack:
            return
        top = self._stack[-1]
        wait = SHORTEST - (time.monotonic() - self._drawn) if top.stale else top.wait()
        first = pygame.event.wait(max(1, round(wait * 1000)))
        for event in (first, *pygame.event.get()):
            self.handle(event)
        if self._stack:
            self._stack[-1].update()
            self._drop_closed()
        if self._stack:
            self._draw(self._stack[-1])

    def handle(self, event: pygame.event.Event) -> None:
        """Deal with one event."""
        if self._keyboard.repeats(event):
            return
        top = self._stack[-1] if self._stack else None
        if event.type in KEYBOARD_AND_MOUSE:
            self._canvas.by_pad = False
        if event.type == pygame.QUIT:
            self.quitting = True
        elif event.type == pygame.NOEVENT or top is None:
            return
        elif event.type in (pygame.VIDEORESIZE, pygame.WINDOWEXPOSED, pygame.WINDOWSIZECHANGED):
            top.stale = True
        elif event.type in (pygame.KEYDOWN, pygame.KEYUP):
            named = key_input(event)
            if named is None or not top.hear(named):
                top.handle(event)
        elif inputs := self._pads.read(event):
            self._canvas.by_pad = True
            for pressed in inputs:
                meant = menu_event(pressed)
                if not top.hear(pressed) and meant is not None:
                    top.handle(meant)
        elif event.type != pygame.CONTROLLERAXISMOTION:  # a stick is never quite still
            top.handle(event)
        self._drop_closed()

    def _drop_closed(self) -> None:
        while self._stack and self._stack[-1].closed:
            self._stack.pop()
            if self._stack:
                self._stack[-1].stale = True

    def _draw(self, screen: Screen) -> None:
        surface = pygame.display.get_surface()
        if surface is None:
            return
        self._canvas.aim(surface)
        if not screen.stale:
            moved = screen.move(self._canvas)
            if moved:
                pygame.display.update(moved)
        elif time.monotonic() - self._drawn >= SHORTEST:
            self._drawn = time.monotonic()
            screen.draw(self._canvas)
            screen.stale = False
            pygame.display.flip()
