"""Latent actions whose answer is known: all there is for codes that are moves, and less for every fault."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from genie.models.latent_action import Glance
from genie.worlds.source import Branches
from tests.scripted_worlds.sprite.rules import MOVES, Place, draw
from training.evaluate import latent_actions as module
from training.evaluate.latent_actions import Transitions, nmi, read, score_codes, score_mapped_keys

NAMES = tuple(MOVES)
ORDER = (3, 0, 4, 1, 2)  # code c is the move of key ORDER[c]
SHIFTS = torch.tensor([MOVES[NAMES[key]] for key in ORDER])  # (x, y) pixels
MOMENTS, STEPS, LABELS = 4, 3, 100


class Moves:
    """In place of a latent action model: a code shifts the picture as one of the keys does."""

    config = SimpleNamespace(codes=len(NAMES))

    def past(self, past_BKHW: Tensor) -> Tensor:
        return past_BKHW

    def glance(self, past_BKHW: Tensor) -> Glance:
        return Glance(SHIFTS.float().expand(len(past_BKHW), -1, -1), torch.zeros(len(past_BKHW), len(NAMES)))

    def redo(self, past_BKHW: Tensor, last_B3HW: Tensor, codes_B: Tensor) -> Tensor:
        shifts = [SHIFTS[code].tolist() for code in codes_B]
        return torch.stack(
            [frame.roll((y, x), (1, 2)) for frame, (x, y) in zip(last_B3HW, shifts, strict=True)]
        )

    def errors(self, past_BKHW: Tensor, next_B3HW: Tensor) -> Tensor:
        every = [
            self.redo(past_BKHW, past_BKHW[:, -3:], torch.full((len(past_BKHW),), code))
            for code in range(len(NAMES))
        ]
        return torch.stack([(frame - next_B3HW).square().mean((1, 2, 3)) for frame in every], 1)


class Deaf(Moves):
    """Whatever the code, it does what the first one does."""

    def redo(self, past_BKHW: Tensor, last_B3HW: Tensor, codes_B: Tensor) -> Tensor:
        return super().redo(past_BKHW, last_B3HW, torch.zeros_like(codes_B))


def drafter(latent_action: Moves) -> Any:
    as_it_is = SimpleNamespace(encode=lambda frames: frames, decode=lambda frames: frames)
    return SimpleNamespace(history=2, tokenizer=as_it_is, latent_action=latent_action)


@pytest.fixture(scope="module")
def labelled() -> Transitions:
    rng = np.random.default_rng(0)
    keys = rng.integers(len(NAMES), size=LABELS)
    places = [Place(*(int(v) for v in rng.integers(6, 18, 2))) for _ in keys]
    still = np.stack([draw(place, "white", "black") for place in places])
    after = [draw(place.moved(NAMES[key]), "white", "black") for place, key in zip(places, keys, strict=True)]
    return Transitions(np.stack([still, still], 1), np.stack(after), keys, np.arange(len(keys)))


@pytest.fixture(scope="module")
def branches() -> Branches:
    rng = np.random.default_rng(1)
    pasts, futures = [], []
    for _ in range(MOMENTS):
        place = Place(*(int(v) for v in rng.integers(8, 16, 2)))
        pasts.append([draw(place, "white", "black")] * 4)
        for name in NAMES:
            there, frames = place, []
            for _ in range(STEPS):
                there = there.moved(name)
                frames.append(draw(there, "white", "black"))
            futures.append(frames)
    shape = (MOMENTS, len(NAMES), STEPS, 32, 32, 3)
    no_keys = np.zeros((MOMENTS, 3), int)
    return Branches(np.array(pasts), no_keys, np.array(futures).reshape(shape), [""] * MOMENTS)


def obeyed(model: Moves, labelled: Transitions, branches: Branches) -> dict[str, Any]:
    told = read(drafter(model), labelled)
    return score_mapped_keys(drafter(model), labelled, told, branches, NAMES)


def test_codes_that_are_moves_say_the_key_and_a_hundred_labels_map_it(
    labelled: Transitions, branches: Branches
) -> None:
    codes = read(drafter(Moves()), labelled).errors.argmin(1).numpy()
    assert [ORDER[code] for code in codes] == labelled.keys.tolist()
    scores = score_codes(codes, labelled.keys, labelled.clips, len(NAMES))
    assert scores["nmi"]["mean"] == 1 and scores["codes_used"] == len(NAMES)
    assert scores["nmi_of_chance"]["high"] < 0.3
    by_labels = obeyed(Moves(), labelled, branches)
    assert by_labels["100"]["obeys"]["mean"] == 1 and by_labels["100"]["chance"] == 0.2
    assert by_labels["1000"] == {"left_out": "only 100 labelled transitions are there"}


def test_codes_that_mean_nothing_say_nothing(labelled: Transitions) -> None:
    random = np.random.default_rng(5).integers(len(NAMES), size=LABELS)
    assert score_codes(random, labelled.keys, labelled.clips, len(NAMES))["nmi"]["mean"] < 0.2
    collapsed = score_codes(np.zeros(LABELS, int), labelled.keys, labelled.clips, len(NAMES))
    assert collapsed["nmi"] == {"mean": 0, "low": 0, "high": 0} and collapsed["codes_used"] == 1


def test_labels_that_are_off_by_one_map_nothing(labelled: Transitions, branches: Branches) -> None:
    shifted = labelled._replace(keys=np.roll(labelled.keys, 1))
    assert obeyed(Moves(), shifted, branches)["100"]["obeys"]["mean"] <= 0.4
    codes = read(drafter(Moves()), shifted).errors.argmin(1).numpy()
    assert score_codes(codes, shifted.keys, shifted.clips, len(NAMES))["nmi"]["mean"] < 0.3


def test_a_decoder_that_ignores_codes_obeys_as_often_as_chance(
    labelled: Transitions, branches: Branches
) -> None:
    scores = obeyed(Deaf(), labelled, branches)["100"]
    assert scores["obeys"]["mean"] == scores["chance"] == 0.2


def test_fewer_moments_than_there_are_may_be_tried(
    labelled: Transitions, branches: Branches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOMENTS", 2)
    assert obeyed(Moves(), labelled, branches)["100"]["moments"] == 2


def test_mutual_information_by_hand() -> None:
    same = np.array([0, 0, 1, 1, 2, 2])
    assert nmi(same, 2 - same) == pytest.approx(1)
    assert nmi(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx(0)
    # b says which half of a: one bit of two, over their mean of one and a half
    assert nmi(np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1])) == pytest.approx(1 / 1.5)
