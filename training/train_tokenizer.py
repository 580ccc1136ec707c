"""Stage 1: the tokenizer learns to give frames back."""

import dataclasses
from typing import Any

import torch
from torch import Tensor

from genie.models.tokenizer import Tokenizer, TokenizerConfig
from training import losses
from training.placement import channels_last
from training.windows import WindowedStage, Windows, pixels

VALIDATION_FRAMES = 256


class TokenizerStage(WindowedStage[Tokenizer]):
    """Reconstruction of single frames; with `keep_meaning` the tokens stay what they are.

    A decoder trained further under a frozen encoder keeps every dynamics model made for its tokens valid.
    """

    name = "tokenizer"

    def __init__(
        self, config: TokenizerConfig, windows: Windows, device: torch.device, *, keep_meaning: bool = False
    ) -> None:
        self.windows = windows
        self.model = channels_last(Tokenizer(config), device)
        self.model.encoder.requires_grad_(not keep_meaning)
        self.held_out = pixels(windows.held_out(VALIDATION_FRAMES).frames[:, 0])

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        frames = pixels(self.windows.at(step).frames[:, 0])
        rebuilt = self.model(frames)
        return losses.reconstruction(rebuilt, frames), {"psnr": losses.psnr(rebuilt.detach(), frames)}

    def validate(self, model: Tokenizer) -> dict[str, float]:
        rebuilt = torch.cat([model(chunk) for chunk in self.held_out.split(64)])
        return {"psnr": float(losses.psnr(rebuilt, self.held_out))}
