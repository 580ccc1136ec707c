"""A field of motion as arrows, inline SVG."""

import numpy as np
from markupsafe import Markup

ARROWS = 8  # along the longer side
STILL = 0.25  # pixels; what moves less everywhere is drawn as still as it is


def motion_picture(field: np.ndarray, *, shown: tuple[int, int], alt: str) -> Markup:
    """Where the picture goes: field float [2, h, w], x then y in pixels of a frame.

    Drawn `shown` (height, width) large; the longest arrow nearly reaches the next one, unless all is still.
    """
    _, rows, columns = field.shape
    step = max(1, max(rows, columns) // ARROWS)
    blocks = field[:, : rows // step * step, : columns // step * step]
    mean = blocks.reshape(2, rows // step, step, columns // step, step).mean((2, 4))
    height, width = shown
    cells = (width / mean.shape[2], height / mean.shape[1])
    longest = max(float(np.hypot(*mean).max()), STILL)
    scale = 0.9 * min(cells) / longest
    parts = []
    for row, column in np.ndindex(mean.shape[1:]):
        x, y = (column + 0.5) * cells[0], (row + 0.5) * cells[1]
        dx, dy = (float(part) * scale for part in mean[:, row, column])
        parts.append(_arrow(x, y, dx, dy))
    return Markup(
        '<svg class="motion" style="--wide:{}px" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<rect width="{}" height="{}"/>{}</svg>'
    ).format(width, width, height, alt, width, height, Markup("".join(parts)))


def _arrow(x: float, y: float, dx: float, dy: float) -> str:
    if np.hypot(dx, dy) < 1:
        return f'<circle class="still" cx="{x:.1f}" cy="{y:.1f}" r="1.2"/>'
    x1, y1, x2, y2 = x - dx / 2, y - dy / 2, x + dx / 2, y + dy / 2
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}{_head(x2, y2, dx, dy)}"/>'


def _head(x: float, y: float, dx: float, dy: float) -> str:
    length = float(np.hypot(dx, dy))
    size = min(5.0, 0.5 * length)
    ux, uy = dx / length, dy / length
    left = (x - size * ux + 0.6 * size * uy, y - size * uy - 0.6 * size * ux)
    right = (x - size * ux - 0.6 * size * uy, y - size * uy + 0.6 * size * ux)
    return f"M{left[0]:.1f} {left[1]:.1f}L{x:.1f} {y:.1f}L{right[0]:.1f} {right[1]:.1f}"
