"""The judge names actions, sees the player's character, tells how spoiled a picture is and what is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genie.models.motion_encoder import MotionEncoder
from genie.models.motion_reader import MotionReader
from training.degrade import BEST
from training.windows import pixels

FRAMES = 4  # the judge sees t-1, t, t+1, t+2 and names the action from t to t+1
BEFORE = 2  # frames that it sees of what came before a key was held, the moment itself included
SPREAD = 10.0  # dB; the scale on which quality is learned


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """Sizes of the judge.

    actions: how many keys there are; held: frames that a held key is watched for, 0 where no simulator can
    show them; attributes: what is read off a picture, by name, with the values that it can have; character:
    whether there is one to see: in first person there is none, and nothing is ever missing.
    """

    actions: int
    height: int = 64
    width: int = 64
    channels: int = 64
    blocks: int = 2
    held: int = 0
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    character: bool = True


class Look(NamedTuple):
    """What single pictures show.

    present [B]: logit that the character is there; quality [B]: dB of PSNR of a real picture spoiled as
    much, between degrade.WORST and BEST; features [B, C]; attributes: logits [B, values] each, by name.
    """

    present: Tensor
    quality: Tensor
    features: Tensor
    attributes: dict[str, Tensor]


class Judge(nn.Module):
    """Small networks of their own: two that read motion, one that reads a single picture."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = c = config
        size = {"height": c.height, "width": c.width, "channels": c.channels, "blocks": c.blocks}
        self.motion = MotionReader(frames=FRAMES, out=c.actions, **size)
        self.watch = MotionReader(frames=BEFORE + c.held, out=c.actions, **size) if c.held else None
        values = sum(len(values) for values in c.attributes.values())
        self.picture = MotionEncoder(frames=1, out=2 + values, **size)

    def forward(self, windows_BTHW3: Tensor) -> Tensor:
        """Logits [B, A] of the action between the middle frames of windows uint8 [B, 4, H, W, 3]."""
        return self.name(pixels(windows_BTHW3))

    def name(self, windows_BT3HW: Tensor) -> Tensor:
        """The same of windows [B, 4, 3, H, W] in [-1, 1]."""
        return self.motion(windows_BT3HW)

    def name_held(self, windows_BT3HW: Tensor) -> Tensor:
        """Logits [B, A] of the key held from the second frame on, [B, 2 + held, 3, H, W] in [-1, 1]."""
        assert self.watch is not None, "this judge never saw held keys"
        return self.watch(windows_BT3HW)

    def look(self, frames_BHW3: Tensor) -> Look:
        """At single frames uint8 [B, H, W, 3]."""
        return self.look_at(pixels(frames_BHW3))

    def look_at(self, frames_B3HW: Tensor) -> Look:
        """At single frames [B, 3, H, W] in [-1, 1]."""
        features = self.picture.features(frames_B3HW.contiguous(memory_format=torch.channels_last))
        said = self.picture.say(features).float()
        sizes = [len(values) for values in self.config.attributes.values()]
        attributes = dict(zip(self.config.attributes, said[:, 2:].split(sizes, 1), strict=True))
        present = said[:, 0] if self.config.character else torch.full_like(said[:, 0], torch.inf)
        return Look(present, BEST - SPREAD * F.softplus(said[:, 1]), features, attributes)
