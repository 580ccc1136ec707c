"""What may stand in front of the picture and take the keyboard."""

from typing import Protocol

import pygame

from genie.app.canvas import Canvas


class Modal(Protocol):
    """Something that takes every event until it is closed; a `Screen` is one."""

    closed: bool
    """Set by `handle` when the modal is done."""

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""

    def draw(self, canvas: Canvas) -> None:
        """Draw on top of everything else."""
