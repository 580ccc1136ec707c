"""A picture from disk as a start frame."""

from pathlib import Path

import numpy as np

from genie.app.late import import_runtime
from genie.core.errors import ImageError

LARGEST_BYTES = 64 * 2**20


def read_image(path: Path, frame_size: tuple[int, int]) -> np.ndarray:
    """Return the picture in `path`, cut and scaled to `frame_size`, as uint8 [height, width, 3] RGB.

    Raises ImageError for a file that is missing, too large, or not a picture.
    """
    try:
        size = path.stat().st_size
    except (OSError, ValueError):  # ValueError: a NUL in the path
        raise ImageError(f"There is no image at {path}: check the path.") from None
    if path.is_dir() or size > LARGEST_BYTES:
        raise ImageError(f"{path} is not an image of at most 64 MB: give a PNG or JPEG file.")
    import_runtime()
    from genie.runtime.image import fit_image

    return fit_image(_decode(path), frame_size)


def _decode(path: Path) -> np.ndarray:
    import av  # only --image needs it before playing

    from genie.clips.video import upright

    previous = av.logging.get_level()
    av.logging.set_level(av.logging.PANIC)  # a broken file is our one line, not FFmpeg's five
    try:
        with av.open(str(path)) as container:
            picture = next(container.decode(video=0))
            return upright(picture.to_ndarray(format="rgb24"), picture.rotation)
    except (av.FFmpegError, StopIteration, IndexError, ValueError, OSError):
        raise ImageError(f"{path} is not an image that can be read: give a PNG or JPEG file.") from None
    finally:
        av.logging.set_level(previous)
