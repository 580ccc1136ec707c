"""Stage 2: the latent action model learns what can be done, from unlabelled frames."""

import dataclasses
from typing import Any

import torch
from torch import Tensor, nn

from genie.models.latent_action import LatentActionConfig, LatentActionModel, LatentActions, Missed
from genie.models.tokenizer import Tokenizer
from training import losses, processes
from training.placement import channels_last
from training.sharding import changed_whole
from training.windows import Window, WindowedStage, Windows, pixels

REVIVE_SHARE = 0.02  # of the transitions: a code used less is brought back
REVIVE_EVERY, REVIVE_EVERY_AT_FIRST, AT_FIRST = 100, 20, 500  # steps over which use is counted
VALIDATION_WINDOWS = 256
EDGE = 0.1  # how much the outer part of the picture counts
GLANCE = 0.01  # how much a pixel of motion or a nat counts that a glance misses; nothing else learns from it


class LatentActionStage(WindowedStage):
    """Prediction of the next frames, each through one of a few codes."""

    name = "latent-action"
    model: LatentActionModel

    def __init__(
        self,
        config: LatentActionConfig,
        windows: Windows,
        device: torch.device,
        *,
        tokenizer: Tokenizer | None = None,
        told: bool = False,
        seed: int = 0,
    ) -> None:
        """tokenizer: windows begin with frames as it renders them, which is what play goes on from.

        told: the codes are the true keys (the yardstick); else keys are never looked at.
        """
        self.tokenizer = tokenizer
        self.windows, self.seed, self.device, self.told = windows, seed, device, told
        self.model = channels_last(LatentActionModel(config), device)
        self.model.glimpse.requires_grad_(not told)  # a glimpse of true keys is of no use
        self.held_out = windows.held_out(VALIDATION_WINDOWS)
        # How far each code's transitions of the last batch were off, in all [C].
        self.owed = torch.zeros(config.codes, device=device)

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def _redo(self, model: LatentActionModel, window: Window) -> tuple[LatentActions, Tensor]:
        """What the model makes of a window's transitions, and the true frames [B, R, 3, H, W]."""
        frames, history = pixels(window.frames), model.config.history
        if self.tokenizer is not None:
            with torch.no_grad():
                rendered = self.tokenizer.decode(self.tokenizer.encode(frames[:, :history].flatten(0, 1)))
            rendered = rendered.unflatten(0, (-1, history)).to(frames.dtype)
            frames = torch.cat((rendered, frames[:, history:]), 1)
        told = window.actions[:, history - 1 :] if self.told else None
        return model(frames, told), frames[:, history:]

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        action, following = self._redo(self.model, self.windows.at(step))
        redone = losses.reconstruction_within(action.predictions, following, EDGE)
        figures = {"psnr": losses.psnr(action.predictions.detach().flatten(0, 1), following.flatten(0, 1))}
        if self.told:
            return redone, figures
        assert action.missed is not None
        glance = glance_off(action.missed)
        off = self.model.off(action.predictions.detach().flatten(0, 1)[:, None], following.flatten(0, 1))
        counts, self.owed = processes.total(
            torch.stack((self._count(action.codes), self._count(action.codes, off[:, 0])))
        )
        self.model.used += counts
        figures |= {"codes_used": 2.0 ** _entropy(counts)}
        figures |= {name: figure.detach() for name, figure in glance.items()}
        return redone + GLANCE * sum(glance.values()), figures

    def _count(self, codes: Tensor, weights: Tensor | None = None) -> Tensor:
        return torch.bincount(codes.flatten(), weights, self.model.config.codes).float()

    def after_step(self, step: int) -> None:
        """Codes hardly used of late restart beside those that foretold the last batch worst in all.

        What owes most is most likely two things in one, as standing and going slowly back may be; what is
        used most may be one thing done often.
        """
        interval = REVIVE_EVERY_AT_FIRST if step < AT_FIRST else REVIVE_EVERY
        if self.told or step % interval != interval - 1:
            return
        used = self.model.used
        dead = (used < REVIVE_SHARE * used.sum()).nonzero().flatten()
        with changed_whole(self.model.codebook.weight) as weight:
            noise = torch.randn(
                len(dead), weight.shape[1], generator=torch.Generator().manual_seed(self.seed + step)
            )
            worst = self.owed.argsort(descending=True)[: len(dead)]
            weight[dead] = weight[worst] + 0.1 * weight.std() * noise.to(self.device)
        self.model.used.zero_()

    def validate(self, model: nn.Module) -> dict[str, float]:
        assert isinstance(model, LatentActionModel)
        action, following = self._redo(model, self.held_out)
        right = losses.psnr(action.predictions[:, 0], following[:, 0])
        return {
            "psnr": float(right),
            "psnr_last": float(losses.psnr(action.predictions[:, -1], following[:, -1])),
            "codes_used": float(2.0 ** _entropy(self._count(action.codes))),
        } | {name: float(figure) for name, figure in glance_off(action.missed).items()}


def glance_off(missed: Missed | None) -> dict[str, Tensor]:
    """How far glances miss motion, in pixels, and likelihood, in nats."""
    if missed is None:
        return {}
    return {"motion_off": missed.motion.abs().mean(), "likely_off": missed.likely.mean()}


def _entropy(counts: Tensor) -> Tensor:
    share = counts / counts.sum()
    return -(share * share.clamp(min=1e-9).log2()).sum()
