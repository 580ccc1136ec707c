"""Any picture made to fit a world's frame."""

from __future__ import annotations

import itertools

import numpy as np

from genie.core.errors import ImageError


def fit_image(image: np.ndarray, frame_size: tuple[int, int]) -> np.ndarray:
    """Cut the middle out of a picture and average it to the frame's size.

    `image` is uint8 [any height, any width, 3], RGB; the result uint8 [height, width, 3] of `frame_size`. A
    picture of that size is returned as it is. Raises ImageError for anything else.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        found = (
            f"{image.dtype} {list(image.shape)}" if isinstance(image, np.ndarray) else type(image).__name__
        )
        raise ImageError(f"An image is an array uint8 [height, width, 3], not {found}.")
    if not image.size:
        raise ImageError(f"The image is empty: its size is {image.shape[1]}x{image.shape[0]}.")
    height, width = frame_size
    tall = min(image.shape[0], max(1, round(image.shape[1] * height / width)))
    wide = min(image.shape[1], max(1, round(image.shape[0] * width / height)))
    top, left = (image.shape[0] - tall) // 2, (image.shape[1] - wide) // 2
    cut = image[top : top + tall, left : left + wide]
    if (tall, wide) == (height, width):
        return cut.copy()
    return np.rint(_averaged(_averaged(cut, height).swapaxes(0, 1), width).swapaxes(0, 1)).astype(np.uint8)


def _averaged(rows: np.ndarray, count: int) -> np.ndarray:
    """Average the first axis down (or stretch it up) to `count` rows, each the mean of the span it covers."""
    edges = np.linspace(0, len(rows), count + 1)
    out = np.empty((count, *rows.shape[1:]), np.float32)
    for i, (start, end) in enumerate(itertools.pairwise(edges)):
        first, last = int(start), min(int(np.ceil(end)), len(rows))
        places = np.arange(first, last)
        covered = np.minimum(places + 1, end) - np.maximum(places, start)
        out[i] = np.tensordot((covered / covered.sum()).astype(np.float32), rows[first:last], axes=1)
    return out
