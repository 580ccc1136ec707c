"""From a bundle back to a run folder: a world is trained on, or exported again, wherever it is."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from genie.core.errors import BundleError, UsageError, suggest
from genie.core.manifest import read_manifest
from genie.core.phrases import PHRASES
from training import checkpoint
from training.levels import data_behind, keep_began_with
from training.sharded_checkpoint import newest
from training.trained import VOCABULARY, Run, model_of
from training.warm_start import warm_start


def unpacked(bundle: Path, stage: str) -> nn.Module:
    """A stage's model as a bundle holds it, with the weights that are played.

    Raises BundleError for a bundle that does not tell its models' sizes, UsageError for a stage it lacks.
    """
    told = _told(bundle, stage)
    model = model_of(stage, told["sizes"])
    warm_start(model, stage, bundle)
    return model.eval().requires_grad_(False)


def _told(bundle: Path, stage: str) -> dict[str, Any]:
    """What a bundle's manifest tells of a stage."""
    stages = read_manifest(bundle).trained_on.get("stages", {})
    if stage not in stages:
        raise UsageError(
            f"{bundle} holds no stage {stage!r}, only {', '.join(stages)}.{suggest(stage, stages)}"
        )
    told: dict[str, Any] = stages[stage]
    if "sizes" not in told:
        raise BundleError(f"{bundle} does not tell its models' sizes: an earlier version exported it")
    return told


def unpack(bundle: Path, run: Path, stages: Sequence[str] = ()) -> list[str]:
    """Write a bundle's models into a run folder as the stages that made them, and return which.

    stages: those that are wanted; all that the bundle holds where none is named. Weights are those that are
    played, which were rounded to be stored. Raises BundleError for a bundle that does not tell its models'
    sizes, UsageError for a stage that it lacks or that the run folder already has.
    """
    wanted = list(stages) or list(read_manifest(bundle).trained_on.get("stages", {}))
    told = {stage: _told(bundle, stage) for stage in wanted}
    for stage in wanted:
        if newest(Run(run).stage(stage)):
            raise UsageError(f"{Run(run).stage(stage)} has a checkpoint already: give another run folder")
    begun: list[Path] = []
    try:
        for stage in wanted:
            begun.append(Run(run).stage(stage))
            _save(unpacked(bundle, stage), stage, told[stage], Run(run))
            keep_began_with(Run(run).stage(stage), data_behind(read_manifest(bundle).trained_on))
            if stage == "text":
                for name in (VOCABULARY, PHRASES):
                    if (bundle / name).exists():  # bundles of earlier versions have no phrases
                        shutil.copy(bundle / name, Run(run).stage(stage) / name)
    except BaseException:  # Ctrl-C too: half of a run is of no use, and in the way of the next try
        for folder in begun:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return wanted


def _save(model: nn.Module, stage: str, told: dict[str, Any], run: Run) -> None:
    """A checkpoint of weights alone: later stages use it, and the stage itself cannot go on from it."""
    weights = {name: value.detach().clone() for name, value in model.state_dict().items()}
    state = {
        "stage": stage,
        "config": told["sizes"],
        "learned_from": {},
        "loop": {"batch": told["batch"]},
        "more": 0,
        "step": told["steps"],
        "seconds": 3600 * told["hours"],
        "model": weights,
        "average": weights,
        "usual": torch.tensor(1.0),
        "optimizers": [],
    }
    checkpoint.save(run.stage(stage) / "checkpoint.pt", state)
