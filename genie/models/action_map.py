"""From the player's key to a latent code, looking at the motion under way."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genie.models.latent_action import Glance

UNLIKELY = 1e3  # more than any regret
STILL = 0.7  # pixels a frame; what moves less is about to stand


@dataclass(frozen=True, kw_only=True)
class ActionMapConfig:
    """Sizes of an action map: how many keys a world has, and how many latent codes.

    margin: by how many nats of regret a code may be worse than the best and still be what a key means. At 0 a
    key means the code of least regret, which from rest is too often the one of doing nothing: chance hides
    half a pixel.
    """

    keys: int
    codes: int
    margin: float = 1.0


class ActionMap(nn.Module):
    """Foretells how much each code is to be regretted when a key is pressed here, and so what the key means.

    It means that one of the least regretted codes which sets it most apart from the other keys. The same key
    needs another code in mid-air, or at full speed, where "right" changes nothing. So the map takes a glance
    at what each code would do: how it would move the picture, which tells how it moves already, whether that
    is hardly at all (it stands, and may jump), and how likely the code is here whatever is pressed. That last
    part was learned from unlabelled frames, so a thousand labelled transitions need only say what the keys
    add to it: a linear readout, for every key apart and for all of them, that is solved rather than trained.

    Shapes: R moments, C codes, F = 5C features.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: ActionMapConfig) -> None:
        super().__init__()
        self.config = c = config
        self.register_buffer("mean", torch.zeros(5 * c.codes))
        self.register_buffer("deviation", torch.ones(5 * c.codes))
        self.readout = nn.Linear((5 * c.codes + 1) * (c.keys + 1), c.codes, bias=False)
        nn.init.zeros_(self.readout.weight)

    def forward(self, keys_R: Tensor, glance: Glance) -> Tensor:
        """Keys [R] int64 and a glance at R moments -> [R, C], least for the code that the key means."""
        own = self.foretold(keys_R, glance)
        each = [self.foretold(torch.full_like(keys_R, key), glance) for key in range(self.config.keys)]
        likely = own <= own.amin(1, keepdim=True) + self.config.margin
        return torch.where(likely, own - torch.stack(each).mean(0), torch.full_like(own, UNLIKELY))

    def foretold(self, keys_R: Tensor, glance: Glance) -> Tensor:
        """The regrets [R, C] as they were learned."""
        return glance.regret + self.readout(self._seen(keys_R, glance))

    @torch.no_grad()
    def fit(self, keys_R: Tensor, glance: Glance, regrets_RC: Tensor, ridge: float = 20.0) -> None:
        """Solve for the regrets [R, C] of labelled transitions, by least squares with a ridge."""
        features = _features(glance)
        self.mean.copy_(features.mean(0))
        self.deviation.copy_(features.std(0, unbiased=False) + 1e-3)
        seen = self._seen(keys_R, glance).double()
        square = seen.T @ seen + ridge * torch.eye(seen.shape[1], device=seen.device, dtype=seen.dtype)
        solved = torch.linalg.solve(square, seen.T @ (regrets_RC - glance.regret).double())
        self.readout.weight.copy_(solved.T)

    def _seen(self, keys_R: Tensor, glance: Glance) -> Tensor:
        """Features and a constant, in the key's own place and in the place of all keys."""
        features = (_features(glance) - self.mean) / self.deviation
        features = torch.cat((features, torch.ones_like(features[:, :1])), 1)
        key = F.one_hot(keys_R, self.config.keys).to(features.dtype)
        return torch.cat(((key[:, :, None] * features[:, None]).flatten(1), features), 1)


def _features(glance: Glance) -> Tensor:
    motion = glance.motion.float().flatten(1)
    return torch.cat((motion, torch.exp(-((motion / STILL) ** 2)), glance.regret), 1)
