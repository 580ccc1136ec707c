"""Finite scalar quantization: each latent dimension is rounded to a few fixed levels."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class FSQConfig:
    """Sizes of a finite scalar quantizer.

    dims: numbers a token; levels: values each of them can take (at least 2).
    """

    dims: int = 16
    levels: int = 5

    def __post_init__(self) -> None:
        if self.dims < 1 or self.levels < 2:
            raise ValueError(f"FSQ needs dims >= 1 and levels >= 2, got {self.dims} and {self.levels}")


class FSQ(nn.Module):
    """Rounds latents to a grid in [-1, 1], with straight-through gradients.

    A token is `dims` digits, each in 0..levels-1; digit k stands for the value 2k/(levels-1) - 1.
    There is no codebook to learn or to collapse (Mentzer et al. 2023, arXiv:2309.15505).
    """

    def __init__(self, config: FSQConfig) -> None:
        super().__init__()
        self.config = config
        self.scale = (config.levels - 1) / 2

    def forward(self, z: Tensor) -> Tensor:
        """Unbounded latents [...] -> values on the grid [...], float32, gradients passed straight through."""
        bounded = torch.tanh(z.float())
        rounded = torch.round((bounded + 1) * self.scale) / self.scale - 1
        return bounded + (rounded - bounded).detach()

    def nearest(self, values: Tensor) -> Tensor:
        """Values [...] in [-1, 1] -> the int64 digits [...] in 0..levels-1 that are nearest to them."""
        return torch.round((values + 1) * self.scale).long()

    def values(self, digits: Tensor) -> Tensor:
        """Digits [...] -> float32 values on the grid in [-1, 1]."""
        return digits.float() / self.scale - 1
