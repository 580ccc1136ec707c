"""From the player's key to a latent code, looking at the frame it is pressed in."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class ActionMapConfig:
    """Sizes of an action map.

    keys: the world's keys; codes: latent actions; features: how much is seen of the frame; hidden: units.
    """

    keys: int
    codes: int
    features: int
    hidden: int = 32


class ActionMap(nn.Module):
    """Scores the codes that a key can mean here.

    The same key can need another code in mid-air, so the map sees features of the last frames; it is small
    enough to be learned from a few hundred labelled transitions. A table by key alone is its starting point.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: ActionMapConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(config.features))
        self.register_buffer("deviation", torch.ones(config.features))
        self.table = nn.Embedding(config.keys, config.codes)
        self.look = nn.Linear(config.features, config.hidden)
        self.key = nn.Embedding(config.keys, config.hidden)
        self.out = nn.Linear(config.hidden, config.codes)
        nn.init.zeros_(self.table.weight)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, keys_B: Tensor, features_BF: Tensor) -> Tensor:
        """Keys [B] int64 and features [B, F] -> logits over codes [B, codes]."""
        seen = self.look((features_BF - self.mean) / self.deviation)
        return self.table(keys_B) + self.out(torch.tanh(seen + self.key(keys_B)))
