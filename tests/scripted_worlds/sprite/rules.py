"""The whole physics of the sprite world, and how to find the sprite in a picture of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SIZE, SIDE, STEP = 32, 8, 2
FARTHEST = SIZE - SIDE
MOVES = {"noop": (0, 0), "left": (-STEP, 0), "right": (STEP, 0), "up": (0, -STEP), "down": (0, STEP)}
SPRITES = {"red": (230, 40, 40), "green": (40, 210, 60), "yellow": (240, 220, 40), "white": (245, 245, 245)}
BACKGROUNDS = {"black": (10, 10, 10), "blue": (20, 40, 150), "brown": (110, 70, 30)}


class Place(NamedTuple):
    """The sprite's upper left corner in pixels, from the picture's upper left corner: 0..24 each."""

    x: int
    y: int

    def moved(self, action: str) -> Place:
        """Where the action takes it in one frame; borders stop it."""
        dx, dy = MOVES[action]
        return Place(min(max(self.x + dx, 0), FARTHEST), min(max(self.y + dy, 0), FARTHEST))


def draw(place: Place, sprite: str, background: str) -> np.ndarray:
    """uint8 [32, 32, 3]."""
    frame = np.empty((SIZE, SIZE, 3), np.uint8)
    frame[:] = BACKGROUNDS[background]
    frame[place.y : place.y + SIDE, place.x : place.x + SIDE] = SPRITES[sprite]
    return frame


def find_sprite(frame: np.ndarray, sprite: str, background: str) -> Place:
    """The place where drawing the sprite comes nearest to `frame` (it may be blurred or noisy)."""
    far = ((frame.astype(float) - BACKGROUNDS[background]) ** 2).sum(-1)
    near = ((frame.astype(float) - SPRITES[sprite]) ** 2).sum(-1)
    gain = np.pad((far - near).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    sums = gain[SIDE:, SIDE:] - gain[:-SIDE, SIDE:] - gain[SIDE:, :-SIDE] + gain[:-SIDE, :-SIDE]
    y, x = np.unravel_index(int(np.argmax(sums)), sums.shape)
    return Place(int(x), int(y))
