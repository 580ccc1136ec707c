"""From a bundle back to a run folder: a world is trained on, or exported again, wherever it is."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from genie.core.errors import BundleError, UsageError, suggest
from genie.core.manifest import read_manifest
from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.dynamics import Dynamics, DynamicsConfig
from genie.models.latent_action import LatentActionConfig, LatentActionModel
from genie.models.text import TextConfig, TextModel
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from training import checkpoint
from training.trained import VOCABULARY, Run
from training.warm_start import warm_start

_MODELS: dict[str, tuple[type[nn.Module], type[Any]]] = {
    "tokenizer": (Tokenizer, TokenizerConfig),
    "latent-action": (LatentActionModel, LatentActionConfig),
    "keys": (ActionMap, ActionMapConfig),
    "text": (TextModel, TextConfig),
    "dynamics": (Dynamics, DynamicsConfig),
}


def unpack(bundle: Path, run: Path, stages: Sequence[str] = ()) -> list[str]:
    """Write a bundle's models into a run folder as the stages that made them, and return which.

    stages: those that are wanted; all that the bundle holds where none is named. Weights are those that are
    played, which were rounded to be stored. Raises BundleError for a bundle that does not tell its models'
    sizes, UsageError for a stage that it lacks or that the run folder already has.
    """
    told = read_manifest(bundle).trained_on.get("stages", {})
    for stage in stages:
        if stage not in told:
            known = ", ".join(told)
            raise UsageError(f"{bundle} holds no stage {stage!r}, only {known}.{suggest(stage, told)}")
    wanted = list(stages) or list(told)
    for stage in wanted:
        if Run(run).has(stage):
            raise UsageError(f"{Run(run).stage(stage)} has a checkpoint already: give another run folder")
        if "sizes" not in told[stage]:
            raise BundleError(f"{bundle} does not tell its models' sizes: an earlier version exported it")
    for stage in wanted:
        kind, config = _MODELS[stage]
        model = kind(checkpoint.config_from(config, told[stage]["sizes"]))
        warm_start(model, stage, bundle)
        _save(model, stage, told[stage], Run(run))
        if stage == "text":
            shutil.copy(bundle / VOCABULARY, Run(run).stage(stage) / VOCABULARY)
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
