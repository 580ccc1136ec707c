"""What makes a stage's weights better, step by step."""

from typing import Any

import torch

from training.loop_config import LoopConfig
from training.sharded_muon import ShardedMuon
from training.stage import Stage


def optimizers_of(stage: Stage[Any], config: LoopConfig, *, shard: bool) -> list[torch.optim.Optimizer]:
    """AdamW, and Muon (kellerjordan.github.io/posts/muon) for matrices between hidden channels.

    shard: whether the stage's weights are sharded by now, which is to come first.
    """
    matrices = stage.hidden_matrices()
    ours = {id(matrix) for matrix in matrices}
    rest = [p for p in stage.model.parameters() if id(p) not in ours]
    lr, decay = config.learning_rate, config.weight_decay
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.99), weight_decay=decay, fused=True)
    ]
    if matrices:
        # Its steps are scaled to AdamW's usual length, so that one learning rate serves both.
        muon = ShardedMuon if shard else torch.optim.Muon
        optimizers.append(muon(matrices, lr=lr, weight_decay=decay, adjust_lr_fn="match_rms_adamw"))
    return optimizers
