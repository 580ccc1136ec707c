"""Many environments on one engine are those same environments one by one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")

from gymnasium.vector import AutoresetMode, SyncVectorEnv  # noqa: E402
from gymnasium.wrappers import TimeLimit  # noqa: E402

import genie.envs  # noqa: E402
from genie.core.errors import UsageError  # noqa: E402
from genie.envs import Transition, WorldEnv, WorldVectorEnv  # noqa: E402
from genie.runtime.world import World  # noqa: E402
from genie.worlds import catalog  # noqa: E402
from tests.support.tiny_bundle import NAMES, sprite_cell  # noqa: E402

COUNT, LIMIT, STEPS = 5, 6, 25


def column(transition: Transition) -> float:
    return float(sprite_cell(transition.frame)[0])


def at_the_edge(transition: Transition) -> bool:
    return sprite_cell(transition.frame) == (3, 3)


def same(ours: Any, theirs: Any) -> None:
    """Both are equal, all the way down."""
    assert type(ours) is type(theirs)
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        for key in ours:
            same(ours[key], theirs[key])
    elif isinstance(ours, tuple) or (isinstance(ours, np.ndarray) and ours.dtype == object):
        for one, other in zip(ours, theirs, strict=True):
            same(one, other)
    else:
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_it_is_bit_for_bit_gymnasiums_own_loop_over_single_environments(
    world: World, mode: AutoresetMode, workers: int
) -> None:
    kwargs = {"reward": column, "termination": at_the_edge, "prompt": ""}
    ours = WorldVectorEnv(
        world, COUNT, max_episode_steps=LIMIT, autoreset_mode=mode, workers=workers, **kwargs
    )
    theirs = SyncVectorEnv([lambda: TimeLimit(WorldEnv(world, **kwargs), LIMIT)] * COUNT, autoreset_mode=mode)
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    assert ours.metadata == theirs.metadata
    actions = np.random.default_rng(0).integers(0, len(NAMES), (STEPS, COUNT))
    same(ours.reset(seed=11), theirs.reset(seed=11))
    endings = 0
    for row in actions:
        outcome = ours.step(row)
        same(outcome, theirs.step(row))
        endings += int(outcome[2].sum() + outcome[3].sum())
    assert endings > COUNT
    ours.close()


def test_a_shipped_world_dreams_the_same_alone_and_in_a_vector() -> None:
    bundle = next(spec.bundle for spec in catalog() if spec.has_bundle)
    envs = WorldVectorEnv(bundle, 2, device="cpu")  # each graph on one thread
    alone = World.open(bundle, device="cpu", threads=2).start(seed=8)
    np.testing.assert_array_equal(envs.reset(seed=7)[0][1], alone.frame)
    for action in (2, 5, 5, 1):
        np.testing.assert_array_equal(envs.step(np.array([0, action]))[0][1], alone.step(action))
    envs.close()


def test_without_autoreset_only_the_named_ones_begin_anew(world: World) -> None:
    envs = WorldVectorEnv(world, 3, max_episode_steps=2, autoreset_mode="Disabled", prompt="")
    envs.reset(seed=[4, None, 9])
    envs.step(np.array([2, 2, 2]))
    envs.reset(seed=1, options={"reset_mask": np.array([False, True, False])})
    frames, _, _, truncated, infos = envs.step(np.array([2, 2, 2]))
    assert truncated.tolist() == [True, False, True]
    assert infos["index"].tolist() == [2, 1, 2]
    assert infos["seed"][0] == 4
    assert infos["seed"][1] == 2, "an integer seed counts up over all, masked or not"
    with pytest.raises(UsageError, match=r"\[0, 2\]"):
        envs.step(np.array([2, 2, 2]))
    before = frames[1].copy()
    frames, _ = envs.reset(seed=[7, None, 7], options={"reset_mask": truncated})
    np.testing.assert_array_equal(frames[1], before)
    np.testing.assert_array_equal(frames[0], frames[2])
    envs.step(np.array([2, 2, 2]))


def test_seeds_of_numpys_are_seeds(world: World) -> None:
    ours = WorldVectorEnv(world, 2)
    frames, _ = ours.reset(seed=5)
    for seed in (np.int64(5), np.arange(5, 7), [5, np.uint8(6)]):
        np.testing.assert_array_equal(ours.reset(seed=seed)[0], frames)
    ours.reset(seed=[np.int64(5), None])
    ours.close()


def test_all_share_one_engine(bundle: Path) -> None:
    envs = gymnasium.make_vec("genie/World-v0", num_envs=8, world=bundle, device="cpu", max_episode_steps=3)
    assert isinstance(envs, WorldVectorEnv)
    assert {id(env.world.engine) for env in envs.envs} == {id(envs.world.engine)}
    envs.reset(seed=0)
    assert [envs.step(envs.action_space.sample())[3].all() for _ in range(3)] == [False, False, True]
    envs.close()


def test_the_registered_limit_holds_for_vectors_too(bundle: Path) -> None:
    envs = gymnasium.make_vec("genie/World-v0", num_envs=2, world=bundle, device="cpu")
    assert envs._limit == genie.envs.registration.EPISODE


def test_observations_that_were_returned_stay_as_they_were(world: World) -> None:
    envs = WorldVectorEnv(world, 2)
    first, _ = envs.reset(seed=0)
    kept = first.copy()
    second = envs.step(np.array([2, 2]))[0]
    np.testing.assert_array_equal(first, kept)
    assert not np.array_equal(second, first)


def test_every_environment_is_rendered(world: World) -> None:
    envs = WorldVectorEnv(world, 2, render_mode="rgb_array")
    frames, _ = envs.reset(seed=0)
    np.testing.assert_array_equal(np.stack(envs.render()), frames)


def test_an_error_in_one_session_reaches_the_caller_and_the_others_go_on(world: World) -> None:
    def reward(transition: Transition) -> float:
        if transition.action == "up":
            raise ZeroDivisionError
        return 1.0

    envs = WorldVectorEnv(world, 4, reward=reward, workers=2)
    envs.reset(seed=0)
    with pytest.raises(ZeroDivisionError):
        envs.step(np.array([0, 0, NAMES.index("up"), 0]))
    assert envs.step(np.zeros(4, np.int64))[1].tolist() == [1.0] * 4
    envs.close()


def test_an_error_is_raised_once_no_turn_is_in_hand_any_more(world: World) -> None:
    ended = []

    def reward(transition: Transition) -> float:
        if transition.action == "up":
            raise ZeroDivisionError
        time.sleep(0.1)
        ended.append(transition.action)
        return 1.0

    envs = WorldVectorEnv(world, 4, reward=reward, workers=2)
    envs.reset(seed=0)
    with pytest.raises(ZeroDivisionError):
        envs.step(np.array([NAMES.index("up"), 0, 0, 0]))
    assert len(ended) == 3
    envs.close()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda envs: envs.reset(seed=[1]), "1 seeds"),
        (lambda envs: envs.step(np.zeros(3, int)), "3 actions"),
        (lambda envs: envs.reset(options={"reset_mask": [True, False]}), "booleans"),
        (lambda envs: envs.reset(options={"reset_mask": np.zeros(2, bool)}), "at least one"),
    ],
)
def test_mistakes_are_named(world: World, call: Any, said: str) -> None:
    envs = WorldVectorEnv(world, 2)
    with pytest.raises(UsageError, match=said):
        call(envs)


def test_what_no_vector_can_be(world: World) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        WorldVectorEnv(world, 0)
    with pytest.raises(UsageError, match="One window"):
        WorldVectorEnv(world, 2, render_mode="human")
