"""The map from keys to codes finds what a key does, here and now, from a few labelled transitions."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.latent_action import Glance

STAND, GO_LEFT, GO_RIGHT, JUMP = range(4)  # codes
LEFT, RIGHT, UP = range(3)  # keys
FREE, WALL, AIR = range(3)  # where one is: before a wall nobody goes right, in the air nobody jumps
MOTION = torch.tensor([[0.0, 0.0], [-0.8, 0.0], [0.8, 0.0], [0.0, -3.0]])
LIKELY = torch.tensor([[0.85, 0.07, 0.04, 0.04], [0.88, 0.07, 0.0005, 0.0495], [0.9, 0.06, 0.0395, 0.0005]])
WANTED = torch.tensor([GO_LEFT, GO_RIGHT, JUMP])


class Labelled(NamedTuple):
    keys: Tensor
    places: Tensor
    glance: Glance
    taken: Tensor


def labelled(count: int, seed: int = 0) -> Labelled:
    """Keys pressed here and there: three in ten do nothing, and so do those that cannot be followed."""
    generator = torch.Generator().manual_seed(seed)
    keys = torch.randint(3, (count,), generator=generator)
    places = torch.randint(3, (count,), generator=generator)
    wanted = WANTED[keys]
    follows = (LIKELY[places, wanted] > 0.01) & (torch.rand(count, generator=generator) < 0.7)
    codes = torch.where(follows, wanted, STAND)
    motion = MOTION + 0.1 * torch.randn(count, 4, 2, generator=generator)
    taken = 0.9 * torch.nn.functional.one_hot(codes, 4) + 0.025
    return Labelled(keys, places, Glance(motion, LIKELY[places].log()), taken)


def fitted(count: int = 1000, **sizes: float) -> ActionMap:
    model = ActionMap(ActionMapConfig(keys=3, codes=4, **{"squares": True, **sizes}))  # type: ignore[arg-type]
    rows = labelled(count)
    model.fit(rows.keys, rows.glance, rows.taken)
    return model


def test_a_key_means_what_betrays_it_even_where_that_is_rare() -> None:
    model, rows = fitted(), labelled(600, seed=1)
    free = rows.places == FREE
    assert torch.equal(model.meant(rows.keys, rows.glance)[free], WANTED[rows.keys[free]])


def test_what_is_impossible_here_is_not_meant() -> None:
    model, rows = fitted(), labelled(600, seed=1)
    meant = model.meant(rows.keys, rows.glance)
    assert not (meant[rows.places == WALL] == GO_RIGHT).any()
    assert not (meant[rows.places == AIR] == JUMP).any()
    assert (meant[(rows.places == WALL) & (rows.keys == UP)] == JUMP).all(), "jumping is possible there"
    boundless = fitted(least=1e-9, likely=0.0)
    stuck = (rows.places == WALL) & (rows.keys == RIGHT)
    assert (boundless.meant(rows.keys, rows.glance)[stuck] == GO_RIGHT).all(), (
        "and is held back by that alone"
    )


def test_with_all_weight_on_likelihood_every_key_stands() -> None:
    model, rows = fitted(likely=100.0), labelled(600, seed=1)
    assert (model.meant(rows.keys, rows.glance) == STAND).all()


def test_a_key_never_seen_is_no_mistake() -> None:
    model = ActionMap(ActionMapConfig(keys=4, codes=4))
    rows = labelled(500)
    model.fit(rows.keys, rows.glance, rows.taken)
    assert torch.isfinite(model(torch.full((500,), 3), rows.glance)).all()


def test_it_learns_from_what_it_is_given_alone() -> None:
    rows, models = labelled(300), [fitted(300) for _ in range(2)]
    assert torch.equal(models[0].readout.weight, models[1].readout.weight)
    models[1].fit(rows.keys, rows.glance, rows.taken.flip(1))
    assert not torch.allclose(models[0].readout.weight, models[1].readout.weight)


def test_codes_make_keys_less_of_a_surprise() -> None:
    rows = labelled(1000, seed=1)
    assert fitted().surprise(rows.keys, rows.glance, rows.taken) < 0.8 * torch.tensor(3.0).log()
    untold = torch.full_like(rows.taken, 0.25)
    assert fitted().surprise(rows.keys, rows.glance, untold) > torch.tensor(3.0).log()


@pytest.mark.parametrize("count", [1, 5])
def test_a_handful_of_labels_does_not_break_it(count: int) -> None:
    rows = labelled(50, seed=1)
    assert torch.isfinite(fitted(count)(rows.keys, rows.glance)).all()


def test_what_moves_either_way_speaks_for_a_key_only_where_squares_do() -> None:
    """One key goes on however the picture moved, to either side; the other stands still."""
    generator = torch.Generator().manual_seed(3)
    under_way = torch.randint(2, (2000,), generator=generator) * 2.0 - 1
    motion = torch.stack((under_way[:, None] * torch.tensor([1.0, 0.0]), torch.zeros(2000, 2)), -1)
    glance = Glance(motion[:, :, [0, 1]], torch.tensor([0.5, 0.5]).log().expand(2000, -1))
    keys = torch.randint(2, (2000,), generator=generator)
    swapped = torch.rand(2000, generator=generator) < 0.5  # which code is which says nothing
    glance = Glance(torch.where(swapped[:, None, None], glance.motion.flip(1), glance.motion), glance.likely)
    taken = torch.nn.functional.one_hot((keys ^ swapped.long()) & 1, 2).float()
    surprises = []
    for squares in (False, True):
        model = ActionMap(ActionMapConfig(keys=2, codes=2, squares=squares))
        model.fit(keys[:1000], Glance(*(part[:1000] for part in glance)), taken[:1000])
        held_out = Glance(*(part[1000:] for part in glance))
        surprises.append(model.surprise(keys[1000:], held_out, taken[1000:]).item())
    assert surprises[1] < 0.1 < 0.3 < surprises[0]
