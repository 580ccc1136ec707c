"""The one visual style: colours and sizes."""

Color = tuple[int, int, int]

BACKGROUND: Color = (14, 16, 22)
PANEL = (20, 23, 31, 225)
BOX = (*PANEL[:3], 250)
"""A panel with text of its own: what is behind it must not be read through it."""
SHADE = (8, 9, 13, 150)
"""Laid over the picture while something in front of it has the keyboard."""
LINE: Color = (52, 58, 74)
TEXT: Color = (236, 238, 245)
DIM: Color = (150, 158, 178)
ACCENT: Color = (255, 196, 87)
ON_ACCENT: Color = (38, 28, 8)
GOOD: Color = (122, 214, 146)
ERROR: Color = (255, 120, 112)
FIELD: Color = (10, 12, 17)
SELECTION: Color = (64, 74, 104)

RAISED: Color = (34, 38, 50)
"""Key caps and buttons."""
HOVER: Color = (46, 52, 68)

SMALL, NORMAL, LARGE, TITLE = 12, 14, 18, 26
"""Text heights at 640 x 480; larger windows enlarge them."""

LARGEST_UNIT = 5.0


def unit(size: tuple[int, int]) -> float:
    """Return how much larger than at 640 x 480 things are drawn in a window of (width, height).

    That holds for windows that are large because the screen's points are small, too: text keeps its share.
    """
    return min(LARGEST_UNIT, max(0.6, min(size[0] / 640, size[1] / 480) ** 0.75))
