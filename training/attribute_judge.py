"""The judge of attributes reads off pictures what captions speak of: the ground, the backdrop, the hero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genie.models.tokenizer import ResidualBlock
from training.windows import pixels


@dataclass(frozen=True, kw_only=True)
class AttributeJudgeConfig:
    """Sizes of the judge of attributes; height and width are multiples of 8.

    attributes: what is read off a picture, by name, with the values that it can have.
    """

    attributes: Mapping[str, Sequence[str]]
    height: int = 64
    width: int = 64
    channels: int = 64
    blocks: int = 2


class AttributeJudge(nn.Module):
    """A small network that looks at single pictures, each attribute at the places that tell it."""

    def __init__(self, config: AttributeJudgeConfig) -> None:
        super().__init__()
        self.config = c = config
        self.see = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48, c.channels, 3, padding=1),
            *[ResidualBlock(c.channels) for _ in range(c.blocks)],
            nn.SiLU(),
            nn.Conv2d(c.channels, 2 * c.channels, 2, stride=2),
            *[ResidualBlock(2 * c.channels) for _ in range(c.blocks)],
            nn.SiLU(),
        )
        places = (c.height // 8) * (c.width // 8)
        self.usual_place = nn.Parameter(torch.zeros(len(c.attributes), places))
        self.attend = nn.Conv2d(2 * c.channels, len(c.attributes), 1)
        self.say = nn.ModuleList(nn.Linear(4 * c.channels, len(values)) for values in c.attributes.values())

    def forward(self, frames_BHW3: Tensor) -> dict[str, Tensor]:
        """Logits [B, values] by attribute, of pictures uint8 [B, H, W, 3]."""
        return self.look_at(pixels(frames_BHW3))

    def look_at(self, frames_B3HW: Tensor) -> dict[str, Tensor]:
        """The same of pictures [B, 3, H, W] in [-1, 1]."""
        seen = self.see(frames_B3HW.contiguous(memory_format=torch.channels_last))
        where_BAP = (self.attend(seen).flatten(2) + self.usual_place).softmax(-1)
        seen_BCP = seen.flatten(2)
        looked_BAC = torch.einsum("bap,bcp->bac", where_BAP, seen_BCP)
        whole_BC = seen_BCP.mean(-1)
        told = {}
        for number, (name, say) in enumerate(zip(self.config.attributes, self.say, strict=True)):
            told[name] = say(torch.cat((looked_BAC[:, number], whole_BC), 1)).float()
        return told
