"""A draft is the last frame redone with an action, read as tokens; the dynamics hear it and nothing later."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from genie.models.draft import Drafter
from genie.models.dynamics import Dynamics, DynamicsConfig
from genie.models.latent_action import LatentActionConfig, LatentActionModel, stacked
from genie.models.quantizer import FSQConfig
from genie.models.tokenizer import Tokenizer, TokenizerConfig

SIZE = {"height": 32, "width": 32}
CONFIG = DynamicsConfig(
    grid=(4, 4),
    dims=3,
    levels=4,
    actions=5,
    text=8,
    channels=32,
    heads=2,
    layers=2,
    sampler_layers=1,
    window=6,
)


@pytest.fixture
def drafter() -> Drafter:
    torch.manual_seed(0)
    latent_action = LatentActionModel(
        LatentActionConfig(codes=5, channels=8, blocks=1, history=3, code_channels=4, **SIZE)
    )
    tokenizer = Tokenizer(TokenizerConfig(fine=8, coarse=16, fsq=FSQConfig(dims=3, levels=4), **SIZE))
    drafter = Drafter(latent_action, tokenizer).eval().requires_grad_(False)
    for weight in drafter.parameters():
        weight.normal_(std=0.1)
    return drafter


@pytest.fixture
def dynamics() -> Dynamics:
    torch.manual_seed(1)
    model = Dynamics(CONFIG).eval().requires_grad_(False)
    for weight in model.parameters():
        weight.normal_(std=0.2)
    return model


def digits(frames: int = 7) -> Tensor:
    return torch.randint(4, (2, frames, 16, 3), generator=torch.Generator().manual_seed(2))


def test_a_sequence_is_drafted_as_play_drafts_each_frame(drafter: Drafter) -> None:
    past, codes = digits(), torch.randint(5, (2, 7), generator=torch.Generator().manual_seed(3))
    whole = drafter.sequence(past, codes)
    frames = [drafter.tokenizer.decode(past[:, 0])] * 3  # play starts by repeating the first frame
    for t in range(7):
        if t:
            frames = [*frames[1:], drafter.tokenizer.decode(past[:, t])]
        draft = drafter(stacked(torch.stack(frames, 1)), codes[:, t])
        assert torch.allclose(draft, whole[:, t], atol=1e-4), t
    assert whole.abs().max() <= 1


def test_a_draft_depends_on_the_code(drafter: Drafter) -> None:
    past = digits()
    drafts = [drafter.sequence(past, torch.full((2, 7), code)) for code in (0, 1)]
    assert (drafts[0] - drafts[1]).abs().mean() > 1e-4


def test_without_motion_or_paint_the_draft_is_the_last_frame(drafter: Drafter) -> None:
    for weight in (*drafter.latent_action.flow.parameters(), *drafter.latent_action.paint.parameters()):
        weight.zero_()
    past = digits(4)
    frames = drafter.tokenizer.decode(past.flatten(0, 1))
    draft = drafter.sequence(past, torch.zeros(2, 4, dtype=torch.int64))
    assert torch.allclose(draft.flatten(0, 1), drafter.tokenizer.latents(frames), atol=1e-3)


def inputs(frames: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(4)
    past = torch.randint(4, (2, frames, 16, 3), generator=generator)
    draft = torch.rand(2, frames, 16, 3, generator=generator) * 2 - 1
    condition = torch.randn(2, frames, 3, 4, 32, generator=generator) * 0.2
    return past, draft, condition, torch.zeros(2, frames, 16, dtype=torch.bool)


def test_a_draft_is_heard_at_once_and_not_before(dynamics: Dynamics) -> None:
    past, draft, condition, _ = inputs(9)
    other = draft.clone()
    other[:, 5:] = -other[:, 5:]
    heard = [dynamics.backbone(past, condition, dynamics.hints(d)[0]) for d in (draft, other)]
    assert torch.equal(heard[0][:, :5], heard[1][:, :5])
    assert (heard[0][:, 5:] - heard[1][:, 5:]).abs().amax((0, 2, 3)).min() > 1e-3


def test_cached_steps_with_drafts_equal_the_whole_sequence(dynamics: Dynamics) -> None:
    past, draft, condition, _ = inputs(15)
    whole = dynamics.backbone(past, condition, dynamics.hints(draft)[0])
    window, layers, two, _, *rest = CONFIG.cache_shape
    cache = torch.zeros(window, layers, two, 2, *rest)
    for t in range(15):
        hint = dynamics.hints(draft[:, t])[0]
        thought, cache = dynamics.think(past[:, t], condition[:, t], torch.tensor([t]), cache, hint)
        assert torch.allclose(thought, whole[:, t], atol=2e-4), t


def test_a_fresh_model_does_not_listen_yet() -> None:
    torch.manual_seed(0)
    hint, late = Dynamics(CONFIG).hints(torch.rand(2, 3, 16, 3))
    assert isinstance(hint, Tensor) and not hint.any() and isinstance(late, Tensor) and not late.any()


def test_a_draft_that_was_not_agreed_is_refused(dynamics: Dynamics) -> None:
    with pytest.raises(AssertionError):
        dynamics.hints(None)
