"""The latent action model: what can be done in a world, learned from video alone."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from genie.models.tokenizer import ResidualBlock


@dataclass(frozen=True, kw_only=True)
class LatentActionConfig:
    """Sizes of the latent action model.

    height, width: frame size in pixels, multiples of 16. codes: how many latent actions there are.
    channels: convolution channels at a quarter of the resolution. history: frames that the decoder sees
    (2 or more, so that motion already under way needs no code). horizon: frames redone in a row in training.
    code_channels: size of a code's vector. farthest: pixels that anything is thought to move in one frame.
    """

    height: int = 64
    width: int = 64
    codes: int = 8
    channels: int = 64
    blocks: int = 3
    history: int = 2
    horizon: int = 3
    code_channels: int = 16
    farthest: float = 16.0

    def __post_init__(self) -> None:
        if self.history < 2:
            raise ValueError("history must be at least 2: one frame shows no motion")
        if self.codes < 2:
            raise ValueError(f"a world needs at least 2 latent actions, got {self.codes}")


def move(frames_B3HW: Tensor, motion_B2hw: Tensor) -> Tensor:
    """Frames resampled where a coarse field says each part comes from: (x, y) in pixels [B, 2, h, w]."""
    _, _, height, width = frames_B3HW.shape
    offsets = nn.functional.interpolate(motion_B2hw, (height, width), mode="bilinear", align_corners=False)
    y = torch.arange(height, device=offsets.device)[:, None] + 0.5
    x = torch.arange(width, device=offsets.device) + 0.5
    grid = torch.stack(((x + offsets[:, 0]) * 2 / width - 1, (y + offsets[:, 1]) * 2 / height - 1), -1)
    return nn.functional.grid_sample(frames_B3HW, grid, padding_mode="border", align_corners=False)


class Missed(NamedTuple):
    """What a glance was off by: motion in pixels [..., C, 2]; a divergence in nats [...]."""

    motion: Tensor
    likely: Tensor


class LatentActions(NamedTuple):
    """What came of R transitions in a row: predictions [B, R, 3, H, W]; codes [B, R] int64.

    missed: what glances were off by [B, R]; None where codes were told.
    """

    predictions: Tensor
    codes: Tensor
    missed: Missed | None


class Foretold(NamedTuple):
    """Each code's next frame [B, C, 3, H, W], and the mean motion [B, C, 2] in its middle: x, y in pixels."""

    frames: Tensor
    motion: Tensor


class Glance(NamedTuple):
    """About what `foretell` would give: each code's motion [B, C, 2]; and its log-probability here [B, C]."""

    motion: Tensor
    likely: Tensor


MOST = 3.0  # nats of log error; worse than that is as bad
DOUBT = 0.1  # nats of log error by which one code may beat another by chance


def regrets(errors_BC: Tensor) -> Tensor:
    """By how much worse each code foretells a transition than the best one does: log ratios in 0..MOST."""
    return (errors_BC / errors_BC.amin(1, keepdim=True).clamp(min=1e-6)).log().clamp(0, MOST)


def came_true(errors_BC: Tensor) -> Tensor:
    """How likely each code is to be the one that was taken [B, C]: of two that foretell alike, either."""
    return (-regrets(errors_BC) / DOUBT).softmax(1)


def stacked(frames_BT3HW: Tensor) -> Tensor:
    """Frames one after another as channels: [B, T, 3, H, W] -> [B, 3T, H, W]."""
    return frames_BT3HW.flatten(1, 2).contiguous(memory_format=torch.channels_last)


class LatentActionModel(nn.Module):
    """Foretells what can follow, once for each of a few codes; an action is the code that comes true.

    As in Genie (arXiv:2402.15391, section 2.1) the decoder sees the past and the code, never the next frame,
    learns from pixels and is never shown a key; it sees two frames, so that momentum needs no code. There is
    no encoder that has to guess a code: all are tried, and the one whose prediction is nearest is the
    action (multiple choice learning, Guzman-Rivera et al. 2012). See docs/decisions/0006-latent-actions.md.

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
        # What the picture as a whole does: a camera that follows moves all of it alike.
        self.whole = nn.Sequential(
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
        # What each code would do and how likely that is, told without doing it: for the keys, at play.
        self.glimpse = nn.Sequential(
            nn.LayerNorm(16 * c.channels),
            nn.Linear(16 * c.channels, 4 * c.channels),
            nn.SiLU(),
            nn.Linear(4 * c.channels, 3 * c.codes),
        )

    def forward(self, frames_BT3HW: Tensor, told_BR: Tensor | None = None) -> LatentActions:
        """Windows of K + R frames -> the last R of them redone in a row, each by its code.

        The decoder goes on from its own frames, so a code that leaves out a little motion is wrong by more
        and more: half a pixel a frame is a key that is held. The codes are found, or told: so the
        yardstick's decoder is trained, on true keys.
        """
        K = self.config.history
        past = list(frames_BT3HW[:, :K].unbind(1))
        predictions, codes, missed = [], [], list[Missed]()
        for turn in range(frames_BT3HW.shape[1] - K):
            seen = stacked(torch.stack(past, 1))
            features = self.past(seen)
            if told_BR is None:
                with torch.no_grad():
                    foretold = self._foretell(features, seen[:, -3:])
                    errors = self.off(foretold.frames, frames_BT3HW[:, K + turn])
                    code = errors.argmin(1)
                    taken = came_true(errors)
                glance = self.glance(features.detach())
                unforeseen = (taken * (taken.clamp(min=1e-9).log() - glance.likely)).sum(1)
                missed.append(Missed(glance.motion - foretold.motion, unforeseen))
            else:
                code = told_BR[:, turn]
            redone = self.redo(features, seen[:, -3:], code)
            predictions.append(redone)
            codes.append(code)
            past = [*past[1:], redone.clamp(-1, 1).to(past[0].dtype)]  # what is off the scale would grow
        return LatentActions(
            torch.stack(predictions, 1),
            torch.stack(codes, 1),
            Missed(*(torch.stack(part, 1) for part in zip(*missed, strict=True))) if missed else None,
        )

    def foretell(self, past_BKHW: Tensor) -> Foretold:
        """What follows the past [B, 3K, H, W] by each of the C codes."""
        return self._foretell(self.past(past_BKHW), past_BKHW[:, -3:])

    def _foretell(self, x: Tensor, last_B3HW: Tensor) -> Foretold:
        every = self.config.codes
        told = self.codebook.weight + self._as_a_whole(x)[:, None]
        frames, motion = self._redo(
            x.repeat_interleave(every, 0), last_B3HW.repeat_interleave(every, 0), told.flatten(0, 1)
        )
        rows, columns = motion.shape[2] // 4, motion.shape[3] // 4
        middle = motion[:, :, rows:-rows, columns:-columns].mean((2, 3))
        split = (len(x), every)
        return Foretold(frames.unflatten(0, split), middle.unflatten(0, split))

    def glance(self, x_BCHW: Tensor) -> Glance:
        """What the codes would do, from the past's features alone: an eighth of the cost of doing it."""
        codes = self.config.codes
        motion, likely = self.glimpse(_pooled(x_BCHW)).float().split((2 * codes, codes), 1)
        return Glance(motion.unflatten(1, (codes, 2)), likely.log_softmax(1))

    @torch.no_grad()
    def errors(self, past_BKHW: Tensor, next_B3HW: Tensor) -> Tensor:
        """The mean squared error [B, C] of each code's prediction of the next frame.

        The outer eighth of the picture does not count: what comes into view from outside is no action.
        """
        return self.off(self.foretell(past_BKHW).frames, next_B3HW)

    def off(self, foretold_BC3HW: Tensor, next_B3HW: Tensor) -> Tensor:
        """The mean squared error [B, C] of foretold frames, the picture's outer eighth left out."""
        rows, columns = self.config.height // 8, self.config.width // 8
        difference = foretold_BC3HW - next_B3HW[:, None]
        return difference[..., rows:-rows, columns:-columns].float().square().mean((2, 3, 4))

    def infer(self, past_BKHW: Tensor, next_B3HW: Tensor) -> Tensor:
        """The code [B] of each transition: the one by which the next frame is foretold best."""
        return self.errors(past_BKHW, next_B3HW).argmin(1)

    def predict(self, past_BKHW: Tensor, codes_B: Tensor) -> Tensor:
        """The frame [B, 3, H, W] that follows the past [B, 3K, H, W] when the given codes are taken."""
        return self.redo(self.past(past_BKHW), past_BKHW[:, -3:], codes_B)

    def redo(self, x_BCHW: Tensor, last_B3HW: Tensor, codes_B: Tensor) -> Tensor:
        """The same, from the past's features and its last frame.

        The last frame is moved by a smooth field of motion, then painted over. Moving is what makes an
        action show: half a pixel of it is clear in a picture that is carried along, and lost in one redrawn.
        """
        return self._redo(x_BCHW, last_B3HW, self.codebook(codes_B) + self._as_a_whole(x_BCHW))[0]

    def _as_a_whole(self, x_BCHW: Tensor) -> Tensor:
        return self.whole(_pooled(x_BCHW)).float()

    def _redo(self, x: Tensor, last_B3HW: Tensor, vectors_BE: Tensor) -> tuple[Tensor, Tensor]:
        for block, modulation in zip(self.future, self.modulation, strict=True):
            scale, shift = modulation(vectors_BE.to(x.dtype))[:, :, None, None].chunk(2, 1)
            x = block(x * (1 + scale) + shift)
        farthest = self.config.farthest
        motion = farthest * torch.tanh(self.flow(nn.functional.silu(x)).float() / farthest)
        return move(last_B3HW.float(), motion) + self.paint(x), motion


def _pooled(x_BCHW: Tensor) -> Tensor:
    # An average over a 4 x 4 grid by its window: what is adaptive cannot be exported.
    rows, columns = x_BCHW.shape[2] // 4, x_BCHW.shape[3] // 4
    return nn.functional.avg_pool2d(x_BCHW, (rows, columns)).flatten(1)
