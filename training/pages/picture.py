"""Frames laid side by side as one PNG inside the page."""

import base64

import numpy as np
from markupsafe import Markup

from genie.clips.png import png_bytes

TALL = 128  # pixels on the page that a frame is enlarged to, or nearly: only whole factors keep pixels square


def enlarged(height: int) -> int:
    """By what whole factor a frame of so many pixels is shown."""
    return max(1, round(TALL / height))


def film(frames: np.ndarray, *, alt: str) -> Markup:
    """Frames uint8 [T, H, W, 3] in a row."""
    count, height, width = frames.shape[:3]
    scale = enlarged(height)
    picture = base64.b64encode(png_bytes(np.concatenate(list(frames), axis=1))).decode("ascii")
    return Markup(
        '<div class="film" style="--n:{};--wide:{}px;--high:{}px">'
        '<img alt="{}" src="data:image/png;base64,{}"></div>'
    ).format(count, width * scale, height * scale, alt, picture)


def difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How far two pictures differ, twice as bright as it is, uint8 of their shape."""
    apart = np.abs(a.astype(np.int16) - b) * 2
    return apart.clip(0, 255).astype(np.uint8)
