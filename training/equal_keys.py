"""Keys that do the same from a moment count as one: a jump in mid-air is no other key than none."""

import numpy as np

SAME = 0.25  # grey levels of mean difference up to which two futures count as one


def equal_keys(futures: np.ndarray) -> np.ndarray:
    """bool [M, A, A]: which keys' true futures, uint8 [M, A, F, H, W, 3], are the same at each moment."""
    same = np.empty((*futures.shape[:2], futures.shape[1]), bool)
    for moment, futures_A in enumerate(futures.astype(np.int16)):
        for key, future in enumerate(futures_A):
            same[moment, key] = np.abs(futures_A - future).mean((1, 2, 3, 4)) <= SAME
    return same


def guess(same: np.ndarray) -> float:
    """How often a guess among the different futures of each moment is right; same from `equal_keys`."""
    kinds = (1 / same.sum(-1)).sum(-1)  # every group of equals counts once
    return float((1 / kinds).mean())
