"""Stage 4: the dynamics learn what comes next, given an action and a caption."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from genie.models.draft import Drafter
from genie.models.dynamics import Dynamics, DynamicsConfig, draw_digits
from genie.models.tokenizer import Tokenizer
from training import losses, processes
from training.degrade import fade
from training.windows import Window, WindowedStage, Windows, pixels

VALIDATION_WINDOWS = 16

ActionReader = Callable[[Window, Tensor], Tensor]  # a window and its tokens to what is told [B, T-1]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Corruption:
    """How the past is spoiled in training, so that play survives its own mistakes.

    share: of the windows that are spoiled; most: the largest share of tokens replaced in one frame;
    jitter: the largest share of digits moved to a neighbouring level; captions: share of windows whose
    caption is dropped, so that the model also knows the world without words. told: share of actions that are
    told wrong, so that what the picture makes impossible is not done: nobody walks into a wall. faded: share
    of windows whose past has lost colours and edges, as long play loses them. own: share of
    windows whose past the model made itself, up to `rounds` frames on from the true one, once own_after steps
    have been trained.
    """

    share: float = 0.7
    most: float = 0.1
    jitter: float = 0.1
    captions: float = 0.15
    told: float = 0.1
    faded: float = 0.4
    own: float = 0.4
    rounds: int = 6
    own_after: int = 8000


class DynamicsStage(WindowedStage[Dynamics]):
    """Masked-digit prediction of every next frame of a window at once."""

    name = "dynamics"

    def __init__(
        self,
        config: DynamicsConfig,
        windows: Windows,
        tokenizer: Tokenizer,
        texts: Tensor,
        actions: ActionReader,
        device: torch.device,
        *,
        drafter: Drafter | None = None,
        corruption: Corruption | None = None,
        seed: int = 0,
    ) -> None:
        """texts: embeddings of the store's captions and, last, of the empty one [captions + 1, E]."""
        assert config.draft == (drafter is not None)
        self.drafter = drafter
        self.windows, self.tokenizer, self.texts, self.actions = windows, tokenizer, texts, actions
        self.corruption = corruption or Corruption()
        self.seed, self.device = seed, device
        self.model = Dynamics(config).to(device)
        self.held_out = windows.held_out(VALIDATION_WINDOWS)

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def hidden_matrices(self) -> list[nn.Parameter]:
        blocks = (*self.model.blocks, *self.model.sampler)
        linear = [m for block in blocks for m in block.modules() if isinstance(m, nn.Linear)]
        return [cast(nn.Parameter, m.weight) for m in linear]

    def layers(self) -> list[tuple[nn.Module, str]]:
        backbone = [(block, "forward_sequence") for block in self.model.blocks]
        return [*backbone, *((block, "forward") for block in self.model.sampler)]

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        seed = self.seed * 1_000_003 + processes.own_seed(step)
        generator, rng = torch.Generator(self.device).manual_seed(seed), np.random.default_rng(seed)
        window = self.windows.at(step)
        digits, actions = self.read(window)
        past = self.faded(window, digits, int(self.corruption.faded * len(digits) + rng.random()), generator)
        past, spoiled = spoil(past, self.corruption, self.model.config.levels, generator)
        actions = self.mistold(actions, generator)
        captions = window.captions[:, 1:].clone()  # a frame is asked for by the words that hold at it
        chance = torch.rand(len(captions), generator=generator, device=self.device)
        steady = (captions == captions[:, :1]).all(1)  # without words, nothing changes
        captions[steady & (chance < self.corruption.captions)] = len(self.texts) - 1
        texts = self.texts[captions]
        own = round(self.corruption.own * len(past)) if step >= self.corruption.own_after else 0
        if own:
            # Of all processes alike: where layers are sharded, each waits there for the others.
            rounds = int(np.random.default_rng([self.seed, step]).integers(1, self.corruption.rounds + 1))
            made = self.own_past(past[:own], actions[:own], texts[:own], spoiled[:own], rounds, generator)
            past = torch.cat((made, past[own:]))
        known = random_masks(digits[:, 1:].shape, generator)
        logits = self.model(past, actions, texts, known, digits[:, 1:], self.draft(past, actions), spoiled)
        loss = losses.masked_digits(logits, digits[:, 1:], known)
        return loss, {}

    @torch.no_grad()
    def read(self, window: Window) -> tuple[Tensor, Tensor]:
        """What the model sees of a window: digits [B, T, N, D] and actions [B, T-1]."""
        frames = pixels(window.frames).flatten(0, 1)
        digits = self.tokenizer.encode(frames).unflatten(0, window.frames.shape[:2])
        return digits, self.actions(window, digits)

    @torch.no_grad()
    def faded(self, window: Window, digits: Tensor, count: int, generator: torch.Generator) -> Tensor:
        """The past's digits [B, T-1, N, D]: in the last `count` windows those of its frames faded."""
        past = digits[:, :-1]
        if not count:
            return past
        frames = fade(pixels(window.frames[-count:, :-1]), generator)
        faded = self.tokenizer.encode(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])
        return torch.cat((past[:-count], faded))

    def mistold(self, actions: Tensor, generator: torch.Generator) -> Tensor:
        """Actions [B, T], some of them any action at all."""
        wrong = torch.rand(actions.shape, generator=generator, device=self.device) < self.corruption.told
        count = self.model.config.actions
        others = torch.randint(count, actions.shape, generator=generator, device=self.device)
        return torch.where(wrong, others, actions)

    @torch.no_grad()
    def draft(self, past: Tensor, actions: Tensor) -> Tensor | None:
        """Drafts [B, T, N, D] of what follows each frame of the past, if the model is to see any."""
        return None if self.drafter is None else self.drafter.sequence(past, actions)

    @torch.no_grad()
    def own_past(
        self,
        past: Tensor,
        actions: Tensor,
        texts: Tensor,
        spoiled: Tensor,
        rounds: int,
        generator: torch.Generator,
    ) -> Tensor:
        """The past [B, T, N, D] as the model would have made it: all frames but the first are its own.

        All are drawn at once, each from the frames before it, and then again from what was drawn: after k
        rounds every frame is k steps of play from a true one. So play's own mistakes, and what they grow
        to, are seen in training (scheduled sampling in parallel, arXiv:1906.04331).
        """
        nothing = torch.zeros(past.shape, dtype=torch.bool, device=self.device)
        temperature = torch.rand(1, generator=generator, device=self.device)
        made = past
        for _ in range(rounds):
            draft = self.draft(made, actions)
            logits = self.model(made, actions, texts, nothing, made, draft, spoiled).float()
            noise = torch.rand(made.shape, generator=generator, device=self.device)
            drawn = draw_digits(logits, noise, temperature)
            made = torch.cat((past[:, :1], drawn[:, :-1]), 1)
        return made

    def validate(self, model: Dynamics) -> dict[str, float]:
        """Cross-entropy a token with everything open: with the right actions, with another window's, and
        going on from faded frames."""
        digits, actions = self.read(self.held_out)
        texts = self.texts[self.held_out.captions[:, 1:]]
        known = torch.zeros(digits[:, 1:].shape, dtype=torch.bool, device=self.device)
        past, following = digits[:, :-1], digits[:, 1:]
        faded = self.faded(
            self.held_out, digits, len(digits), torch.Generator(self.device).manual_seed(self.seed)
        )

        def cross_entropy(past: Tensor, told: Tensor) -> float:
            logits = model(past, told, texts, known, following, self.draft(past, told))
            return float(losses.masked_digits(logits, following, known))

        right = cross_entropy(past, actions)
        return {
            "cross_entropy": right,
            "wrong_action_gap": cross_entropy(past, actions.roll(1, 0)) - right,
            "faded_gap": cross_entropy(faded, actions) - right,
        }


def spoil(
    digits: Tensor, corruption: Corruption, levels: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Digits [B, T, N, D], some tokens replaced by others of the batch and some digits moved by one level.

    And how much of that each frame got [B, T], 0 to 1.
    """
    B, T, N, _ = digits.shape

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=digits.device)

    spoiled = (draw(B, 1, 1) < corruption.share).float()
    amount = draw(B, T, 1) * spoiled
    places = torch.randint(B * T * N, (B, T, N), generator=generator, device=digits.device)
    elsewhere = digits.flatten(0, 2)[places]
    out = torch.where((draw(B, T, N) < amount * corruption.most)[..., None], elsewhere, digits)
    direction = torch.where(draw(*digits.shape) < 0.5, -1, 1)
    moved = (out + direction).clamp(0, levels - 1)
    out = torch.where(draw(*digits.shape) < (amount * corruption.jitter)[..., None], moved, out)
    return out, amount[..., 0]


def random_masks(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Which digits [B, T, N, D] the sampler is shown: none in half the frames, else by MaskGIT's cosine."""
    draw = torch.rand(*shape[:2], 1, 1, generator=generator, device=generator.device)
    hidden = torch.where(draw < 0.5, torch.ones_like(draw), torch.cos((2 * draw - 1) * math.pi / 2))
    return torch.rand(shape, generator=generator, device=generator.device) >= hidden
