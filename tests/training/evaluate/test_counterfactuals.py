"""Keys held against the truth: a faithful world obeys, a deaf, a swapped and a frozen one are found out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from genie.worlds.source import Branches
from tests.support.judged_world import FaultyWorld
from tests.support.tiny_bundle import CAPTIONS, NAMES, start_frames
from training.evaluate.counterfactuals import Imagined, imagine, score_counterfactuals, score_held_keys
from training.evaluate.crew import Crew

MOMENTS, PAST, FUTURE = 6, 4, 3
CREW = Crew(2)


@pytest.fixture(scope="module")
def branches(world: Any) -> Branches:
    """The tiny world's own futures, by another road than `imagine` takes: every one played from its start."""
    rng = np.random.default_rng(0)
    actions = rng.integers(len(NAMES), size=(MOMENTS, PAST - 1))
    pasts, futures = [], []
    for m in range(MOMENTS):
        for key in range(len(NAMES)):
            session = world.start(prompt=CAPTIONS[m % 3], image=start_frames()[m % 3], seed=m)
            past = [session.frame, *(session.step(int(action)) for action in actions[m])]
            futures.append([session.step(key) for _ in range(FUTURE)])
        pasts.append(past)
    shape = (MOMENTS, len(NAMES), FUTURE, *np.shape(pasts)[2:])
    captions = [CAPTIONS[m % 3] for m in range(MOMENTS)]
    return Branches(np.array(pasts), actions, np.array(futures).reshape(shape), captions)


def chance(futures: np.ndarray) -> float:
    return float(np.mean([1 / len({future.tobytes() for future in moment}) for moment in futures]))


def test_a_faithful_world_obeys_every_key(world: Any, branches: Branches) -> None:
    imagined = imagine(world, branches, CREW)
    assert np.array_equal(imagined.after, branches.futures)
    assert np.array_equal(imagined.before, branches.past[:, -2:])
    scores = score_counterfactuals(branches, imagined.after, NAMES)
    assert scores["obeys"]["mean"] == 1 and scores["psnr"]["mean"] == 60
    assert scores["delta_psnr"]["low"] > 5
    assert scores["chance"] == pytest.approx(chance(branches.futures), abs=1e-4)
    assert np.array_equal(scores["confusion"], MOMENTS * np.eye(len(NAMES)))
    assert set(scores["by_key"]) == set(NAMES)


def test_a_deaf_world_obeys_as_often_as_chance(branches: Branches) -> None:
    deaf = branches.futures[:, :1].repeat(len(NAMES), 1)
    scores = score_counterfactuals(branches, deaf, NAMES)
    assert scores["obeys"]["mean"] < 2.5 * chance(branches.futures)
    assert scores["by_key"][NAMES[0]]["obeys"]["mean"] == 1
    assert scores["by_key"][NAMES[1]]["obeys"]["mean"] < 0.5
    assert scores["delta_psnr"]["mean"] == pytest.approx(0, abs=0.01)


def test_swapped_keys_show_in_the_confusion(branches: Branches) -> None:
    swapped = branches.futures[:, [0, 2, 1, *range(3, len(NAMES))]]
    scores = score_counterfactuals(branches, swapped, NAMES)
    confusion = np.array(scores["confusion"])
    assert confusion[1, 2] == confusion[2, 1] == MOMENTS and confusion[1, 1] == confusion[2, 2] == 0
    assert scores["delta_psnr"]["mean"] < 60


def test_copying_the_moment_earns_nothing(branches: Branches) -> None:
    copied = np.broadcast_to(branches.past[:, None, -1:], branches.futures.shape)
    scores = score_counterfactuals(branches, copied, NAMES)
    assert scores["obeys"]["mean"] <= 2 / len(NAMES)
    assert scores["psnr"] == scores["psnr_copy_last_frame"]


def test_keys_that_do_the_same_count_as_one(branches: Branches) -> None:
    futures = branches.futures.copy()
    futures[:, 1] = futures[:, 0]
    tied = branches._replace(futures=futures)
    scores = score_counterfactuals(tied, futures, NAMES)
    assert scores["obeys"]["mean"] == 1, "whichever of two equals is named, it is right"
    assert scores["chance"] == pytest.approx(chance(futures), abs=1e-4) and chance(futures) > chance(
        branches.futures
    )
    confusion = np.array(scores["confusion"])
    assert confusion.trace() == confusion.sum()


def test_the_judge_names_held_keys_in_true_and_in_imagined_futures(
    world: Any, branches: Branches, oracle: Any
) -> None:
    scores = score_held_keys(oracle, branches, imagine(world, branches, CREW))
    assert scores["accuracy"]["mean"] == scores["accuracy_real"]["mean"] == 1
    assert np.array_equal(scores["confusion"], MOMENTS * np.eye(len(NAMES)))
    assert scores["chance"] == pytest.approx(chance(branches.futures), abs=1e-4)


def test_the_judge_hears_a_deaf_and_a_swapped_world(world: Any, branches: Branches, oracle: Any) -> None:
    deaf: Any = FaultyWorld(world, hears=lambda action: 0)
    scores = score_held_keys(oracle, branches, imagine(deaf, branches, CREW))
    assert scores["accuracy_real"]["mean"] == 1
    assert scores["accuracy"]["high"] <= chance(branches.futures) + 0.05
    swapped: Any = FaultyWorld(world, hears=lambda action: {1: 2, 2: 1}.get(action, action))
    confusion = np.array(score_held_keys(oracle, branches, imagine(swapped, branches, CREW))["confusion"])
    assert confusion[1, 2] == confusion[2, 1] == MOMENTS and confusion[1, 1] == 0


def test_a_name_among_equals_is_right_and_what_is_said_of_them_adds_up(branches: Branches) -> None:
    """Keys 0 and 1 do the same: a judge torn between them (0.3 each) and key 2 (0.4) has named them."""

    class Torn:
        class config:
            actions, held = len(NAMES), FUTURE

        def name_held(self, windows: torch.Tensor) -> torch.Tensor:
            shares = torch.tensor([0.3, 0.3, 0.4] + [1e-9] * (len(NAMES) - 3))
            return shares.log().expand(len(windows), -1)

    futures = branches.futures.copy()
    futures[:, 1] = futures[:, 0]
    tied = branches._replace(futures=futures)
    scores = score_held_keys(Torn(), tied, Imagined(branches.past[:, -2:], futures))  # type: ignore[arg-type]
    assert np.diagonal(scores["confusion_real"]).tolist() == [MOMENTS, MOMENTS, 0, 0, 0, 0]


def test_one_key_always_is_what_the_best_such_world_reaches(
    world: Any, branches: Branches, oracle: Any
) -> None:
    """Keys 0 and 1 do the same: a world in which all do that is right in two of six."""
    futures = branches.futures.copy()
    futures[:, 1] = futures[:, 0]
    tied = branches._replace(futures=futures)
    before = branches.past[:, -2:]
    one_key = [futures[:, key : key + 1].repeat(len(NAMES), 1) for key in range(len(NAMES))]
    reached = [score_held_keys(oracle, tied, Imagined(before, after)) for after in one_key]
    best = max(scores["accuracy_over_ceiling"]["mean"] for scores in reached)
    assert best == pytest.approx(2 / 6, abs=1e-3)
    assert all(scores["by_chance_over_ceiling"] == pytest.approx(best, abs=1e-3) for scores in reached)


def test_moments_are_known_by_what_they_show_and_by_what_follows(branches: Branches) -> None:
    asked = score_counterfactuals(branches, branches.futures, NAMES)["asked"]
    assert asked == score_counterfactuals(branches, branches.futures[:, ::-1], NAMES)["asked"]
    for name in ("past", "actions", "futures"):
        other = branches._replace(**{name: np.roll(getattr(branches, name), 1, 0)})
        assert score_counterfactuals(other, branches.futures, NAMES)["asked"] != asked, name
