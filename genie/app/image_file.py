"""A picture from disk as a start frame."""

from pathlib import Path

import numpy as np

from genie.core.errors import ImageError

LARGEST_BYTES = 64 * 2**20


def read_image(path: Path, height: int, width: int) -> np.ndarray:
    """Return the picture in `path`, its middle cut to the frame's shape, as uint8 [height, width, 3] RGB.

    Raises ImageError for a file that is missing, too large, or not a picture.
    """
    try:
        size = path.stat().st_size
    except OSError:
        raise ImageError(f"There is no image at {path}: check the path.") from None
    if path.is_dir() or size > LARGEST_BYTES:
        raise ImageError(f"{path} is not an image of at most 64 MB: give a PNG or JPEG file.")
    return _fit(_decode(path), height, width)


def _decode(path: Path) -> np.ndarray:
    import av  # only --image needs it before playing

    previous = av.logging.get_level()
    av.logging.set_level(av.logging.PANIC)  # a broken file is our one line, not FFmpeg's five
    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            return frame.to_ndarray(format="rgb24")
    except (av.FFmpegError, StopIteration, IndexError, ValueError, OSError):
        raise ImageError(f"{path} is not an image that can be read: give a PNG or JPEG file.") from None
    finally:
        av.logging.set_level(previous)


def _fit(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cut the middle to the frame's aspect and average it down (or repeat it up) to the frame's size."""
    tall, wide = picture.shape[:2]
    cut_h = min(tall, max(1, round(wide * height / width)))
    cut_w = min(wide, max(1, round(tall * width / height)))
    top, left = (tall - cut_h) // 2, (wide - cut_w) // 2
    picture = picture[top : top + cut_h, left : left + cut_w]
    return _resample(_resample(picture, height, 0), width, 1)


def _resample(picture: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Average the picture over `size` equal spans of one axis (each holding at least one pixel)."""
    edges = np.arange(size + 1) * picture.shape[axis] // size
    first = edges[:-1]
    last = np.maximum(edges[1:], first + 1)
    sums = np.concatenate([np.zeros_like(picture.take([0], axis), np.int64), picture.cumsum(axis, np.int64)], axis)
    shape = [1, 1, 1]
    shape[axis] = size
    count = (last - first).reshape(shape)
    return ((sums.take(last, axis) - sums.take(first, axis) + count // 2) // count).astype(np.uint8)
