"""Reads what happened from a few frames stacked on top of each other."""

from torch import Tensor, nn

from genie.models.tokenizer import ResidualBlock


class MotionEncoder(nn.Module):
    """Stacked frames [B, 3F, H, W] in [-1, 1] -> a vector [B, out].

    Convolutions at a quarter of the resolution, where a shift of one pixel still shows; sizes are multiples
    of 16.
    """

    def __init__(self, *, frames: int, height: int, width: int, channels: int, blocks: int, out: int) -> None:
        super().__init__()
        places = (height // 16) * (width // 16)
        self.see = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48 * frames, channels, 3, padding=1),
            *[ResidualBlock(channels) for _ in range(blocks)],
            nn.SiLU(),
            nn.Conv2d(channels, 2 * channels, 4, stride=4),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(2 * channels * places, 4 * channels),
            nn.SiLU(),
        )
        self.say = nn.Linear(4 * channels, out)

    def features(self, frames_BFHW: Tensor) -> Tensor:
        """What the frames look like before anything is said of them: [B, 4 * channels]."""
        return self.see(frames_BFHW)

    def forward(self, frames_BFHW: Tensor) -> Tensor:
        return self.say(self.features(frames_BFHW))
