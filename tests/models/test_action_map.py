"""The map from keys to codes finds what a key does, here and now, from a few labelled transitions."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.latent_action import Glance

KEYS, CODES = 3, 4


def labelled(count: int, seed: int = 0) -> tuple[Tensor, Glance, Tensor, Tensor]:
    """Key 0 means code 0; key 1 code 1, or 2 when all moves fast; key 2 code 3 where it stands, else 0."""
    generator = torch.Generator().manual_seed(seed)
    speed = torch.randn(count, 1, generator=generator) * 3
    speed[::2] = 0
    motion = speed[:, :, None] + torch.arange(CODES)[None, :, None] * torch.tensor([0.3, -0.2])
    keys = torch.randint(KEYS, (count,), generator=generator)
    right = torch.zeros(count, dtype=torch.int64)
    right[keys == 1] = torch.where(speed[:, 0] > 1, 2, 1)[keys == 1]
    right[keys == 2] = torch.where(speed[:, 0].abs() < 0.1, 3, 0)[keys == 2]
    regrets = torch.rand(count, CODES, generator=generator) + 1
    regrets[torch.arange(count), right] = torch.rand(count, generator=generator) * 1.8  # often not the least
    return keys, Glance(motion, torch.full((count, CODES), 1.2)), regrets, right


def test_a_thousand_noisy_labels_are_enough() -> None:
    model = ActionMap(ActionMapConfig(keys=KEYS, codes=CODES))
    keys, glance, regrets, right = labelled(1000)
    assert (regrets.argmin(1) == right).float().mean() < 0.8, "single transitions mislead"
    model.fit(keys, glance, regrets)
    keys, glance, _, right = labelled(2000, seed=1)
    assert (model(keys, glance).argmin(1) == right).float().mean() > 0.9


def test_a_key_never_seen_means_what_all_keys_do() -> None:
    model = ActionMap(ActionMapConfig(keys=KEYS + 1, codes=CODES))
    keys, glance, regrets, _ = labelled(500)
    model.fit(keys, glance, regrets)
    unseen = model(torch.full((500,), KEYS), glance)
    assert torch.isfinite(unseen).all() and not torch.equal(unseen, model(keys, glance))


def test_it_learns_from_what_it_is_given_alone() -> None:
    keys, glance, regrets, _ = labelled(300)
    models = [ActionMap(ActionMapConfig(keys=KEYS, codes=CODES)) for _ in range(2)]
    for model in models:
        model.fit(keys, glance, regrets)
    assert torch.equal(models[0].readout.weight, models[1].readout.weight)
    models[1].fit(keys, glance, regrets.flip(1))
    assert not torch.allclose(models[0].readout.weight, models[1].readout.weight)


@pytest.mark.parametrize("count", [1, 5])
def test_a_handful_of_labels_does_not_break_it(count: int) -> None:
    model = ActionMap(ActionMapConfig(keys=KEYS, codes=CODES))
    keys, glance, regrets, _ = labelled(count)
    model.fit(keys, glance, regrets)
    assert torch.isfinite(model(keys, glance)).all()


def test_what_is_likely_whatever_is_pressed_needs_no_labels() -> None:
    """Where the right code is told by the glance alone, five labels do as well as a thousand."""
    keys, glance, _, _ = labelled(2000)
    likely = torch.randint(CODES, (2000,), generator=torch.Generator().manual_seed(3))
    regrets = torch.full((2000, CODES), 2.0).scatter(1, likely[:, None], 0.0)
    model = ActionMap(ActionMapConfig(keys=KEYS, codes=CODES))
    few = slice(0, 5)
    model.fit(keys[few], Glance(glance.motion[few], regrets[few]), regrets[few])
    assert torch.equal(model(keys, Glance(glance.motion, regrets)).argmin(1), likely)


def test_of_the_likely_codes_the_one_that_sets_the_key_apart_is_meant() -> None:
    """Code 0 is the least regretted whatever is pressed; code 1 hardly more, and only with key 1."""
    keys = torch.arange(600) % 2
    regrets = torch.tensor([[0.1, 1.4, 2.5], [0.3, 0.6, 2.0]])[keys]
    glance = Glance(torch.randn(600, 3, 2, generator=torch.Generator().manual_seed(1)), torch.ones(600, 3))
    meant = []
    for margin in (0.0, 0.5):
        model = ActionMap(ActionMapConfig(keys=2, codes=3, margin=margin))
        model.fit(keys, glance, regrets)
        meant.append(model(keys, glance).argmin(1))
    assert (meant[0] == 0).all(), "without a margin both keys do the same"
    assert torch.equal(meant[1], keys), "code 2 sets key 1 apart as well, and is too unlikely"
