"""Which clips and moments are shown: by rule, never by eye."""

import numpy as np

from training.evaluate.likeness import psnr


def by_rule(scores: np.ndarray) -> dict[str, int]:
    """The best, median and worst of scores [C], by index: of equals the first, of two middles the lower."""
    order = np.argsort(scores, kind="stable")
    return {
        "Best": int(scores.argmax()),
        "Median": int(order[(len(order) - 1) // 2]),
        "Worst": int(order[0]),
    }


def telling_moment(futures: np.ndarray, imagined: np.ndarray) -> int:
    """Of the half of the moments at which the two most alike keys differ most, the median by PSNR.

    futures and imagined: uint8 [M, A, F, H, W, 3], the true ones and the world's.
    """
    ends = futures[:, :, -1].astype(np.float32)
    keys = ends.shape[1]
    apart = np.stack([np.abs(ends - ends[:, key, None]).mean((2, 3, 4)) for key in range(keys)], 1)
    apart[:, np.arange(keys), np.arange(keys)] = np.inf
    least = apart.min((1, 2))
    telling = np.flatnonzero(least >= np.median(least))
    quality = psnr(imagined[telling], futures[telling]).mean((1, 2))
    return int(telling[by_rule(quality)["Median"]])
