"""Reads what happened between frames from how well patches of one are found again, shifted, in the next."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genie.models.tokenizer import ResidualBlock

CELL = 8  # pixels a side of the patches whose shift is read
# The largest shift down or up and to the sides, in pixels a frame: players fall faster than they run.
REACH = 6, 4


class MotionReader(nn.Module):
    """Frames [B, T, 3, H, W] in [-1, 1], H and W multiples of 8 -> a vector [B, out].

    A cost volume (as in PWC-Net, arXiv:1709.02371, here of grey values) tells for every cell and every shift
    within reach how badly the cell fits the frame before. To learn shifts from pixels alone took six times as
    many windows. One frame's own look goes beside them: what a shift means depends on what is there.
    """

    def __init__(
        self,
        *,
        frames: int,
        height: int,
        width: int,
        channels: int,
        blocks: int,
        out: int,
    ) -> None:
        super().__init__()
        shifts = (2 * REACH[0] + 1) * (2 * REACH[1] + 1)
        places = (height // CELL) * (width // CELL)
        self.pair = nn.Conv2d(shifts, channels, 1)
        self.look = nn.Sequential(nn.PixelUnshuffle(CELL), nn.Conv2d(3 * CELL**2, channels, 1))
        self.say = nn.Sequential(
            nn.Conv2d(channels * frames, 2 * channels, 1),
            *[ResidualBlock(2 * channels) for _ in range(blocks)],
            nn.SiLU(),
            nn.Conv2d(2 * channels, channels, 1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(channels * places, 4 * channels),
            nn.SiLU(),
            nn.Linear(4 * channels, out),
        )

    def forward(self, frames_BT3HW: Tensor) -> Tensor:
        """The second frame is the one looked at: it comes before what is to be named."""
        with torch.no_grad():
            grey = frames_BT3HW.float().mean(2)
            costs = [cost_volume(a, b) for a, b in zip(*_pairs(grey), strict=True)]
        read = [self.pair(cost) for cost in costs]
        return self.say(torch.cat([*read, self.look(frames_BT3HW[:, 1])], 1))


def cost_volume(before_BHW: Tensor, after_BHW: Tensor) -> Tensor:
    """How badly each cell of a picture fits the one before at every shift: [B, shifts, H/8, W/8].

    The root of the mean squared difference, less its mean over the shifts and over their spread: the fit's
    shape counts, not the picture's contrast.
    """
    down, side = REACH
    batch, height, width = after_BHW.shape
    rows, columns = height // CELL, width // CELL
    padded = F.pad(before_BHW[:, None], (side, side, down, down), mode="replicate")[:, 0]
    cells = after_BHW.unfold(1, CELL, CELL).unfold(2, CELL, CELL)  # [B, rows, columns, CELL, CELL]
    around = padded.unfold(1, CELL + 2 * down, CELL).unfold(2, CELL + 2 * side, CELL)
    squares = F.avg_pool2d(F.avg_pool2d(padded.square(), (CELL, 1), 1), (1, CELL), 1)
    squares = squares.unfold(1, 2 * down + 1, CELL).unfold(2, 2 * side + 1, CELL).flatten(3)
    # (a - b)^2 = a^2 - 2ab + b^2, and the product at all shifts is a convolution of each cell's own.
    each = batch * rows * columns
    neighbourhoods = around.reshape(1, each, *around.shape[-2:])
    products = F.conv2d(neighbourhoods, cells.reshape(each, 1, CELL, CELL), groups=each)
    products = products.reshape(batch, rows, columns, -1) / CELL**2
    own = cells.square().mean((-2, -1))[..., None]
    volume = (squares - 2 * products + own).clamp(min=0).sqrt().movedim(-1, 1)
    spread, mean = torch.std_mean(volume, 1, keepdim=True)
    return (volume - mean) / (spread + 0.02)


def _pairs(frames_BTHW: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    return frames_BTHW[:, :-1].unbind(1), frames_BTHW[:, 1:].unbind(1)
