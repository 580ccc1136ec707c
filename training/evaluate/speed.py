"""How long a player waits for a frame."""

import resource
import time
from typing import Any

import numpy as np

from genie.runtime.world import World
from training.evaluate.real_clips import RealClips

WARM_UP = 20


def score_speed(world: World, clips: RealClips, steps: int = 300) -> dict[str, Any]:
    """Milliseconds from key to frame, and the memory of this process (torch included, where it is loaded)."""
    session = world.start(prompt=clips.captions[0], image=clips.frames[0, 0], seed=0, expand=False)
    times = []
    for step in range(steps):
        begun = time.perf_counter()
        session.step(step // 10 % len(world.actions))
        times.append(1000 * (time.perf_counter() - begun))
    median, slowest = np.quantile(times[WARM_UP:], (0.5, 0.99))
    return {
        "median_ms": round(float(median), 2),
        "p99_ms": round(float(slowest), 2),
        "peak_mb_of_this_process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
