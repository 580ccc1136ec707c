"""A world's keys drawn as the caps of a keyboard, those held lit."""

from collections.abc import Collection

import pygame

from genie.app.canvas import Canvas

KEY = 22
GAP = 3
CLUSTER = {"up": (1, 0), "left": (0, 1), "down": (1, 1), "right": (2, 1)}


def draw_key_caps(
    canvas: Canvas, names: Collection[str], lit: Collection[str], corner: tuple[int, int]
) -> None:
    """Draw the caps so that `corner`, in pixels, is their lower left one; arrows stand as on a keyboard."""
    key, gap = canvas.px(KEY), canvas.px(GAP)
    left, bottom = corner
    if any(name in CLUSTER for name in names):
        top = bottom - 2 * key - gap
        for name, (column, row) in CLUSTER.items():
            if name in names:
                where = pygame.Rect(left + column * (key + gap), top + row * (key + gap), key, key)
                canvas.key(name, where, name in lit)
        left += 3 * (key + gap) + gap
    for name in names:
        if name not in CLUSTER:
            width, height = canvas.key_size(name, KEY)
            canvas.key(name, pygame.Rect(left, bottom - height, width, height), name in lit)
            left += width + gap
