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


def test_the_code_found_is_the_one_that_foretells_best(model: LatentActionModel) -> None:
    window = frames()
    past = stacked(window[:, :2])
    for code in range(CONFIG.codes):
        told = torch.full((6,), code)
        following = model.predict(past, told)
        assert torch.equal(model.infer(past, following), told)
        edge = following.clone()
        edge[..., :4, :] = 1  # what comes into view at the edge does not matter
        edge[..., :, -6:] = -1
        assert torch.equal(model.infer(past, edge), told)


def test_all_codes_at_once_are_as_one_by_one(model: LatentActionModel) -> None:
    past = stacked(frames()[:, :2])
    foretold = model.foretell(past)
    assert foretold.frames.shape == (6, 5, 3, 32, 48) and foretold.motion.shape == (6, 5, 2)
    for code in range(5):
        alone = model.predict(past, torch.full((6,), code))
        assert torch.allclose(foretold.frames[:, code], alone, rtol=1e-3, atol=1e-2)
    assert foretold.motion.abs().max() <= model.config.farthest and foretold.motion.std(1).min() > 0


def test_it_goes_on_from_its_own_frames(model: LatentActionModel) -> None:
    window = frames()
    out = model(window)
    first = model.predict(stacked(window[:, :2]), out.codes[:, 0])
    past = torch.cat((window[:, 1], first.clamp(-1, 1)), 1)
    assert torch.equal(out.codes[:, 1], model.infer(past, window[:, 3]))
    assert torch.allclose(out.predictions[:, 0], first, rtol=1e-3, atol=1e-2)
    assert torch.allclose(out.predictions[:, 1], model.predict(past, out.codes[:, 1]), rtol=1e-2, atol=5e-2)


def test_told_codes_are_taken(model: LatentActionModel) -> None:
    told = torch.randint(5, (6, 3), generator=torch.Generator().manual_seed(4))
    out = model(frames(), told)
    assert torch.equal(out.codes, told)
    first = model.predict(stacked(frames()[:, :2]), told[:, 0])
    assert torch.allclose(out.predictions[:, 0], first, rtol=1e-3, atol=1e-2)


def test_gradients_reach_every_part(model: LatentActionModel) -> None:
    window = frames()
    out = model(window)
    F.mse_loss(out.predictions, window[:, 2:]).backward()
    for weight in (*model.past.parameters(), *model.flow.parameters(), *model.whole.parameters()):
        assert weight.grad is not None and weight.grad.abs().max() > 0
    assert model.codebook.weight.grad is not None
    taught = model.codebook.weight.grad.abs().amax(1) > 0
    assert torch.equal(taught, torch.bincount(out.codes.flatten(), minlength=5) > 0), (
        "only codes that came true"
    )


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
    stage.owed = torch.zeros(model.config.codes)
    return stage


def test_dead_codes_restart_beside_those_that_foretell_worst(model: LatentActionModel) -> None:
    stage = stage_of(model)
    before = model.codebook.weight.detach().clone()
    model.used.copy_(torch.tensor([500.0, 0, 300, 1, 200]))
    stage.owed = torch.tensor([2.0, 0, 9, 0, 5])
    stage.after_step(REVIVE_EVERY_AT_FIRST - 2)
    assert torch.equal(model.codebook.weight, before) and model.used.sum() == 1001
    stage.after_step(REVIVE_EVERY_AT_FIRST - 1)
    after = model.codebook.weight.detach()
    alive = [0, 2, 4]
    assert torch.equal(after[alive], before[alive])
    for dead, worst in ((1, 2), (3, 4)):
        moved = (after[dead] - before[worst]).norm()
        assert 0 < moved < 0.5 * (before[dead] - before[worst]).norm()
    assert not model.used.any()


def test_codes_in_use_stay_what_they_are(model: LatentActionModel) -> None:
    stage = stage_of(model)
    before = model.codebook.weight.detach().clone()
    model.used.copy_(torch.tensor([50.0, 20, 300, 13, 200]))
    stage.after_step(REVIVE_EVERY_AT_FIRST - 1)
    assert torch.equal(model.codebook.weight, before) and not model.used.any()
