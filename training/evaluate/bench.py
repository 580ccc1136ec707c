"""How fast a world is on this machine: what `python -m training bench` tells, all in one run."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import torch

from genie.runtime.devices import default_threads
from genie.runtime.world import World
from genie.worlds import find_bundle
from training.evaluate.crowd import score_crowd
from training.evaluate.eager_step import eager_step
from training.evaluate.machine import machine, versions
from training.evaluate.speed import time_session
from training.progress import Progress

ROUNDS, OURS, EAGER = 8, 20, 5  # the two steps take turns, so that what else the machine does befalls both


@dataclass(frozen=True, kw_only=True)
class BenchConfig:
    """world: an id or a bundle's folder; device: auto, cpu or cuda; frames: of the session that is timed;
    sessions: played together on one engine; steps: of each of them."""

    world: str
    device: str = "auto"
    frames: int = 10_050
    sessions: int = 16
    steps: int = 30

    def __post_init__(self) -> None:
        if self.frames < 150 or self.sessions < 1 or self.steps < 1:
            raise ValueError(
                "a bench takes at least 150 frames, 1 session and 1 step, "
                f"not {self.frames}, {self.sessions} and {self.steps}"
            )


def bench(config: BenchConfig) -> dict[str, Any]:
    """Time a bundle: one session alone, against PyTorch, and many sessions together."""
    bundle = find_bundle(config.world)
    world = World.open(bundle, config.device)
    on_cpu = world.device == "cpu"
    crowd = World.open(bundle, "cpu", threads=1) if on_cpu else world
    return {
        "world": world.id,
        "bundle": world.manifest.digest,
        "machine": machine(world.device),
        "versions": versions(),
        "step": time_session(world, lambda: world.start(seed=0), frames=config.frames),
        "eager": against_eager(world),
        "crowd": score_crowd(crowd, sessions=config.sessions, steps=config.steps),
    }


def against_eager(world: World) -> dict[str, Any]:
    """The median step of the world, and of the same models in eager PyTorch, in turns."""
    session, eager = world.start(seed=0), eager_step(world.engine.folder, world.device)
    threads = torch.get_num_threads()
    torch.set_num_threads(default_threads())
    ours: list[float] = []
    theirs: list[float] = []
    try:
        with Progress("steps in turns with PyTorch", ROUNDS) as progress:
            for _ in range(ROUNDS):
                for times, step, count in ((ours, session.step, OURS), (theirs, eager, EAGER)):
                    step(0)  # the caches are the other's
                    for number in range(count):
                        begun = perf_counter()
                        step(number % len(world.actions))
                        times.append(1000 * (perf_counter() - begun))
                progress.advance()
    finally:
        torch.set_num_threads(threads)
    return {
        "median_ms": round(median(ours), 3),
        "eager_median_ms": round(median(theirs), 3),
        "times_faster": round(median(theirs) / median(ours), 2),
    }


def table(told: dict[str, Any]) -> str:
    """The figures as lines to read."""
    step, eager, crowd = told["step"], told["eager"], told["crowd"]
    rows = {
        "one session, frames a second": step["frames_per_second"],
        "  median, ms": step["median_ms"],
        "  p99, ms": step["p99_ms"],
        "  p99 over median": step["p99_over_median"],
        "  the same of matrix products alone": step["machine_p99_over_median"],
        "  tokens a second": step["tokens_per_second"],
        "  frame 10,000 over frame 100": step.get("old_over_young", {}).get("mean"),
        "first frame after the process starts, s": step["first_frame_s"],
        "memory of that process at most, MB": step["peak_mb"],
        "matrix multiplication at its best, GFLOP/s": step["peak_gflops"],
        "  share of that reached in the step": step["share_of_peak"],
        "the same step in eager PyTorch, ms": eager["eager_median_ms"],
        "  times slower than ours": eager["times_faster"],
        f"{crowd['sessions']} sessions, frames a second in all": crowd["frames_per_second_in_all"],
    }
    device = told["machine"].get("gpu") or told["machine"]["processor"]
    lines = [f"{told['world']} on {step['device']} ({device}), {step['frames']:,} frames"]
    lines += [f"{name:44}{'-' if value is None else value}" for name, value in rows.items()]
    return "\n".join(lines)
