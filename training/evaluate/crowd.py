"""Many sessions on one engine: how many frames they get in all."""

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from genie.runtime.session import Session
from genie.runtime.world import World
from training.workers import cores

WARM_UP = 3  # steps of each session
ON_GPU = 4  # threads that keep one GPU busy


def score_crowd(world: World, *, sessions: int, steps: int) -> dict[str, Any]:
    """Frames a second of so many sessions together, each stepped so often, as many at a time as pay.

    They share one engine and go through its graphs one by one. On a CPU the world is best opened with one
    thread a graph.
    """
    playing = [world.start(seed=seed) for seed in range(sessions)]
    workers = min(sessions, cores() if world.device == "cpu" else ON_GPU)
    with ThreadPoolExecutor(workers) as pool:

        def play(count: int) -> float:
            begun = perf_counter()
            list(pool.map(lambda session: _play(session, count), playing))
            return perf_counter() - begun

        play(WARM_UP)
        seconds = play(steps)
    return {
        "sessions": sessions,
        "workers": workers,
        "frames_per_second_in_all": round(sessions * steps / seconds, 1),
    }


def _play(session: Session, steps: int) -> None:
    for step in range(steps):
        session.step(step // 10 % len(session.world.actions))
