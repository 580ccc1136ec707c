"""What moves over a clip, measured in its pixels: the view's own motion, and whether there is any."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

STILL = 0.004  # mean change of grey a frame, of 1, under which a clip counts as standing still
MOVED = 0.15  # of the frame's side: how far the view must go for it to count
SIDE = 128  # pixels: more tell nothing more of how the view moves
AT_ONCE = 1 << 22  # numbers of a clip that are looked at together
WINDOW = 0.7  # of a frame: how far one frame's shift may reach and still be believed
_WAY = "(?:right|left|up|down)"
_SAID = re.compile(
    rf"(?:(?:^|;)\s*(?:nothing moves|the view stays|the view moves {_WAY}(?: and {_WAY})?)[\s.]*)+$"
)


def view_shifts(frames: np.ndarray) -> np.ndarray:
    """How far the view moves from each frame to the next: float [T - 1, 2], right and up, in frame sides.

    frames uint8 [T, H, W, 3]. By phase correlation (Kuglin and Hines, 1975) of the frames, shrunk where they
    are large; a cut or a blank is no motion.
    """
    return np.concatenate([np.zeros((0, 2)), *(_shifts(_grey(part)) for part in _overlapping(frames))])


def _overlapping(frames: np.ndarray) -> Iterator[np.ndarray]:
    """A clip in parts that take little memory; each begins with the last frame of the one before."""
    count = max(1, AT_ONCE // frames[0].size)
    for start in range(0, len(frames) - 1, count):
        yield frames[start : start + count + 1]


def _grey(frames: np.ndarray) -> np.ndarray:
    """Grey frames float [T, h, w] of which no side is longer than SIDE: means of squares of pixels."""
    height, width = frames.shape[1:3]
    times = -(-max(height, width) // SIDE)
    if times == 1:
        return np.asarray(frames.mean(-1))
    h, w = max(1, height // times), max(1, width // times)
    cut = frames[:, : h * times, : w * times]
    return np.asarray(cut.reshape(len(frames), h, -1, w, cut.shape[2] // w, 3).mean((2, 4, 5)))


def _shifts(grey: np.ndarray) -> np.ndarray:
    grey = grey - grey.mean((1, 2), keepdims=True)
    height, width = grey.shape[1:]
    taper = np.outer(np.hanning(height), np.hanning(width))
    waves = np.fft.rfft2(grey * taper)
    cross = waves[1:] * waves[:-1].conj()
    peaks = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9), s=(height, width))
    best = peaks.reshape(len(peaks), -1).argmax(1)
    down, right = np.unravel_index(best, (height, width))
    # What was at x is now at x + shift: the view itself went the other way.
    x = -((right + width // 2) % width - width // 2) / width
    y = ((down + height // 2) % height - height // 2) / height
    shifts = np.stack([x, y], 1)
    flat = peaks.reshape(len(peaks), -1).max(1) < 5 / np.sqrt(height * width)
    shifts[flat | (np.abs(shifts).max(1) > WINDOW / 2)] = 0
    return shifts


def motion_phrase(frames: np.ndarray, shifts: np.ndarray) -> str:
    """What the view does over some frames, in words; "" where it cannot be said."""
    if len(frames) < 2:
        return ""
    changes = [np.abs(np.diff(part.astype(np.int16), axis=0)).sum() for part in _overlapping(frames)]
    if sum(changes) / frames[1:].size / 255 < STILL:
        return "nothing moves"
    right, up = shifts.sum(0)
    ways = [word for amount, word in ((right, "right"), (-right, "left")) if amount > MOVED]
    ways += [word for amount, word in ((up, "up"), (-up, "down")) if amount > MOVED]
    return f"the view moves {' and '.join(ways)}" if ways else "the view stays"


def without_motion(text: str) -> str:
    """A caption without what `motion_phrase` says at its end: who learned such captions says it too."""
    return _SAID.sub("", text)


def segments(shifts: np.ndarray, frames: int, shortest: int) -> list[tuple[int, int]]:
    """Cut a clip of so many frames where its motion changes: [start, end) that cover it without gaps.

    Each is `shortest` frames long or longer, unless the clip itself is shorter.
    """
    cuts = [0]
    for t in range(shortest, frames - shortest + 1):
        if t - cuts[-1] < shortest:
            continue
        before, after = _way(shifts[t - shortest : t]), _way(shifts[t : t + shortest])
        if before != after:
            cuts.append(t)
    return list(zip(cuts, [*cuts[1:], frames], strict=True))


def _way(shifts: Sequence[np.ndarray] | np.ndarray) -> tuple[int, int]:
    total = np.sum(shifts, axis=0)
    return int(np.sign(total[0]) * (abs(total[0]) > MOVED)), int(np.sign(total[1]) * (abs(total[1]) > MOVED))
