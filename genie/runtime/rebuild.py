"""Coming to any frame of a long line without playing it all again, bit for bit.

A step reads the cache of the last W frames only, and what a layer writes there it computes from the layers
below. So of a state L x W frames ago (L layers), nothing is left but the frames themselves: started from
there with an empty cache and led through the tokens that are known, a session ends in the very state that it
had. Every bundle must keep to that; tests hold each shipped one to it.
"""

from __future__ import annotations

import numpy as np

from genie.runtime.engine import Engine
from genie.runtime.keyframes import Keyframe
from genie.runtime.log import Log
from genie.runtime.packing import unpack
from genie.runtime.stepper import State


def memory(engine: Engine) -> int:
    """Return how many steps it takes until nothing is left of a cache."""
    window, layers, *_ = engine.cache_shape
    return layers * window


def rebuild_start(engine: Engine, log: Log, index: int) -> Keyframe | None:
    """Return where to start from to come to frame `index`, or the last one known, with a true cache.

    Its own cache is empty, so frames before that are not to be trusted unless their tokens lead. None where
    the line is not long enough, or too little is known of it.
    """
    start = min(index, len(log.tokens)) - memory(engine)
    history = engine.manifest.history
    if start < history:
        return None
    digits = [digits_of(engine, log.tokens[frame - 1]) for frame in range(start - history + 1, start + 1)]
    frames = np.stack([engine.decode(tokens) for tokens in digits])[None]
    return Keyframe(index=start, state=State(tokens=digits[-1], frames=frames, cache=None))


def digits_of(engine: Engine, packed: bytes) -> np.ndarray:
    """Return packed tokens as int64 [1, N, D]."""
    return unpack(packed, (1, *engine.manifest.token_shape), engine.manifest.levels)
