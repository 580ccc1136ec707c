"""What torchrun runs for test_sharding: stages of train_together, and dynamics, spread over two processes.

    torchrun --nproc-per-node 2 tests/training/train_sharded.py FOLDER

Each sub-folder of FOLDER is one training. `half` has been begun by one process and is ended here; `broken` is
stopped half-way, by a signal that one process alone gets, and `again` and `whole` are copies of it that are
ended here: sharded, and not. `resumed` is stopped and ended here, all of it sharded.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch.distributed.tensor import DTensor

from genie.clips.frame_store import FrameStore
from genie.models.dynamics import DynamicsConfig
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from tests.training.train_together import BATCH, CONFIG, CPU, Told, sprite_store, stage
from training import processes, train_dynamics, train_latent_action
from training.interruption import Interrupted
from training.loop import Trainer
from training.stage import Stage
from training.train_dynamics import Corruption, DynamicsStage
from training.windows import Windows

QUICK = {
    (train_dynamics, "VALIDATION_WINDOWS"): 4,
    (train_latent_action, "REVIVE_EVERY_AT_FIRST"): 3,  # so that some codes are brought back
    (train_latent_action, "REVIVE_SHARE"): 0.15,
}


def dynamics(store: FrameStore) -> DynamicsStage:
    """Small ones, half of whose pasts are their own from the second step on."""
    torch.manual_seed(0)
    blocks = {f"{part}_blocks": 1 for part in ("encoder_fine", "encoder_coarse", "decoder_fine")}
    sizes = TokenizerConfig(height=32, width=32, fine=8, coarse=16, decoder_coarse_blocks=1, **blocks)
    tokenizer = Tokenizer(sizes).eval().requires_grad_(False)
    texts = torch.randn(len(store.captions) + 1, 8)
    config = DynamicsConfig(
        grid=sizes.grid,
        dims=sizes.fsq.dims,
        levels=sizes.fsq.levels,
        told="keys",
        actions=len(store.action_names),
        draft=False,
        text=8,
        channels=16,
        heads=2,
        layers=2,
        sampler_layers=1,
        window=4,
    )
    windows = Windows(store, length=4, batch=BATCH, seed=0, device=CPU)
    corruption = Corruption(own=0.5, own_after=1, rounds=2)
    return DynamicsStage(
        config, windows, tokenizer, texts, lambda window, _: window.actions, CPU, corruption=corruption
    )


def made(name: str, store: FrameStore, folder: Path) -> Stage[Any]:
    """A small stage of a name."""
    return dynamics(store) if name == "dynamics" else stage(name, store, folder)


def train(name: str, store: FrameStore, folder: Path, *, shard: bool = True, told: bool = False) -> Trainer:
    """Train a stage, or as much of it as it takes until it is told to stop."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    ours = made(name, store, folder.parent)
    if told:
        ours.loss = Told(ours)  # type: ignore[method-assign]
    trainer = Trainer(ours, CONFIG, folder, CPU, shard=shard)
    with suppress(Interrupted):
        trainer.run()
    return trainer


def held(trainer: Trainer) -> dict[str, list[int]]:
    """How many numbers of each kind a process holds, and how many there are in all."""
    weights = list(trainer.stage.model.parameters())
    kinds = {
        "weights": weights,
        "gradients": [weight.grad for weight in weights],
        "averages": [
            v for k, v in trainer.average.items() if k in dict(trainer.stage.model.named_parameters())
        ],
        "moments": [
            value
            for optimizer in trainer.optimizers
            for state in optimizer.state.values()
            for name, value in state.items()
            if name != "step"
        ],
    }
    return {kind: [sum(map(_own, values)), sum(v.numel() for v in values)] for kind, values in kinds.items()}


def _own(value: torch.Tensor) -> int:
    return value.to_local().numel() if isinstance(value, DTensor) else value.numel()


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    for (module, name), value in QUICK.items():
        setattr(module, name, value)
    store = sprite_store()
    with processes.together():
        assert processes.count() == 2
        for name in ("tokenizer", "latent-action"):
            train(name, store, folder / "sharded" / name)
        for name in ("latent-action", "dynamics"):
            train(name, store, folder / "together" / name, shard=False)
        trainer = train("dynamics", store, folder / "sharded" / "dynamics")
        (folder / f"held-{processes.rank()}.json").write_text(json.dumps(held(trainer)))
        train("dynamics", store, folder / "resumed", told=processes.rank() == 1)
        train("dynamics", store, folder / "resumed")
        train("tokenizer", store, folder / "half")
        train("tokenizer", store, folder / "broken", told=processes.rank() == 1)
        with processes.first_alone():
            if not processes.rank():
                for copy in ("again", "whole"):
                    shutil.copytree(folder / "broken", folder / copy)
        train("tokenizer", store, folder / "again")
        train("tokenizer", store, folder / "whole", shard=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
