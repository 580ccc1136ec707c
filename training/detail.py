"""How much there is to see in a picture: fog and emptiness have little, and so has one texture everywhere."""

import numpy as np

BLOCK = 4  # pixels: finer detail is texture, not things to see


def detail(frames: np.ndarray) -> np.ndarray:
    """How far neighbouring blocks of a frame lie apart: uint8 [R, H, W, 3] -> [R], in grey levels."""
    rows, columns = (size // BLOCK for size in frames.shape[1:3])
    whole = frames[:, : rows * BLOCK, : columns * BLOCK].astype(np.float32)
    blocks = whole.reshape(len(frames), rows, BLOCK, columns, BLOCK, 3).mean((2, 4))
    down, across = (np.abs(np.diff(blocks, axis=axis)).mean((1, 2, 3)) for axis in (1, 2))
    return np.asarray((down + across) / 2)
