"""A bare window that shows an agent's frames."""

from __future__ import annotations

import numpy as np
import pygame

SIDE = 512
"""About how large the picture is shown, in pixels: a whole multiple of its own size."""


class Window:
    """Shows frames uint8 [height, width, 3] at the world's own pace; closing it is the caller's business."""

    def __init__(self, title: str, frame_size: tuple[int, int], fps: int) -> None:
        pygame.display.init()
        height, width = frame_size
        scale = max(1, SIDE // max(frame_size))
        self._screen = pygame.display.set_mode((width * scale, height * scale))
        pygame.display.set_caption(title)
        self._clock, self._fps = pygame.time.Clock(), fps

    def show(self, frame: np.ndarray) -> None:
        """Draw a frame, answer the system's events, and wait until the frame's time is over."""
        picture = pygame.surfarray.make_surface(frame.swapaxes(0, 1)).convert()
        pygame.transform.scale(picture, self._screen.get_size(), self._screen)
        pygame.event.pump()
        pygame.display.flip()
        self._clock.tick(self._fps)

    def close(self) -> None:
        """Take the window away."""
        pygame.display.quit()
