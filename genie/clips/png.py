"""Single pictures as PNG, without another imaging library."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np

from genie.core.errors import ClipError


def png_bytes(frame: np.ndarray) -> bytes:
    """uint8 [height, width, 3] as the bytes of a PNG file."""
    codec = av.CodecContext.create("png", "w")
    codec.height, codec.width = frame.shape[:2]
    codec.pix_fmt, codec.time_base = "rgb24", Fraction(1)
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
    return b"".join(bytes(packet) for packet in [*codec.encode(picture), *codec.encode(None)])


def read_png(path: Path) -> np.ndarray:
    """The picture as uint8 [height, width, 3]; raises ClipError where it is none."""
    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            return frame.to_ndarray(format="rgb24")
    except (OSError, av.error.FFmpegError, StopIteration, IndexError, ValueError):
        raise ClipError(f"{path} is not a picture that can be read.") from None
