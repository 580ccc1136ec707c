"""A world's own colours, taken from the frames it may be entered from."""

import numpy as np

COLOURS = 25
STEP = 16
"""Colours nearer than this in each channel count as one."""
RAREST = 1e-4
"""The share of all pixels that a colour needs to count: a small creature in a few frames has it."""
LIGHT = np.array((0.299, 0.587, 0.114))


def palette_of(frames: np.ndarray, most: int = COLOURS) -> np.ndarray:
    """Return up to `most` colours, uint8 [C, 3], that stand apart from each other, dark to light.

    `frames` is uint8 [S, height, width, 3]. How often a colour occurs counts for little, how far it is from
    the others for much, so that what is small but bright has its place beside the sky and the ground.
    """
    pixels = frames.reshape(-1, 3)
    bins = (pixels // STEP).astype(np.int64)
    codes = (bins[:, 0] * 256 + bins[:, 1]) * 256 + bins[:, 2]
    _, place, counts = np.unique(codes, return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(place, pixels[:, c].astype(np.float64)) for c in range(3)], axis=1)
    common = counts >= max(1, RAREST * len(pixels))
    if not common.any():
        common = counts == counts.max()
    colours, weights = sums[common] / counts[common, None], np.sqrt(counts[common])
    chosen = [int(np.argmax(weights))]
    apart = _apart(colours, chosen[0])
    while len(chosen) < min(most, len(colours)):
        chosen.append(int(np.argmax(weights**0.2 * apart)))
        apart = np.minimum(apart, _apart(colours, chosen[-1]))
    found = colours[chosen]
    light = found @ LIGHT
    return np.rint(found[np.argsort(light)]).astype(np.uint8)


def _apart(colours: np.ndarray, index: int) -> np.ndarray:
    """Return how different each colour is from one of them; hue counts for more than light."""
    away = colours - colours[index]
    light = away @ LIGHT
    distances: np.ndarray = np.sqrt((0.5 * light) ** 2 + ((away - light[:, None]) ** 2).sum(axis=1))
    return distances
