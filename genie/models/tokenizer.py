"""The video tokenizer: frames to a few discrete tokens and back."""

from dataclasses import dataclass, field

from einops import rearrange
from torch import Tensor, nn

from genie.models.quantizer import FSQ, FSQConfig


@dataclass(frozen=True, kw_only=True)
class TokenizerConfig:
    """Sizes of the tokenizer.

    height, width: frame size in pixels, multiples of 8. fine, coarse: channels at a quarter and at an
    eighth of the resolution. *_blocks: residual blocks at each, encoder and decoder apart.
    """

    height: int = 64
    width: int = 64
    fine: int = 64
    coarse: int = 192
    encoder_fine_blocks: int = 2
    encoder_coarse_blocks: int = 3
    decoder_fine_blocks: int = 2
    decoder_coarse_blocks: int = 3
    fsq: FSQConfig = field(default_factory=FSQConfig)

    def __post_init__(self) -> None:
        if self.height % 8 or self.width % 8:
            raise ValueError(f"frame size must be a multiple of 8, got {self.height}x{self.width}")

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of tokens."""
        return self.height // 8, self.width // 8

    @property
    def tokens(self) -> int:
        """Tokens a frame."""
        return self.grid[0] * self.grid[1]


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a skip, the second one starting at zero; no normalisation.

    Without normalisation the convolutions are all there is to run at play time (EDSR, arXiv:1707.02921).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        for parameter in self.second.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(nn.functional.silu(self.first(nn.functional.silu(x))))


def _blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*[ResidualBlock(channels) for _ in range(count)])


class Tokenizer(nn.Module):
    """Codes each frame alone into a grid of tokens, so the decoder has no past to drift from.

    Shapes: B frames, H x W pixels, N = H/8 * W/8 tokens, D digits a token. Frames are RGB in [-1, 1],
    channels first [B, 3, H, W]. The choice against decoders that look back is in docs/log.md.
    """

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        self.config = config
        c = config
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48, c.fine, 3, padding=1),
            _blocks(c.fine, c.encoder_fine_blocks),
            nn.PixelUnshuffle(2),
            nn.Conv2d(4 * c.fine, c.coarse, 1),
            _blocks(c.coarse, c.encoder_coarse_blocks),
            nn.Conv2d(c.coarse, c.fsq.dims, 1),
        )
        self.quantizer = FSQ(c.fsq)
        self.decoder = nn.Sequential(
            nn.Conv2d(c.fsq.dims, c.coarse, 3, padding=1),
            _blocks(c.coarse, c.decoder_coarse_blocks),
            nn.Conv2d(c.coarse, 4 * c.fine, 1),
            nn.PixelShuffle(2),
            _blocks(c.fine, c.decoder_fine_blocks),
            nn.SiLU(),
            nn.Conv2d(c.fine, 48, 3, padding=1),
            nn.PixelShuffle(4),
        )

    def forward(self, frames_B3HW: Tensor) -> Tensor:
        """Frames -> their reconstruction through the quantized tokens, both [B, 3, H, W] (unclamped)."""
        values = self.quantizer(self.encoder(frames_B3HW))
        return self.decoder(values.to(frames_B3HW.dtype))

    def latents(self, frames_B3HW: Tensor) -> Tensor:
        """Frames [B, 3, H, W] in [-1, 1] -> float32 values [B, N, D] in [-1, 1], unrounded."""
        return rearrange(self.encoder(frames_B3HW).float().tanh(), "b d h w -> b (h w) d")

    def encode(self, frames_B3HW: Tensor) -> Tensor:
        """Frames [B, 3, H, W] in [-1, 1] -> int64 digits [B, N, D]."""
        return self.quantizer.nearest(self.latents(frames_B3HW))

    def decode(self, digits_BND: Tensor) -> Tensor:
        """Digits [B, N, D] -> frames [B, 3, H, W] clamped to [-1, 1]."""
        rows, _ = self.config.grid
        values = rearrange(self.quantizer.values(digits_BND), "b (h w) d -> b d h w", h=rows)
        return self.decoder(values).clamp(-1, 1)
