"""The example in docs/examples learns what pays, where it is known what does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from genie.envs import Transition, WorldVectorEnv
from genie.runtime.world import World
from tests.support.tiny_bundle import sprite_cell

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "learn_to_run.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("learn_to_run", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def went_right(transition: Transition) -> float:
    """1, 0 or -1 columns, around the edge or not."""
    columns = [sprite_cell(frame)[0] for frame in (transition.before, transition.frame)]
    return float((columns[1] - columns[0] + 1) % 4 - 1)


def test_the_agent_learns_to_run_right(example: ModuleType, world: World) -> None:
    envs = WorldVectorEnv(world, 8, prompt="", reward=went_right)
    rng = np.random.default_rng(0)
    policy = example.Policy(len(world.actions))
    curve = example.learn(envs, policy, rounds=12, rng=rng)
    most = example.DECISIONS * example.HOLD
    assert abs(curve[0]) < most / 4, "it begins knowing nothing"
    assert np.mean(curve[-3:]) > most / 2
    envs.close()


def test_gains_far_off_count_less_and_what_is_usual_counts_nothing(example: ModuleType) -> None:
    quiet = [0.0] * example.GROUP
    gained = np.array([[0.0] * 8, [*quiet, 0, 0, 0, 2], [*quiet, 1, 1, 1, 1], [5.0] * 4 + quiet])
    worth = example.advantages(gained)
    assert worth[2:].tolist() == [[0.0] * 8] * 2, "all of a group gained alike"
    assert worth[:, :4].tolist() == [quiet] * 4, "what another group gained does not matter"
    assert worth[1, 7] > worth[0, 7] > 0 > worth[0, 4]
