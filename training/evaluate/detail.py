"""How much there is to see in a picture: fog and emptiness have little."""

import numpy as np


def detail(frames: np.ndarray) -> np.ndarray:
    """How far pixels lie from the mean of the 3x3 around them: uint8 [R, H, W, 3] -> [R], in grey levels."""
    grey = frames.astype(np.float32).mean(-1)
    height, width = grey.shape[1:]
    padded = np.pad(grey, ((0, 0), (1, 1), (1, 1)), mode="edge")
    around = sum(padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3)) / 9
    return np.abs(grey - around).mean((1, 2))
