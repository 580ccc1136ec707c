"""Under a prompt that no start frame shows, environments pay for painted first frames once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from genie.envs import WorldEnv, WorldVectorEnv
from genie.envs.world_env import BEST
from genie.runtime.first_frames import FirstFrames
from genie.runtime.world import World
from tests.support.tiny_bundle import SAID, write_tiny_bundle

NOBODY_SHOWS = "a blue sprite on snow"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world that knows what its captions say, and so what no start frame shows."""
    bundle = write_tiny_bundle(tmp_path_factory.mktemp("envs") / "spoken", phrases=SAID)
    return World.open(bundle, device="cpu", threads=1)


@pytest.fixture
def painted(spoken: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The start frames that are repainted, in order."""
    numbers: list[int] = []
    repaint = FirstFrames._repaint

    def noted(first: FirstFrames, place: int, *rest: Any) -> Any:
        numbers.append(place)
        return repaint(first, place, *rest)

    monkeypatch.setattr(FirstFrames, "_repaint", noted)
    return numbers


def test_first_frames_are_painted_once_for_a_seed_and_all_drawn_from_it(
    spoken: World, painted: list[int]
) -> None:
    def play(env: WorldEnv, seed: int) -> list[tuple[bytes, bytes, int]]:
        return [
            (frame.tobytes(), env.step(2)[0].tobytes(), info["seed"])
            for frame, info in (env.reset(seed=seed), *(env.reset() for _ in range(12)))
        ]

    env = WorldEnv(spoken, prompt=NOBODY_SHOWS)
    episodes = play(env, 6)
    assert painted == [0, 1, 2]
    first = spoken.first_frames(NOBODY_SHOWS, 6)
    begun = {frame for frame, _, _ in episodes}
    assert episodes[0][0] == first[0].frame.tobytes() and begun == {f.frame.tobytes() for f in first[:BEST]}
    assert len({seed for _, _, seed in episodes}) == 13 and env.session.seed == episodes[-1][2]
    assert len({after for _, after, _ in episodes}) > len(begun), "chance is each episode's own"
    assert play(WorldEnv(spoken, prompt=NOBODY_SHOWS), 6) == episodes, "and it is the same once more"
    assert painted == [0, 1, 2]
    other = World(spoken.engine)
    assert play(WorldEnv(other, prompt=NOBODY_SHOWS), 6) == episodes, "whatever was kept"


def test_a_seed_that_is_given_begins_its_own_session_even_where_it_has_to_be_painted(
    spoken: World, painted: list[int]
) -> None:
    env = WorldEnv(spoken, prompt=NOBODY_SHOWS)
    env.reset(seed=21)
    frame, _ = env.reset(seed=22)
    assert len(painted) == 6
    session = World(spoken.engine).start(prompt=NOBODY_SHOWS, seed=22)
    np.testing.assert_array_equal(frame, session.frame)
    np.testing.assert_array_equal(env.step(2)[0], session.step(2))
    painted.clear()
    for seed in (21, 22, 21):
        env.reset(seed=seed)
    assert not painted


def test_drawn_seeds_choose_among_start_frames_that_fit(spoken: World, painted: list[int]) -> None:
    env = WorldEnv(spoken, prompt="red")
    env.reset(seed=1)
    for _ in range(8):
        frame, info = env.reset()
        np.testing.assert_array_equal(frame, spoken.start(prompt="red", seed=info["seed"]).frame)
    assert not painted


def test_many_environments_paint_once_each_and_never_for_a_reset_of_their_own(
    spoken: World, painted: list[int]
) -> None:
    envs = WorldVectorEnv(spoken, 4, prompt=NOBODY_SHOWS, max_episode_steps=2, workers=4)
    frames, _ = envs.reset(seed=40)
    assert len(painted) == 12
    for _ in range(9):  # three episodes each
        envs.step(np.full(4, 2))
    assert len(painted) == 12
    np.testing.assert_array_equal(envs.reset(seed=40)[0], frames)
    assert len(painted) == 12
    painted.clear()
    envs.reset(seed=[50] * 4)
    assert sorted(painted) == [0, 1, 2], "four that ask for the same at a time have it made once"
    envs.close()
