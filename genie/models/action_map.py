"""From the player's key to a latent code, looking at what is likely here."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genie.models.latent_action import Glance

STILL = 0.5  # pixels a frame; what moves less is about to stand


@dataclass(frozen=True, kw_only=True)
class ActionMapConfig:
    """Sizes of an action map: how many keys a world has, and how many latent codes.

    likely: how much a code's own log-probability counts beside how much it speaks for the key; at 1 a key
    means its likeliest code, which from rest is that of going on standing. least: probability that a code
    needs to be possible here at all, whatever is pressed: what has none leads into a wall. squares: whether
    squares of motion speak for keys too, those at rest apart; maps of earlier bundles do without.
    """

    keys: int
    codes: int
    likely: float = 0.15
    least: float = 0.003
    squares: bool = False

    @property
    def features(self) -> int:
        """Numbers that are told of each code."""
        return self.codes + (18 if self.squares else 14)


class ActionMap(nn.Module):
    """Of the codes that are possible here, a key means the one that speaks most for it.

    The same key needs another code in mid-air, in front of a wall, or at full speed, where "right" changes
    nothing. What is possible is seen at a glance, and was learned from unlabelled frames. So a thousand
    labelled transitions need only say which key is betrayed by a code, from how it would move the picture
    beside the motion expected of any key: a few numbers a key, by logistic regression. (Bayes' rule: the
    probability of a code given key and past is that of the code given the past, times how much more likely
    the key is than before once the code is known.)

    Shapes: R moments, C codes, K keys, F = C + 18 features of a code.
    """

    def __init__(self, config: ActionMapConfig) -> None:
        super().__init__()
        self.config = c = config
        self.readout = nn.Linear(c.features, c.keys, bias=False)
        nn.init.zeros_(self.readout.weight)

    def forward(self, keys_R: Tensor, glance: Glance) -> Tensor:
        """Keys [R] int64 and a glance at R moments -> [R, C], most for the code that the key means."""
        worth = self.named(keys_R, glance) + self.config.likely * glance.likely
        possible = glance.likely >= math.log(self.config.least)
        return torch.where(possible, worth, glance.likely - 100)

    def meant(self, keys_R: Tensor, glance: Glance) -> Tensor:
        """The code [R] that each key means."""
        return self(keys_R, glance).argmax(1)

    def named(self, keys_R: Tensor, glance: Glance) -> Tensor:
        """Log-probabilities [R, C] of the keys, had each of the codes been taken."""
        every_RCK = self.readout(_features(glance, self.config.squares)).log_softmax(-1)
        return every_RCK.gather(2, keys_R[:, None, None].expand(-1, self.config.codes, 1))[..., 0]

    def surprise(self, keys_R: Tensor, glance: Glance, taken_RC: Tensor) -> Tensor:
        """Nats that the keys are worth once the codes are known; taken: how likely each was taken [R, C]."""
        return -(taken_RC * self.named(keys_R, glance)).sum(1).mean()

    def fit(self, keys_R: Tensor, glance: Glance, taken_RC: Tensor, ridge: float = 1.0) -> None:
        """Learn from labelled transitions: a convex problem, solved to its end; ridge: a prior's weight."""
        solved = ActionMap(self.config).to(taken_RC.device, torch.float64)
        seen = Glance(*(part.detach().double() for part in glance))
        weight = solved.readout.weight
        solver = torch.optim.LBFGS([weight], max_iter=200, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            solver.zero_grad()
            with torch.enable_grad():
                total = solved.surprise(keys_R, seen, taken_RC.double())
                total = total + ridge / len(keys_R) * weight.square().sum()
                total.backward()
            return total

        solver.step(loss)
        with torch.no_grad():
            self.readout.weight.copy_(weight)


def _features(glance: Glance, squares: bool) -> Tensor:
    """Of every code [R, C, F]: which it is, how it moves the picture, and how that differs from the rest."""
    motion, codes = glance.motion, glance.motion.shape[1]
    expected = (glance.likely.exp()[..., None] * motion).sum(1, keepdim=True)
    apart = torch.tanh(motion - expected)
    still = torch.exp(-((expected / STILL) ** 2)).expand_as(motion)
    which = torch.eye(codes, dtype=motion.dtype, device=motion.device).expand(len(motion), -1, -1)
    both = apart[..., :1] * apart[..., 1:]
    under_way = torch.tanh(expected).expand_as(motion)
    moved = torch.tanh(motion)
    parts = [which, apart, apart**2, moved, under_way, still, apart * still, both]
    if squares:
        parts += [moved**2, apart**2 * still]
    return F.pad(torch.cat(parts, -1), (0, 1), value=1.0)
