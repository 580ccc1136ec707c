"""The latent action model: what can be done in a world, learned from video alone."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from genie.models.motion_encoder import MotionEncoder
from genie.models.tokenizer import ResidualBlock


@dataclass(frozen=True, kw_only=True)
class LatentActionConfig:
    """Sizes of the latent action model.

    height, width: frame size in pixels, multiples of 16. codes: how many latent actions there are.
    channels: convolution channels at a quarter of the resolution. history: frames that the decoder sees
    (2 or more, so that motion already under way needs no code). code_channels: size of a code's vector.
    """

    height: int = 64
    width: int = 64
    codes: int = 8
    channels: int = 64
    blocks: int = 3
    history: int = 2
    code_channels: int = 16

    def __post_init__(self) -> None:
        if self.history < 2:
            raise ValueError("history must be at least 2: one frame shows no motion")
        if self.codes < 2:
            raise ValueError(f"a world needs at least 2 latent actions, got {self.codes}")


class LatentAction(NamedTuple):
    """What the model made of a batch of transitions.

    prediction [B, 3, H, W]; codes [B] int64; vectors [B, E] before quantization; chosen [B, E] the codes' own.
    """

    prediction: Tensor
    codes: Tensor
    vectors: Tensor
    chosen: Tensor


class LatentActionModel(nn.Module):
    """Names the action between two frames with one of a few codes, so that a decoder can redo it.

    The decoder sees the past and the code, never the next frame: what it cannot foresee and what moves
    the most pixels is what the player did (Genie, arXiv:2402.15391, section 2.1). It learns from pixels,
    is never shown a key, and its decoder sees two frames, so that momentum needs no code.

    Shapes: B transitions, K frames of history, frames in [-1, 1], channels first and stacked [B, 3K, H, W].
    """

    def __init__(self, config: LatentActionConfig) -> None:
        super().__init__()
        self.config = c = config
        self.past = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48 * c.history, c.channels, 3, padding=1),
            *[ResidualBlock(c.channels) for _ in range(c.blocks)],
        )
        self.inverse = MotionEncoder(
            frames=c.history + 1,
            height=c.height,
            width=c.width,
            channels=c.channels,
            blocks=c.blocks,
            out=c.code_channels,
        )
        self.codebook = nn.Embedding(c.codes, c.code_channels)
        nn.init.normal_(self.codebook.weight)
        self.future = nn.ModuleList(ResidualBlock(c.channels) for _ in range(c.blocks))
        self.modulation = nn.ModuleList(nn.Linear(c.code_channels, 2 * c.channels) for _ in range(c.blocks))
        self.paint = nn.Sequential(nn.SiLU(), nn.Conv2d(c.channels, 48, 3, padding=1), nn.PixelShuffle(4))

    def forward(self, past_BKHW: Tensor, next_B3HW: Tensor) -> LatentAction:
        """Past frames [B, 3K, H, W] and the next one [B, 3, H, W] -> its prediction through a code."""
        vectors = self.inverse(torch.cat((past_BKHW, next_B3HW), 1)).float()
        codes = self.nearest(vectors)
        chosen = self.codebook(codes)
        through = vectors + (chosen - vectors).detach()
        return LatentAction(self.predict(past_BKHW, through), codes, vectors, chosen)

    def nearest(self, vectors_BE: Tensor) -> Tensor:
        """The code [B] whose vector is nearest to each of the given ones [B, E]."""
        return torch.cdist(vectors_BE.float(), self.codebook.weight.float()).argmin(-1)

    def infer(self, past_BKHW: Tensor, next_B3HW: Tensor) -> Tensor:
        """The code [B] of each transition."""
        return self.nearest(self.inverse(torch.cat((past_BKHW, next_B3HW), 1)))

    def predict(self, past_BKHW: Tensor, vectors_BE: Tensor) -> Tensor:
        """The frame [B, 3, H, W] that follows the past [B, 3K, H, W] when the given actions are taken."""
        x = self.past(past_BKHW)
        for block, modulation in zip(self.future, self.modulation, strict=True):
            scale, shift = modulation(vectors_BE.to(x.dtype))[:, :, None, None].chunk(2, 1)
            x = block(x * (1 + scale) + shift)
        return past_BKHW[:, -3:] + self.paint(x)

    def features(self, past_BKHW: Tensor) -> Tensor:
        """What the past looks like to the decoder, averaged over a 4 x 4 grid: [B, 16 * channels]."""
        return nn.functional.adaptive_avg_pool2d(self.past(past_BKHW), 4).flatten(1)
