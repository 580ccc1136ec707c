"""Latent actions whose answer is known: all there is for codes that are moves, and less for every fault."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from genie.models.latent_action import Glance
from genie.worlds import read_world
from genie.worlds.source import Branches
from tests.scripted_worlds.sprite.rules import MOVES, Place, draw
from training.evaluate import mapped_keys as module
from training.evaluate.interval import crossed
from training.evaluate.latent_actions import nmi, score_codes
from training.evaluate.mapped_keys import _fitted, redo, score_mapped_keys
from training.evaluate.transitions import Transitions, labelled_transitions, read
from training.record import RecordConfig, record

SPRITE = Path(__file__).parents[2] / "scripted_worlds" / "sprite"
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
    seen: list[np.ndarray] = []

    def watched(drafter: Any, maps: Any, moments: Branches) -> np.ndarray:
        seen.append(moments.actions[:, 0])
        return redo(drafter, maps, moments)

    monkeypatch.setattr(module, "redo", watched)
    numbered = branches._replace(actions=np.arange(MOMENTS)[:, None].repeat(3, 1))
    for seed in range(3):
        monkeypatch.setattr(module, "MOMENTS_SEED", seed)
        obeyed(Moves(), labelled, numbered)
    assert len({tuple(moments) for moments in seen}) > 1, "drawn, not the first of the list"


def test_mutual_information_by_hand() -> None:
    same = np.array([0, 0, 1, 1, 2, 2])
    assert nmi(same, 2 - same) == pytest.approx(1)
    assert nmi(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx(0)
    # b says which half of a: one bit of two, over their mean of one and a half
    assert nmi(np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1])) == pytest.approx(1 / 1.5)


def test_the_interval_covers_other_labels_too(
    labelled: Transitions, branches: Branches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two draws of fifty labels one is right and one all wrong: what a third would do, nobody knows."""
    monkeypatch.setattr(module, "DRAWS", {50: 2})
    half = LABELS // 2
    wrong = np.concatenate((labelled.keys[:half], (labelled.keys[half:] + 1) % len(NAMES)))
    even, odd = (obeyed(Moves(), labelled._replace(keys=keys), branches) for keys in (labelled.keys, wrong))
    assert even["50"]["draws"] == odd["50"]["draws"] == 2
    assert (even["50"]["obeys"]["low"], even["50"]["obeys"]["high"]) == (1, 1)
    told = odd["50"]["obeys"]
    assert told["mean"] == pytest.approx(0.5, abs=0.1) and (told["low"], told["high"]) == (0, 1)
    assert told.samples is None, "what is common to the moments is not all that differs"
    assert even["labelled"]["labels"] == LABELS and even["labelled"]["digest"] != odd["labelled"]["digest"]


def test_intervals_over_draws_and_moments_by_hand() -> None:
    same = np.full((3, 4), 0.5)
    assert crossed(same) == {"mean": 0.5, "low": 0.5, "high": 0.5}
    draws = crossed(np.array([[0.4] * 4, [0.5] * 4, [0.6] * 4]))
    assert draws["high"] - 0.5 == pytest.approx(4.303 * 0.1 / 3**0.5, abs=1e-3)
    moments = crossed(np.array([[0.3, 0.5, 0.7]]))
    assert moments["high"] - 0.5 == pytest.approx(1.96 * 0.2 / 3**0.5, abs=1e-3)
    both = crossed(np.array([[0.4, 0.6], [0.6, 0.8]]) - 0.1)
    assert both["mean"] == 0.5 and (both["low"], both["high"]) == (0, 1), "two draws say next to nothing"


def test_what_maps_and_keys_have_in_common_is_made_once_and_the_same(
    labelled: Transitions, branches: Branches
) -> None:
    class Counted(Moves):
        made = 0

        def redo(self, past_BKHW: Tensor, last_B3HW: Tensor, codes_B: Tensor) -> Tensor:
            self.made += len(codes_B)
            return super().redo(past_BKHW, last_B3HW, codes_B)

    told = read(drafter(Moves()), labelled)
    maps = [
        _fitted(drafter(Moves()), labelled, told, rows, len(NAMES)) for rows in (slice(50), slice(50, 100))
    ]
    model = Counted()
    together = redo(drafter(model), maps, branches)
    alone = [redo(drafter(Moves()), [one], branches)[0] for one in maps]
    assert np.array_equal(together, alone)
    assert model.made < 2 * len(NAMES) * STEPS * MOMENTS


def test_few_clips_give_more_labels_each_and_each_part_is_of_its_own(tmp_path: Path) -> None:
    world = read_world(SPRITE)
    record(
        RecordConfig(world=str(SPRITE), clips=6, frames=16, out=tmp_path, split="train", processes=1),
        lambda *_: None,
    )
    labelled = labelled_transitions(tmp_path, world.actions.names, 2, count=40, clips=100, parts=2)
    assert len(labelled.keys) == 42 and set(np.bincount(labelled.clips)) == {7}
    halves = labelled.clips[:21], labelled.clips[21:]
    assert not set(halves[0]) & set(halves[1]), "no clip is in two draws"
    assert len(set(halves[0][:3])) == 3, "the first labels are of as many clips"
    few = labelled_transitions(tmp_path, world.actions.names, 2, count=40, clips=3, parts=2)
    assert len(np.unique(few.clips)) == 3
