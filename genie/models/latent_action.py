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
    (2 or more, so that motion already under way needs no code). horizon: frames redone in a row in training.
    code_channels: size of a code's vector.
    """

    height: int = 64
    width: int = 64
    codes: int = 8
    channels: int = 64
    blocks: int = 3
    history: int = 2
    horizon: int = 3
    code_channels: int = 16

    def __post_init__(self) -> None:
        if self.history < 2:
            raise ValueError("history must be at least 2: one frame shows no motion")
        if self.codes < 2:
            raise ValueError(f"a world needs at least 2 latent actions, got {self.codes}")


FARTHEST = 8.0  # pixels that anything is thought to move in one frame


def move(frames_B3HW: Tensor, motion_B2hw: Tensor) -> Tensor:
    """Frames resampled where a coarse field says each part comes from: (x, y) in pixels [B, 2, h, w]."""
    _, _, height, width = frames_B3HW.shape
    offsets = nn.functional.interpolate(motion_B2hw, (height, width), mode="bilinear", align_corners=False)
    y = torch.arange(height, device=offsets.device)[:, None] + 0.5
    x = torch.arange(width, device=offsets.device) + 0.5
    grid = torch.stack(((x + offsets[:, 0]) * 2 / width - 1, (y + offsets[:, 1]) * 2 / height - 1), -1)
    return nn.functional.grid_sample(frames_B3HW, grid, padding_mode="border", align_corners=False)


class LatentActions(NamedTuple):
    """What the model made of R transitions in a row.

    predictions [B, R, 3, H, W]; codes [B, R] int64; surprises [B, R, E], what the transition says beyond what
    was expected, before quantization; chosen [B, R, E] the codes' own; seen, expected [B, R, E]: the
    transition, and what the past alone would have said of it.
    """

    predictions: Tensor
    codes: Tensor
    surprises: Tensor
    chosen: Tensor
    seen: Tensor
    expected: Tensor


def stacked(frames_BT3HW: Tensor) -> Tensor:
    """Frames one after another as channels: [B, T, 3, H, W] -> [B, 3T, H, W]."""
    return frames_BT3HW.flatten(1, 2).contiguous(memory_format=torch.channels_last)


class LatentActionModel(nn.Module):
    """Names the action between two frames with one of a few codes, so that a decoder can redo it.

    The decoder sees the past and the code, never the next frame: what it cannot foresee and what moves
    the most pixels is what the player did (Genie, arXiv:2402.15391, section 2.1). It learns from pixels,
    is never shown a key, and its decoder sees two frames, so that momentum needs no code. A code names only
    the surprise: what the past already tells of a transition is taken off before it is quantized, else the
    few codes there are repeat the motion under way (see docs/decisions/0006-surprise.md).

    Shapes: B transitions, K frames of history, frames in [-1, 1], channels first and stacked [B, 3K, H, W].
    """

    used: Tensor

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
        self.expect = nn.Sequential(
            nn.LayerNorm(16 * c.channels),
            nn.Linear(16 * c.channels, 4 * c.channels),
            nn.SiLU(),
            nn.Linear(4 * c.channels, c.code_channels),
        )
        self.codebook = nn.Embedding(c.codes, c.code_channels)
        nn.init.normal_(self.codebook.weight)
        # How often each code was used since it was last looked at; part of the state, for an exact resume.
        self.register_buffer("used", torch.zeros(c.codes))
        self.future = nn.ModuleList(ResidualBlock(c.channels) for _ in range(c.blocks))
        self.modulation = nn.ModuleList(nn.Linear(c.code_channels, 2 * c.channels) for _ in range(c.blocks))
        self.flow = nn.Conv2d(c.channels, 2, 3, padding=1)
        self.paint = nn.Sequential(nn.SiLU(), nn.Conv2d(c.channels, 48, 3, padding=1), nn.PixelShuffle(4))
        for weight in (*self.flow.parameters(), *self.paint.parameters()):
            nn.init.zeros_(weight)  # at first, nothing moves and nothing is new

    def forward(self, frames_BT3HW: Tensor, told_BR: Tensor | None = None) -> LatentActions:
        """Windows of K + R frames -> the last R of them redone in a row, each from a code.

        The codes are read off the frames, or told: so the yardstick's decoder is trained, on true keys.

        The decoder goes on from its own frames, so a code that leaves out a little motion is wrong by more
        and more: half a pixel a frame is a key that is held.
        """
        K = self.config.history
        T = frames_BT3HW.shape[1]
        spans = stacked(frames_BT3HW.unfold(1, K + 1, 1).movedim(-1, 2).flatten(0, 1))
        seen = self.inverse(spans).float()
        expected = self.expected(self.features(spans[:, : 3 * K]))
        surprises = seen - expected.detach()
        codes = self.nearest(surprises) if told_BR is None else told_BR.flatten()
        chosen = self.codebook(codes)
        passed = surprises + (chosen - surprises).detach() if told_BR is None else chosen
        through = passed.unflatten(0, (-1, T - K))
        past = list(frames_BT3HW[:, :K].unbind(1))
        predictions = []
        for turn in range(T - K):
            redone = self.predict(torch.cat(past, 1), through[:, turn])
            predictions.append(redone)
            past = [*past[1:], redone.clamp(-1, 1).to(past[0].dtype)]  # what is off the scale would grow
        rest = (x.unflatten(0, (-1, T - K)) for x in (codes, surprises, chosen, seen, expected))
        return LatentActions(torch.stack(predictions, 1), *rest)

    def expected(self, features_BF: Tensor) -> Tensor:
        """What the past, by its features, says of the transition to come: [B, E]."""
        return self.expect(features_BF).float()

    def nearest(self, vectors: Tensor) -> Tensor:
        """The codes [...] whose vectors are nearest to the given ones [..., E]."""
        return (vectors.float()[..., None, :] - self.codebook.weight.float()).square().sum(-1).argmin(-1)

    def infer(self, past_BKHW: Tensor, next_B3HW: Tensor) -> Tensor:
        """The code [B] of each transition."""
        seen = self.inverse(torch.cat((past_BKHW, next_B3HW), 1)).float()
        return self.nearest(seen - self.expected(self.features(past_BKHW)))

    def predict(self, past_BKHW: Tensor, surprises_BE: Tensor) -> Tensor:
        """The frame [B, 3, H, W] that follows the past [B, 3K, H, W] when the given codes' vectors are taken.

        The last frame is moved by a smooth field of motion, then painted over. Moving is what makes an
        action show: half a pixel of it is clear in a picture that is carried along, and lost in one redrawn.
        """
        x = self.past(past_BKHW)
        vectors_BE = surprises_BE + self.expected(_pooled(x)).detach()
        for block, modulation in zip(self.future, self.modulation, strict=True):
            scale, shift = modulation(vectors_BE.to(x.dtype))[:, :, None, None].chunk(2, 1)
            x = block(x * (1 + scale) + shift)
        motion = FARTHEST * torch.tanh(self.flow(nn.functional.silu(x)).float() / FARTHEST)
        return move(past_BKHW[:, -3:].float(), motion) + self.paint(x)

    def features(self, past_BKHW: Tensor) -> Tensor:
        """What the past looks like to the decoder, averaged over a 4 x 4 grid: [B, 16 * channels]."""
        return _pooled(self.past(past_BKHW))


def _pooled(x_BCHW: Tensor) -> Tensor:
    # An average over a 4 x 4 grid by its window: what is adaptive cannot be exported.
    rows, columns = x_BCHW.shape[2] // 4, x_BCHW.shape[3] // 4
    return nn.functional.avg_pool2d(x_BCHW, (rows, columns)).flatten(1)
