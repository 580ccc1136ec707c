"""The latent action model names transitions, can be trained through its codes, and keeps them alive."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from genie.models.latent_action import LatentActionConfig, LatentActionModel, move, stacked
from training.train_latent_action import REVIVE_EVERY_AT_FIRST, LatentActionStage

CONFIG = LatentActionConfig(height=32, width=48, codes=5, channels=8, blocks=1, history=2, code_channels=4)


@pytest.fixture
def model() -> LatentActionModel:
    torch.manual_seed(0)
    model = LatentActionModel(CONFIG)
    with torch.no_grad():
        for weight in model.parameters():  # the decoder starts at zero: give every part something to say
            weight.normal_(std=0.2)
    return model


def frames(count: int = 5, batch: int = 6) -> Tensor:
    return torch.rand(batch, count, 3, 32, 48, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_shapes(model: LatentActionModel) -> None:
    out = model(frames())
    assert out.predictions.shape == (6, 3, 3, 32, 48)
    assert out.codes.shape == (6, 3) and out.codes.dtype == torch.int64
    assert out.surprises.shape == out.chosen.shape == out.expected.shape == (6, 3, 4)
    assert torch.equal(out.chosen, model.codebook.weight[out.codes])


def test_infer_names_each_transition_as_forward_does(model: LatentActionModel) -> None:
    window = frames()
    codes = model(window).codes
    assert len(codes.unique()) > 1
    for turn in range(3):
        past = stacked(window[:, turn : turn + 2])
        assert torch.equal(model.infer(past, window[:, turn + 2]), codes[:, turn])


def test_the_decoder_hears_the_code_and_goes_on_from_its_own_frames(model: LatentActionModel) -> None:
    window = frames()
    out = model(window)
    first = model.predict(stacked(window[:, :2]), out.chosen[:, 0])
    second = model.predict(torch.cat((window[:, 1], first.clamp(-1, 1)), 1), out.chosen[:, 1])
    assert torch.allclose(out.predictions[:, 0], first, rtol=1e-3, atol=1e-2)
    assert torch.allclose(out.predictions[:, 1], second, rtol=1e-2, atol=5e-2)
    other = model.predict(stacked(window[:, :2]), model.codebook.weight[(out.codes[:, 0] + 1) % 5])
    assert (other - first).abs().mean() > 1e-3


def test_a_code_says_nothing_that_the_past_already_said(model: LatentActionModel) -> None:
    window = frames()
    before = model(window)
    with torch.no_grad():
        model.expect[-1].bias += 0.7  # more is expected of every transition, and as much less surprises
        model.inverse.say.bias += 0.7
    after = model(window)
    assert torch.allclose(after.surprises, before.surprises, atol=1e-3)
    assert torch.equal(after.codes, before.codes)
    assert not torch.allclose(after.predictions, before.predictions, atol=1e-3)  # the decoder hears of both


def test_what_is_expected_is_learned_without_bending_the_codes(model: LatentActionModel) -> None:
    out = model(frames())
    F.mse_loss(out.expected, out.seen.detach()).backward()
    assert all(weight.grad is not None for weight in model.expect.parameters())
    assert all(weight.grad is None for weight in model.inverse.parameters())


def test_gradients_pass_the_codes_to_the_encoder(model: LatentActionModel) -> None:
    window = frames()
    F.mse_loss(model(window).predictions, window[:, 2:]).backward()
    for weight in (*model.inverse.parameters(), *model.past.parameters(), *model.flow.parameters()):
        assert weight.grad is not None and weight.grad.abs().max() > 0


@pytest.mark.parametrize(("x", "y"), [(0, 0), (3, 0), (0, -2), (-5, 4)])
def test_moving_by_whole_pixels_is_exact_in_the_interior(x: int, y: int) -> None:
    picture = frames()[:, 0]
    motion = torch.tensor([x, y], dtype=torch.float32).view(1, 2, 1, 1).expand(6, 2, 8, 12)
    moved = move(picture, motion)
    interior = (..., slice(8, 24), slice(8, 40))
    assert torch.allclose(moved[interior], picture.roll((-y, -x), (2, 3))[interior], atol=1e-4)
    assert moved.abs().max() <= 1  # borders are repeated, nothing is made up


def stage_of(model: LatentActionModel) -> LatentActionStage:
    stage = LatentActionStage.__new__(LatentActionStage)  # upkeep needs no clips
    stage.model, stage.seed, stage.device, stage.told = model, 0, torch.device("cpu"), False
    stage.surprises = torch.randn(40, 4, generator=torch.Generator().manual_seed(2))
    return stage


def test_dead_codes_restart_at_vectors_of_the_batch(model: LatentActionModel) -> None:
    stage = stage_of(model)
    before = model.codebook.weight.detach().clone()
    model.used.copy_(torch.tensor([500.0, 0, 300, 1, 200]))
    stage.after_step(REVIVE_EVERY_AT_FIRST - 2)
    assert torch.equal(model.codebook.weight, before) and model.used.sum() == 1001
    stage.after_step(REVIVE_EVERY_AT_FIRST - 1)
    alive, dead = [0, 2, 4], [1, 3]
    assert torch.equal(model.codebook.weight[alive], before[alive])
    for vector in model.codebook.weight[dead]:
        assert (stage.surprises == vector).all(1).any()
    assert not model.used.any()


def test_codes_in_use_stay_what_they_are(model: LatentActionModel) -> None:
    stage = stage_of(model)
    before = model.codebook.weight.detach().clone()
    model.used.copy_(torch.tensor([50.0, 20, 300, 11, 200]))
    stage.after_step(REVIVE_EVERY_AT_FIRST - 1)
    assert torch.equal(model.codebook.weight, before) and not model.used.any()
