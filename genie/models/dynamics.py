"""The dynamics transformer: the past's tokens, an action and a text to the next frame's tokens.

A causal space-time backbone reads each frame once (and so fills its cache); a light spatial sampler then
draws the next frame's tokens in a few masked passes from what the backbone says. The heavy part runs once
a frame however many passes are drawn (the division of labour of MAR, arXiv:2406.11838). Where there is a
draft of the next frame (see draft.py), both parts see it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genie.models.st_transformer import MODULATIONS, Condition, SpaceBlock, SpaceTimeBlock


@dataclass(frozen=True, kw_only=True)
class DynamicsConfig:
    """Sizes of the dynamics model.

    grid, dims, levels: the tokenizer's. told: whether it is told latent "codes" or the true "keys"; actions:
    how many of them there are. draft: whether it is shown a draft of the next frame. text: channels of a
    text's embedding. window: frames of context. passes: masked passes the sampler draws in.
    """

    grid: tuple[int, int] = (8, 8)
    dims: int = 16
    levels: int = 5
    told: str = "codes"
    actions: int = 8
    draft: bool = True
    text: int = 128
    channels: int = 256
    heads: int = 4
    layers: int = 8
    sampler_layers: int = 2
    expansion: int = 4
    window: int = 16
    passes: int = 2

    def __post_init__(self) -> None:
        if self.told not in ("codes", "keys"):
            raise ValueError(f"a dynamics model is told codes or keys, not {self.told!r}")
        if self.channels % self.heads:
            raise ValueError(f"channels ({self.channels}) must be a multiple of heads ({self.heads})")
        if not 1 <= self.passes <= self.places:
            raise ValueError(f"passes must be 1..{self.places}, got {self.passes}")

    @property
    def places(self) -> int:
        """Tokens a frame."""
        return self.grid[0] * self.grid[1]

    @property
    def cache_shape(self) -> tuple[int, ...]:
        """[window, layers, key or value, batch, places, head channels] for one session."""
        return self.window, self.layers, 2, 1, self.places, self.channels // self.heads


class Step(NamedTuple):
    """Next frame's digits [B, N, D] int64, and the cache with this frame written in."""

    digits: Tensor
    cache: Tensor


class Dynamics(nn.Module):
    """Predicts the next frame's tokens; see the module's docstring.

    Shapes: B sequences, T frames, N places, D digits a place, V levels a digit, C channels, M modulations,
    L backbone and S sampler layers, W window.
    """

    plain: Tensor

    def __init__(self, config: DynamicsConfig) -> None:
        super().__init__()
        self.config = c = config
        self.embed = nn.Linear(c.dims * c.levels, c.channels)
        self.place = nn.Parameter(torch.randn(c.places, c.channels) * 0.02)
        self.blocks = nn.ModuleList(
            SpaceTimeBlock(c.channels, c.heads, c.grid, c.expansion, c.window) for _ in range(c.layers)
        )
        self.action = nn.Embedding(c.actions, self._condition_channels)
        self.text = nn.Linear(c.text, self._condition_channels)
        # What a wholly spoiled past adds to the condition; from zero, so that an older model can go on.
        self.spoiled = nn.Parameter(torch.zeros(self._condition_channels))
        # For the backbone and the sampler; it starts at zero, so a model trained without drafts can go on.
        self.draft = nn.Linear(c.dims * c.levels, 2 * c.channels) if c.draft else None
        self.reveal = nn.Linear(c.dims * c.levels, c.channels)
        self.sampler = nn.ModuleList(
            SpaceBlock(c.channels, c.heads, c.grid, c.expansion) for _ in range(c.sampler_layers)
        )
        self.head = nn.Linear(c.channels, c.dims * c.levels)
        for weight in (self.action.weight, self.text.weight):
            nn.init.normal_(weight, std=0.02)
        nn.init.zeros_(self.head.weight)
        if self.draft is not None:
            nn.init.zeros_(self.draft.weight)
            nn.init.zeros_(self.draft.bias)
        plain = torch.tensor([1.0, 0.0] * (MODULATIONS // 2)).repeat(c.layers + c.sampler_layers)
        self.register_buffer("plain", plain.repeat_interleave(c.channels), persistent=False)

    @property
    def _condition_channels(self) -> int:
        return (self.config.layers + self.config.sampler_layers) * MODULATIONS * self.config.channels

    def _backbone_blocks(self) -> Iterator[SpaceTimeBlock]:
        return cast(Iterator[SpaceTimeBlock], iter(self.blocks))

    def one_hot(self, digits: Tensor) -> Tensor:
        """Digits [..., D] -> [..., D * V] of zeros and ones."""
        levels = torch.arange(self.config.levels, device=digits.device)
        return (digits[..., None] == levels).flatten(-2).to(self.embed.weight.dtype)

    def condition(self, actions: Tensor, text: Tensor) -> Tensor:
        """Actions [...] int64 and text modulations [..., (L+S)*M*C] -> scales and shifts [..., L+S, M, C]."""
        total = self.action(actions) + text + self.plain
        return total.unflatten(-1, (-1, MODULATIONS, self.config.channels))

    def _by_layer(self, condition_FLMC: Tensor) -> list[Condition]:
        """The condition of each layer, cut up at once: for one frame, as play has it, into vectors."""
        if len(condition_FLMC) > 1:
            return [part.unbind(1) for part in condition_FLMC.unbind(1)]
        parts = condition_FLMC.flatten().split(self.config.channels)
        return [parts[first : first + MODULATIONS] for first in range(0, len(parts), MODULATIONS)]

    def hints(self, draft: Tensor | None) -> tuple[Tensor | float, Tensor | float]:
        """A draft's values [..., D] in [-1, 1] -> what backbone and sampler make of it, [..., C] each.

        Both are 0 for a model without drafts.
        """
        assert (draft is None) == (self.draft is None), "the config says whether there is a draft"
        if self.draft is None or draft is None:
            return 0.0, 0.0
        # One-hot at a level, a mixture of two between them: nothing jumps where a draft is rounded.
        levels = torch.arange(self.config.levels, device=draft.device)
        at = (draft + 1) * ((self.config.levels - 1) / 2)
        mixed = (1 - (at[..., None] - levels).abs()).clamp(min=0).flatten(-2)
        return self.draft(mixed).chunk(2, -1)

    def backbone(self, digits_BTND: Tensor, condition_BTLMC: Tensor, hint: Tensor | float = 0.0) -> Tensor:
        """What the model thinks of each frame and its action: [B, T, N, C]; nothing looks ahead in time."""
        x = self.embed(self.one_hot(digits_BTND)) + self.place + hint
        for layer, block in enumerate(self._backbone_blocks()):
            x = block.forward_sequence(x, condition_BTLMC[:, :, layer])
        return x

    def sample_logits(
        self, thought_FNC: Tensor, digits_FND: Tensor, known_FND: Tensor, condition_FLMC: Tensor
    ) -> Tensor:
        """Logits [F, N, D, V] of the next frame's digits, given those of them that are `known`."""
        shown = self.one_hot(torch.where(known_FND, digits_FND, -1))  # a hidden digit is at no level
        x = thought_FNC + self.reveal(shown)
        conditions = self._by_layer(condition_FLMC[:, self.config.layers :])
        for block, condition in zip(self.sampler, conditions, strict=True):
            x = block(x, condition)
        logits = self.head(F.layer_norm(x, x.shape[-1:]))
        return logits.unflatten(-1, (self.config.dims, self.config.levels))

    def forward(
        self,
        digits_BTND: Tensor,
        actions_BT: Tensor,
        text_BTE: Tensor,
        known_BTND: Tensor,
        next_BTND: Tensor,
        draft_BTND: Tensor | None = None,
        spoiled_BT: Tensor | None = None,
    ) -> Tensor:
        """Training: logits [B, T, N, D, V] of each frame's successor.

        digits: frames 0..T-1 (possibly corrupted); actions: action t leads from frame t to t+1; text: the
        caption's embedding at each frame [B, T, E]; known, next: which true digits of the successor the
        sampler is shown; draft: values of each successor's draft; spoiled: how much each frame was spoiled, 0
        to 1, all of them not at all where None. Told of it, the model cleans what is spoiled and leaves alone
        what is not (noise augmentation with its level, GameNGen, arXiv:2408.14837).
        """
        text = self.text(text_BTE)
        if spoiled_BT is not None:
            text = text + spoiled_BT[..., None] * self.spoiled
        condition = self.condition(actions_BT, text)
        hint, late_hint = self.hints(draft_BTND)
        thought = self.backbone(digits_BTND, condition, hint) + late_hint
        flat = [x.flatten(0, 1) for x in (thought, next_BTND, known_BTND, condition)]
        return self.sample_logits(*flat).unflatten(0, digits_BTND.shape[:2])

    def think(
        self,
        digits_BND: Tensor,
        condition_BLMC: Tensor,
        position: Tensor,
        cache: Tensor,
        hint: Tensor | float = 0.0,
    ) -> tuple[Tensor, Tensor]:
        """One frame through the backbone with a cache [W, L, 2, B, N, E] -> thought [B, N, C], new cache."""
        x = self.embed(self.one_hot(digits_BND)) + self.place + hint
        fresh: list[Tensor] = []
        # Of all layers at once, as attention wants them: many small copies cost more than a large one.
        past = cache.permute(1, 2, 3, 4, 0, 5).flatten(0, 2).split(len(x))
        conditions = self._by_layer(condition_BLMC)
        for layer, block in enumerate(self._backbone_blocks()):
            keys, values = past[2 * layer : 2 * layer + 2]
            x, key, value = block.step(x, conditions[layer], keys, values, position)
            fresh += key, value
        # One slot along the first axis: where input and output are one buffer, only that slot is written.
        slot = torch.cat(fresh).view(1, *cache.shape[1:])
        return x, cache.index_put((position % self.config.window,), slot)

    def draw(self, thought_BNC: Tensor, condition_BLMC: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
        """Digits [B, N, D] of the next frame, drawn in `passes` passes, in an order left to chance.

        noise: uniform in (0, 1), [2, B, N, D]: the first draws the digits, the second says when each is
        drawn; temperature [1], 0 takes the likeliest digit. MaskGIT's cosine schedule (arXiv:2202.04200) for
        digits in place of tokens, so that a token's later digits know its first ones: after pass k,
        cos(pi/2 * k/passes) of the digits are expected to be open. Not the surest first, as there: what is
        surest is plain, and what is drawn after it follows suit (docs/decisions/0017).
        """
        draws, order = noise
        digits = torch.zeros_like(draws, dtype=torch.int64)
        known = torch.zeros_like(draws, dtype=torch.bool)
        for turn in range(1, self.config.passes + 1):
            logits = self.sample_logits(thought_BNC, digits, known, condition_BLMC).float()
            digits = torch.where(known, digits, draw_digits(logits, draws, temperature))
            known = order < 1 - math.cos(math.pi / 2 * turn / self.config.passes)
        return digits

    def step(
        self,
        digits_BND: Tensor,
        actions_B: Tensor,
        text: Tensor,
        noise: Tensor,
        temperature: Tensor,
        position: Tensor,
        cache: Tensor,
        draft_BND: Tensor | None = None,
    ) -> Step:
        """Play: this frame's digits and action to the next frame's; text is modulations [B, (L+S)*M*C]."""
        condition = self.condition(actions_B, text)
        hint, late_hint = self.hints(draft_BND)
        thought, cache = self.think(digits_BND, condition, position, cache, hint)
        return Step(self.draw(thought + late_hint, condition, noise, temperature), cache)


def draw_digits(logits: Tensor, noise: Tensor, temperature: Tensor) -> Tensor:
    """Draw a digit from each row of logits by inverting its distribution function.

    logits [..., D, V], noise [..., D] in (0, 1), temperature [1]. Returns digits [..., D].
    """
    probabilities = (logits / temperature.clamp(min=1e-3)).softmax(-1)
    below = probabilities.cumsum(-1)[..., :-1] < noise[..., None]
    return torch.where(temperature > 0, below.long().sum(-1), logits.argmax(-1))
