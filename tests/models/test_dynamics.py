import dataclasses
import math

import pytest
import torch
from torch import Tensor

from genie.models.dynamics import Dynamics, DynamicsConfig, draw_digits

CONFIG = DynamicsConfig(
    grid=(3, 4),
    dims=3,
    levels=4,
    actions=5,
    draft=False,
    text=8,
    channels=32,
    heads=2,
    layers=3,
    sampler_layers=1,
    window=6,
    passes=3,
)


@pytest.fixture
def model() -> Dynamics:
    torch.manual_seed(0)
    model = Dynamics(CONFIG).eval().requires_grad_(False)
    for parameter in model.parameters():  # biases and heads start at zero: give every part something to say
        parameter.normal_(std=0.2)
    return model


def inputs(frames: int, batch: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    digits = torch.randint(4, (batch, frames, 12, 3), generator=generator)
    actions = torch.randint(5, (batch, frames), generator=generator)
    return digits, actions, torch.randn(batch, frames, 8, generator=generator)


def think(model: Dynamics, digits: Tensor, actions: Tensor, text: Tensor) -> Tensor:
    return model.backbone(digits, model.condition(actions, model.text(text)))


@pytest.mark.parametrize("changed", ["digits", "actions", "text"])
def test_the_future_does_not_change_the_past(model: Dynamics, changed: str) -> None:
    digits, actions, text = inputs(10)
    before = think(model, digits, actions, text)
    digits, actions, text = digits.clone(), actions.clone(), text.clone()
    if changed == "digits":
        digits[:, 5:] = (digits[:, 5:] + 1) % 4
    elif changed == "actions":
        actions[:, 5:] = (actions[:, 5:] + 1) % 5
    else:
        text[:, 5:] += 1
    after = think(model, digits, actions, text)
    assert torch.equal(before[:, :5], after[:, :5])
    assert (before[:, 5:] - after[:, 5:]).abs().amax((0, 2, 3)).min() > 1e-3


def test_the_present_frame_hears_the_past_up_to_the_window_in_each_layer(model: Dynamics) -> None:
    digits, actions, text = inputs(30)
    before = think(model, digits, actions, text)
    digits[:, 0] = (digits[:, 0] + 1) % 4
    heard = (think(model, digits, actions, text) - before).abs().amax((0, 2, 3)) > 0
    reach = 1 + CONFIG.layers * (CONFIG.window - 1)
    assert heard[:reach].all() and not heard[reach:].any()


def test_cached_steps_equal_the_whole_sequence_past_the_wrap(model: Dynamics) -> None:
    digits, actions, text = inputs(20)
    whole = think(model, digits, actions, text)
    condition = model.condition(actions, model.text(text))
    window, layers, two, _, places, channels = CONFIG.cache_shape
    cache = torch.full((window, layers, two, 2, places, channels), 7.0)  # rubbish that must never be read
    for t in range(20):
        thought, cache = model.think(digits[:, t], condition[:, t], torch.tensor([t]), cache)
        assert torch.allclose(thought, whole[:, t], atol=2e-4), t


def test_hidden_digits_are_hidden_and_known_ones_heard(model: Dynamics) -> None:
    digits, actions, text = inputs(4)
    following = digits.roll(-1, 1)
    known = torch.zeros(following.shape, dtype=torch.bool)
    known[..., :5, 1:] = True  # some digits of some tokens
    base = model(digits, actions, text, known, following)
    moved = (following + 1) % 4
    assert torch.equal(model(digits, actions, text, known, torch.where(known, following, moved)), base)
    for first in (True, False):  # a token's known digit is heard by its own hidden ones, and by other tokens
        shown = following.clone()
        shown[..., 0, 1] = moved[..., 0, 1]
        heard = (model(digits, actions, text, known, shown) - base).abs().amax((0, 1, 4)) > 0
        assert heard[0, 0] if first else heard[5:].any()


def test_later_passes_keep_what_was_drawn_in_an_order_left_to_chance(model: Dynamics) -> None:
    digits, actions, text = inputs(1)
    condition = model.condition(actions[:, 0], model.text(text[:, 0]))
    thought = torch.randn(2, 12, 32, generator=torch.Generator().manual_seed(1))
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    sample = model.sample_logits

    def spy(x: torch.Tensor, digits: torch.Tensor, known: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
        seen.append((digits, known))
        return sample(x, digits, known, c)

    model.sample_logits = spy  # type: ignore[method-assign]
    noise = torch.rand(2, 2, 12, 3, generator=torch.Generator().manual_seed(2))
    drawn = model.draw(thought, condition, noise, torch.ones(1))
    assert len(seen) == CONFIG.passes
    for turn, (_, known) in enumerate(seen):
        assert torch.equal(known, noise[1] < 1 - math.cos(math.pi / 2 * turn / CONFIG.passes))
    for digits, known in seen[1:]:
        assert torch.equal(digits[known], drawn[known])


def test_drawing_depends_on_noise_only_when_warm(model: Dynamics) -> None:
    digits, actions, text = inputs(1)
    condition = model.condition(actions[:, 0], model.text(text[:, 0]))
    cache = torch.zeros(CONFIG.window, CONFIG.layers, 2, 2, 12, 16)
    thought, _ = model.think(digits[:, 0], condition, torch.tensor([0]), cache)
    noises = [torch.rand(2, 2, 12, 3, generator=torch.Generator().manual_seed(s)) for s in (0, 1)]
    cold = [model.draw(thought, condition, noise, torch.zeros(1)) for noise in noises]
    warm = [model.draw(thought, condition, noise, torch.ones(1)) for noise in noises]
    assert torch.equal(cold[0], cold[1]) and not torch.equal(warm[0], warm[1])
    assert torch.equal(warm[0], model.draw(thought, condition, noises[0], torch.ones(1)))


def test_digits_are_drawn_as_often_as_they_are_likely() -> None:
    logits = torch.tensor([0.1, 0.2, 0.7]).log().expand(20_000, 1, 3)
    noise = torch.rand(20_000, 1, generator=torch.Generator().manual_seed(0))
    digits = draw_digits(logits, noise, torch.ones(1))
    shares = torch.bincount(digits.flatten(), minlength=3) / 20_000
    assert torch.allclose(shares, torch.tensor([0.1, 0.2, 0.7]), atol=0.015)


def test_more_passes_than_places_are_refused() -> None:
    with pytest.raises(ValueError, match="passes"):
        dataclasses.replace(CONFIG, passes=13)


def test_a_spoiled_past_is_told_frame_by_frame(model: Dynamics) -> None:
    digits, actions, text = inputs(4)
    known = torch.zeros(2, 4, 12, 3, dtype=torch.bool)
    told = torch.tensor([[0.0, 0.0, 1.0, 0.0], [0.0] * 4])

    def logits(spoiled: torch.Tensor | None) -> torch.Tensor:
        return model(digits, actions, text, known, digits, None, spoiled)

    model.spoiled.zero_()  # as training begins
    assert torch.equal(logits(told), logits(None))
    torch.nn.init.normal_(model.spoiled, generator=torch.Generator().manual_seed(3))
    changed = (logits(told) != logits(None)).flatten(2).any(2)
    assert changed.tolist() == [[False, False, True, True], [False] * 4]
