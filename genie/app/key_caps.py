"""A world's keys drawn as the caps of a keyboard, those held lit."""

from collections.abc import Collection, Mapping

import pygame

from genie.app.canvas import Canvas

KEY = 22
GAP = 3
CLUSTER = {"up": (1, 0), "left": (0, 1), "down": (1, 1), "right": (2, 1)}


def draw_key_caps(
    canvas: Canvas,
    names: Collection[str],
    lit: Collection[str],
    corner: tuple[int, int],
    labels: Mapping[str, str] | None = None,
) -> None:
    """Draw the caps so that `corner`, in pixels, is their lower left one; arrows stand as on a keyboard.

    `labels` are what is written on caps, by name, where that is not the name itself; where a word is written
    in place of an arrow, those caps stand one above the other.
    """
    written = {name: (labels or {}).get(name, name) for name in names}
    arrows = [name for name in names if name in CLUSTER]
    is_worded = any(len(written[name]) > 1 and written[name] not in CLUSTER for name in arrows)
    spots = (_stacked if is_worded else _clustered)(canvas, {name: written[name] for name in arrows})
    gap = canvas.px(GAP)
    left = max((spot.right + 2 * gap for spot in spots.values()), default=0)
    for name in names:
        if name not in CLUSTER:
            width, height = canvas.key_size(written[name], KEY)
            spots[name] = pygame.Rect(left, -height, width, height)
            left += width + gap
    for name, spot in spots.items():
        canvas.key(written[name], spot.move(corner), name in lit)


def _clustered(canvas: Canvas, written: Mapping[str, str]) -> dict[str, pygame.Rect]:
    """Where arrow keys are, from the lower left corner, as on a keyboard."""
    key, gap = canvas.px(KEY), canvas.px(GAP)
    top = -2 * key - gap
    return {
        name: pygame.Rect(column * (key + gap), top + row * (key + gap), key, key)
        for name, (column, row) in CLUSTER.items()
        if name in written
    }


def _stacked(canvas: Canvas, written: Mapping[str, str]) -> dict[str, pygame.Rect]:
    """Where keys of any width are, from the lower left corner, one above the other."""
    spots: dict[str, pygame.Rect] = {}
    bottom = 0
    for name, label in reversed(list(written.items())):
        width, height = canvas.key_size(label, KEY)
        spots[name] = pygame.Rect(0, bottom - height, width, height)
        bottom -= height + canvas.px(GAP)
    return spots
