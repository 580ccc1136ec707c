"""Short moving pictures, such as a world's preview.gif, read whole into memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np

from genie.core.errors import ClipError

MOST_FRAMES = 600
USUAL_FPS = 15.0
LARGEST_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class MovingPicture:
    """Frames uint8 [T, height, width, 3], T at least 1, and how many a second are shown."""

    frames: np.ndarray
    fps: float

    def at(self, seconds: float) -> int:
        """Return the number of the frame shown at a time, over and over from the first."""
        return int(seconds * self.fps) % len(self.frames)


def read_moving_picture(path: Path, frame_size: tuple[int, int] | None = None) -> MovingPicture:
    """Read a GIF or a short clip; at most 600 frames of it.

    A picture that is `frame_size` (height, width) enlarged by a whole number is shrunk back to it. Raises
    ClipError, naming the file, for what cannot be read.
    """
    previous = av.logging.get_level()
    av.logging.set_level(av.logging.PANIC)  # a broken file is our one line, not FFmpeg's five
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ClipError(f"{path} is over {LARGEST_BYTES >> 20} MB: too large for a preview.")
        with av.open(str(path)) as container:
            frames, times = [], []
            for frame in container.decode(video=0):
                frames.append(_shrunk(frame.to_ndarray(format="rgb24"), frame_size))
                times.append(frame.time or 0.0)
                if len(frames) == MOST_FRAMES:
                    break
    except (OSError, ValueError, IndexError, av.error.FFmpegError):
        raise ClipError(f"{path} is not a moving picture that can be read.") from None
    finally:
        av.logging.set_level(previous)
    if not frames or any(frame.shape != frames[0].shape for frame in frames):
        raise ClipError(f"{path} is not a moving picture that can be read.")
    # Not the container's own rate, which leaves out how long the last frame is shown.
    span = times[-1] - times[0]
    return MovingPicture(np.stack(frames), (len(frames) - 1) / span if span > 0 else USUAL_FPS)


def _shrunk(frame: np.ndarray, frame_size: tuple[int, int] | None) -> np.ndarray:
    if frame_size is None:
        return frame
    times = frame.shape[0] // frame_size[0]
    if times < 1 or frame.shape[:2] != (frame_size[0] * times, frame_size[1] * times):
        return frame
    return np.ascontiguousarray(frame[times // 2 :: times, times // 2 :: times])
