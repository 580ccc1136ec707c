"""The judge names the action between frames, sees the player's character, and tells how spoiled a picture is.

It is trained on real clips only, of levels that neither a world nor its scoring uses.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genie.models.motion_encoder import MotionEncoder
from training.degrade import BEST, degrade, quality
from training.loop import Stage
from training.placement import channels_last
from training.windows import Windows, pixels

FRAMES = 4  # the judge sees t-1, t, t+1, t+2 and names the action from t to t+1
VALIDATION_WINDOWS = 1024
SPREAD = 10.0  # dB; the scale on which quality is learned


@runtime_checkable
class PlayerPairs(Protocol):
    """What a world's source may offer beside its clips."""

    def player_pairs(self, *, split: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return `count` real frames uint8 [M, H, W, 3], and the same ones without the player's character."""


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """Sizes of the judge; actions is how many keys there are."""

    actions: int
    height: int = 64
    width: int = 64
    channels: int = 64
    blocks: int = 3


class Look(NamedTuple):
    """What single pictures show.

    present [B]: logit that the character is there; quality [B]: dB of PSNR of a real picture spoiled as
    much, between degrade.WORST and BEST; features [B, C].
    """

    present: Tensor
    quality: Tensor
    features: Tensor


class Verdict(NamedTuple):
    """actions [B, A] logits of the action from a window's second frame to its third; look: at the second."""

    actions: Tensor
    look: Look


class Judge(nn.Module):
    """Two small networks: one that reads motion, one that reads a single picture."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = c = config
        size = {"height": c.height, "width": c.width, "channels": c.channels, "blocks": c.blocks}
        self.motion = MotionEncoder(frames=FRAMES, out=c.actions, **size)
        self.picture = MotionEncoder(frames=1, out=2, **size)

    def look(self, frames_BHW3: Tensor) -> Look:
        """At single frames uint8 [B, H, W, 3]."""
        return self.look_at(pixels(frames_BHW3))

    def look_at(self, frames_B3HW: Tensor) -> Look:
        """At single frames [B, 3, H, W] in [-1, 1]."""
        features = self.picture.features(frames_B3HW.contiguous(memory_format=torch.channels_last))
        present, quality = self.picture.say(features).unbind(-1)
        return Look(present, BEST - SPREAD * F.softplus(quality.float()), features)

    def forward(self, frames_BTHW3: Tensor) -> Verdict:
        """Windows of FRAMES frames, uint8 [B, 4, H, W, 3]; the picture looked at is the second one."""
        stacked = pixels(frames_BTHW3).flatten(1, 2).contiguous(memory_format=torch.channels_last)
        return Verdict(self.motion(stacked), self.look(frames_BTHW3[:, 1]))


class JudgeStage(Stage[Judge]):
    """Classification of actions and of pictures with and without the character; how spoiled a picture is."""

    name = "judge"

    def __init__(
        self,
        config: JudgeConfig,
        windows: Windows,
        pairs: tuple[np.ndarray, np.ndarray] | None,
        device: torch.device,
    ) -> None:
        """pairs: real frames with and without the character, uint8 [M, H, W, 3] twice, if there are any."""
        self.windows, self.device = windows, device
        self.model = channels_last(Judge(config), device)
        self.pairs = None if pairs is None else torch.from_numpy(np.stack(pairs)).to(device)
        self.held_out = windows.held_out(VALIDATION_WINDOWS)

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        window = self.windows.at(step)
        keys = window.actions[:, 1]
        verdict = self.model(window.frames)
        loss = F.cross_entropy(verdict.actions.float(), keys, ignore_index=-1)
        figures = {"accuracy": (verdict.actions.argmax(-1) == keys).float().mean()}
        off = self._misjudged(self.model, window.frames[:, 0], seed=step)
        loss = loss + F.smooth_l1_loss(off / SPREAD, torch.zeros_like(off))
        figures["quality_off_db"] = off.abs().mean()
        if self.pairs is not None:
            kept = self.pairs.shape[1] * 9 // 10
            rows = torch.from_numpy(np.random.default_rng([7, step]).integers(kept, size=len(keys) // 2))
            logits = self.model.look(self.pairs[:, rows.to(self.device)].flatten(0, 1)).present.float()
            wanted = (torch.arange(len(logits), device=self.device) < len(logits) // 2).float()
            loss = loss + F.binary_cross_entropy_with_logits(logits, wanted)
            figures["presence"] = ((logits > 0) == (wanted > 0)).float().mean()
        return loss, figures

    def _misjudged(self, model: Judge, frames_BHW3: Tensor, seed: int) -> Tensor:
        """By how many dB [B] the quality of frames is misjudged, once they have been spoiled."""
        frames = pixels(frames_BHW3)
        spoiled = degrade(frames, torch.Generator().manual_seed(seed))
        return model.look_at(spoiled).quality - quality(spoiled, frames)

    def validate(self, model: Judge) -> dict[str, float]:
        verdicts = [model(chunk) for chunk in self.held_out.frames.split(128)]
        keys = self.held_out.actions[:, 1]
        named = torch.cat([verdict.actions for verdict in verdicts]).argmax(-1)
        figures = {"accuracy": float((named == keys).float().mean())}
        off = self._misjudged(model, self.held_out.frames[:, 0], seed=-1)
        figures["quality_off_db"] = float(off.abs().mean())
        if self.pairs is not None:
            present, absent = self.pairs[:, self.pairs.shape[1] * 9 // 10 :]
            for name, frames, there in (("present", present, True), ("absent", absent, False)):
                logits = torch.cat([model.look(chunk).present for chunk in frames.split(128)])
                figures[name] = float(((logits > 0) == there).float().mean())
        return figures
