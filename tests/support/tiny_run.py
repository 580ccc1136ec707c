"""A run folder as training leaves it, its models small and random, and the bundle exported from it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from genie.clips.frame_store import FrameStore
from genie.core.phrases import PHRASES
from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.dynamics import Dynamics, DynamicsConfig
from genie.models.latent_action import LatentActionConfig, LatentActionModel
from genie.models.quantizer import FSQConfig
from genie.models.text import TextConfig, TextModel
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from genie.worlds import read_world
from training import checkpoint
from training import export as module
from training.export import ExportConfig, export
from training.phrases import find_phrases
from training.train_text import learn_vocabulary
from training.trained import VOCABULARY

SPRITE = Path(__file__).parents[1] / "scripted_worlds" / "sprite"
LENGTH = 8


def spoken(model: nn.Module) -> nn.Module:
    """The model with every weight set: many start at zero, and would hide a wire that is missing."""
    # Drafts are pictures: decoded by wild weights they would be all black and white, and any rounding shows.
    std = 0.05 if isinstance(model, LatentActionModel) else 0.2
    for weight in model.parameters():
        nn.init.normal_(weight, std=std)
    return model


def tiny_run(folder: Path, store: FrameStore) -> Path:
    """A run folder as training leaves it, its models small and random, the dynamics told codes."""
    torch.manual_seed(5)  # by which wild weights meet no tie that a rounding would break
    words = learn_vocabulary(store.captions, folder / "text" / VOCABULARY, LENGTH).size
    find_phrases(store).save(folder / "text" / PHRASES)
    size = {"height": 32, "width": 32}
    blocks = dict.fromkeys(("encoder_fine", "encoder_coarse", "decoder_fine", "decoder_coarse"), 1)
    tokenizer = TokenizerConfig(
        fine=8,
        coarse=16,
        fsq=FSQConfig(dims=3, levels=4),
        **size,
        **{f"{k}_blocks": v for k, v in blocks.items()},
    )
    latent = LatentActionConfig(codes=7, channels=8, blocks=1, **size)
    models = {
        "tokenizer": Tokenizer(tokenizer),
        "latent-action": LatentActionModel(latent),
        "keys": ActionMap(ActionMapConfig(keys=5, codes=7, squares=True)),
        "text": TextModel(
            TextConfig(vocabulary=words, length=LENGTH, height=32, channels=16, layers=1, heads=2)
        ),
        "dynamics": Dynamics(
            DynamicsConfig(
                grid=tokenizer.grid,
                dims=tokenizer.fsq.dims,
                levels=tokenizer.fsq.levels,
                told="codes",
                actions=7,
                text=16,
                channels=64,
                heads=2,
                layers=2,
                sampler_layers=1,
                window=6,
            )
        ),
    }
    for stage, model in models.items():
        config: Any = model.config
        state = {
            "config": dataclasses.asdict(config),
            "average": spoken(model).state_dict(),
            "step": 9,
            "seconds": 36.0,
            "loop": {"batch": 4},
        }
        checkpoint.save(folder / stage / "checkpoint.pt", state)
    return folder


def tiny_export(out: Path, run: Path, store: FrameStore, **told: Any) -> Path:
    """The bundle of a tiny run, written into `out`; told: what else the export is told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.FrameStore, "open", lambda folder, split, cache=None: store)
        return export(ExportConfig(data=run, run=run, out=out, **told), read_world(SPRITE))
