"""Random keys in place of the true ones, the same for every model."""

import numpy as np

from training.evaluate.real_clips import CONTEXT, RealClips

RANDOM_KEYS_SEED = 1


def random_keys(clips: RealClips, actions: int) -> np.ndarray:
    """The clips' actions int [C, 13], those after the context drawn from so many at random."""
    drawn = clips.actions.copy()
    future = drawn[:, CONTEXT - 1 :]
    drawn[:, CONTEXT - 1 :] = np.random.default_rng(RANDOM_KEYS_SEED).integers(actions, size=future.shape)
    return drawn
