"""Single pictures as PNG, without another imaging library."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

from genie.core.errors import ClipError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UP = 2
"""The filter that stores each row as its difference from the one above: enlarged rows become zeros."""


def png_bytes(frame: np.ndarray) -> bytes:
    """uint8 [height, width, 3] as the bytes of a PNG file."""
    height, width = frame.shape[:2]
    rows = np.empty((height, 1 + 3 * width), np.uint8)
    rows[:, 0] = _UP
    flat = frame.reshape(height, 3 * width)
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def read_png(path: Path) -> np.ndarray:
    """The picture as uint8 [height, width, 3]; raises ClipError where it is none."""
    import av  # only a session that has pictures needs it
    import av.error

    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            return frame.to_ndarray(format="rgb24")
    except (OSError, av.error.FFmpegError, StopIteration, IndexError, ValueError):
        raise ClipError(f"{path} is not a picture that can be read.") from None


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
