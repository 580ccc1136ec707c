"""How fast each stage trains on this machine, beside the most that the machine can multiply."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from genie.core.errors import ClipError
from genie.worlds import WorldSpec
from training.loop import Trainer
from training.progress import Progress
from training.train import TrainConfig, build_stage

STAGES = ("tokenizer", "latent-action", "text", "dynamics", "judge", "attributes", "captioner")
ALONE = ("judge", "attributes", "captioner")  # need no other stage, and keep what they make where they are
WARM_UP = 3
SIDES = {"cpu": 1024, "cuda": 8192}  # of the matrices that tell the peak
TRIES = 5


def score_training(config: TrainConfig, world: WorldSpec, steps: int) -> dict[str, dict[str, Any]]:
    """What each stage of a run makes of so many steps at its preset's sizes; nothing in the run is changed.

    frames_per_second counts the frames learned from. share_of_peak is the multiplications of
    one step, forward and backward and in the optimiser, over what one large product in bfloat16 reaches on
    the same device in the same run; waiting the share of the time without data. A stage that the clips do not
    allow says left_out, and why. Raises CheckpointError where the run lacks a stage that a later one needs.
    """
    told = {}
    for stage in STAGES:
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) if stage in ALONE else config.run
            try:
                told[stage] = _score(
                    dataclasses.replace(config, stage=stage, run=run), world, steps, Path(folder)
                )
            except ClipError as error:
                told[stage] = {"left_out": str(error)}
    return told


def _score(config: TrainConfig, world: WorldSpec, steps: int, folder: Path) -> dict[str, Any]:
    stage, loop, device = build_stage(config, world)
    trainer = Trainer(stage, loop, folder, device)
    trainer.step = loop.steps // 2  # some of what a stage does begins when it has learned something
    with Progress(f"{config.stage}, steps", steps) as progress:
        for _ in range(WARM_UP):
            trainer.one_step()
        with FlopCounterMode(display=False) as counter:
            trainer.one_step()
        _end(device)
        waited, begun = stage.waited(), perf_counter()
        for _ in range(steps):
            trainer.one_step()
            progress.advance()
        _end(device)
        seconds = perf_counter() - begun
    stage.close()
    work = counter.get_total_flops()
    return {
        "batch": loop.batch,
        "ms_a_step": round(1000 * seconds / steps, 2),
        "frames_per_second": round(loop.batch * stage.length * steps / seconds, 1),
        "gflop_a_step": round(work / 1e9, 3),
        "share_of_peak": round(work * steps / seconds / peak_in_training(device), 4),
        "waiting": round((stage.waited() - waited) / seconds, 4),
    }


def peak_in_training(device: torch.device) -> float:
    """Floating-point operations a second of a large product in bfloat16, the best of a few tries."""
    side = SIDES[device.type]
    matrix = torch.full((side, side), 1 / side, dtype=torch.bfloat16, device=device)
    times = []
    for _ in range(TRIES + 1):
        _end(device)
        begun = perf_counter()
        torch.mm(matrix, matrix)
        _end(device)
        times.append(perf_counter() - begun)
    return 2 * side**3 / min(times)


def table(told: dict[str, dict[str, Any]]) -> str:
    """The figures as lines to read."""
    lines = [f"{'stage':16}{'batch':>6}{'ms a step':>11}{'frames/s':>11}{'of peak':>9}{'waiting':>9}"]
    for stage, figures in told.items():
        if "left_out" in figures:
            lines.append(f"{stage:16}left out: {figures['left_out']}")
            continue
        speed = f"{figures['ms_a_step']:11.1f}{figures['frames_per_second']:11,.0f}"
        shares = f"{figures['share_of_peak']:9.1%}{figures['waiting']:9.1%}"
        lines.append(f"{stage:16}{figures['batch']:6}{speed}{shares}")
    return "\n".join(lines)


def _end(device: torch.device) -> None:
    """Wait until all that was asked of a device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
