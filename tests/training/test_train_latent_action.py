"""The latent action stage: pasts as the tokenizer renders them, keys only where they are told."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from genie.clips.frame_store import FrameStore
from genie.models.latent_action import LatentActionConfig, LatentActions
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from training.train_latent_action import LatentActionStage
from training.windows import Windows, pixels

CPU = torch.device("cpu")
SIZE = {"height": 32, "width": 32}
CONFIG = LatentActionConfig(codes=5, channels=8, blocks=1, code_channels=4, **SIZE)


@pytest.fixture
def windows(store: FrameStore) -> Windows:
    return Windows(store, length=CONFIG.history + CONFIG.horizon, batch=4, seed=0, device=CPU)


def seen_by(stage: LatentActionStage, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Tensor, Tensor | None]]:
    """What the model is given at every call, from now on."""
    given: list[tuple[Tensor, Tensor | None]] = []
    forward = stage.model.forward

    def spy(frames: Tensor, told: Tensor | None = None) -> LatentActions:
        given.append((frames, told))
        return forward(frames, told)

    monkeypatch.setattr(stage.model, "forward", spy)
    return given


def test_windows_begin_with_rendered_frames_and_go_on_with_true_ones(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    tokenizer = Tokenizer(TokenizerConfig(fine=8, coarse=16, **SIZE)).eval().requires_grad_(False)
    stage = LatentActionStage(CONFIG, windows, CPU, tokenizer=tokenizer)
    given = seen_by(stage, monkeypatch)
    stage.loss(3)
    (frames, told), true = given[0], pixels(windows.at(3).frames)
    assert told is None, "no key is ever shown"
    assert torch.equal(frames[:, CONFIG.history :], true[:, CONFIG.history :])
    rendered = tokenizer.decode(tokenizer.encode(true[:, : CONFIG.history].flatten(0, 1)))
    assert torch.equal(frames[:, : CONFIG.history].flatten(0, 1), rendered)
    assert not torch.equal(frames, true)


def test_the_yardstick_is_told_the_keys_that_lead_to_the_frames_it_redoes(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = LatentActionStage(CONFIG, windows, CPU, told=True)
    given = seen_by(stage, monkeypatch)
    stage.loss(5)
    told = given[0][1]
    assert told is not None
    # action t leads from frame t to t + 1: the first frame redone is number `history`
    assert torch.equal(told, windows.at(5).actions[:, CONFIG.history - 1 :])
    before = stage.model.codebook.weight.detach().clone()
    stage.after_step(19)
    assert torch.equal(stage.model.codebook.weight, before), "a key that nobody presses keeps its place"


@pytest.mark.parametrize("told", [False, True])
def test_a_batch_is_learned(windows: Windows, told: bool) -> None:
    torch.manual_seed(0)
    stage = LatentActionStage(CONFIG, windows, CPU, told=told)
    optimizer = torch.optim.AdamW(stage.model.parameters(), lr=3e-3)
    falls = []
    for step in range(60):
        loss, figures = stage.loss(0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        stage.after_step(step)
        falls.append(loss.item())
    assert falls[-1] < 0.7 * falls[0]
    assert set(figures) == ({"psnr"} if told else {"psnr", "codes_used", "motion_off", "likely_off"})
