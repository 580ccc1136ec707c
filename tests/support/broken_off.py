"""A training that is stopped half-way and started again, beside one that nothing stopped."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from training.interruption import Interrupted
from training.loop import Trainer
from training.loop_config import LoopConfig
from training.stage import Stage

CPU = torch.device("cpu")
Maker = Callable[[Path], Stage[Any]]  # a run folder to a stage, as every start of a training makes it


class Stopped:
    """A stage's loss during which its own process is asked to stop."""

    def __init__(self, stage: Stage[Any], after: int) -> None:
        self.real, self.after = stage.loss, after

    def __call__(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        if step == self.after - 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return self.real(step)


def begun(make: Maker, config: LoopConfig, run: Path, seed: int = 0) -> Trainer:
    """The training of a run folder's stage, begun or gone on with; new weights are the seed's."""
    torch.manual_seed(seed)
    stage = make(run)
    return Trainer(stage, config, run / stage.name, CPU)


def ends_alike(make: Maker, config: LoopConfig, stop: int, folder: Path) -> None:
    """Assert that stopping after `stop` steps, and going on, changes no weight and no figure."""
    unbroken = begun(make, config, folder / "unbroken")
    unbroken.run()

    stopped = begun(make, config, folder / "broken")
    stopped.stage.loss = Stopped(stopped.stage, stop)  # type: ignore[method-assign]
    stopped.loss = stopped.stage.loss
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Interrupted, match=f"saved at step {stop}"):
        stopped.run()
    assert signal.getsignal(signal.SIGTERM) == handler, "signals are handed back"
    resumed = begun(make, config, folder / "broken", seed=99)  # what weights it is made with does not matter
    assert resumed.step == stop
    resumed.run()

    ours, theirs = resumed.stage.model.state_dict(), unbroken.stage.model.state_dict()
    assert {name for name in ours if not torch.equal(ours[name], theirs[name])} == set()
    assert all(torch.equal(resumed.average[name], unbroken.average[name]) for name in ours)
    figures = [_figures(trainer.metrics) for trainer in (resumed, unbroken)]
    assert figures[0] == figures[1] and len(figures[0]) == config.steps


def _figures(metrics: Path) -> list[str]:
    """The lines of a training's figures, without how long it took."""
    return [line.split(', "waiting"')[0] for line in metrics.read_text(encoding="utf-8").splitlines()]
