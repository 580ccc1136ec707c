"""A world keeps Gymnasium's promises, and its own: the same seed and actions are the same session."""

from __future__ import annotations

import copy
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env  # noqa: E402

from genie.core.errors import ActionError, GenieError, UsageError, WorldError  # noqa: E402
from genie.envs import Transition, WorldEnv, register_worlds, scrolled_right  # noqa: E402
from genie.runtime.world import World  # noqa: E402
from tests.support.tiny_bundle import CAPTIONS, NAMES, sprite_cell  # noqa: E402

ROOT = Path(__file__).parents[2]
RIGHT = NAMES.index("right")


@pytest.mark.parametrize("mode", [None, "rgb_array", "human"])
def test_gymnasiums_own_check_finds_nothing(world: World, mode: str | None) -> None:
    env = WorldEnv(world, reward=scrolled_right, termination=lambda t: t.index >= 9, render_mode=mode)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=True)  # that part makes environments anew, by their id
    env.close()


def test_a_world_is_made_by_its_id_and_checked_with_all_its_render_modes(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "worlds").mkdir()
    (tmp_path / "worlds" / "mine").symlink_to(bundle.parent)
    (bundle.parent / "world.toml").write_text(
        'title = "T"\ndescription = "D"\nfps = 15\nidle = "noop"\n[frame]\nheight = 16\nwidth = 16\n'
        '[[actions]]\nname = "noop"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("GENIE_WORLDS", str(tmp_path / "worlds"))
    register_worlds()
    try:
        env = gymnasium.make("genie/mine-v0", max_episode_steps=7)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check_env(env.unwrapped)
        env.reset(seed=1)
        ends = [env.step(0)[3] for _ in range(7)]
        assert ends == [False] * 6 + [True]
    finally:
        del gymnasium.registry["genie/mine-v0"]
        (bundle.parent / "world.toml").unlink()


def test_a_folder_whose_name_is_no_id_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("anna copy", ".hidden", "größer", "zoe"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "world.toml").touch()
    monkeypatch.setenv("GENIE_WORLDS", str(tmp_path))
    before = set(gymnasium.registry)
    register_worlds()
    new = set(gymnasium.registry) - before
    for name in new:
        del gymnasium.registry[name]
    assert new == {"genie/zoe-v0"}


def test_every_world_here_is_registered_when_the_package_is_imported() -> None:
    code = (
        "import gymnasium; import genie.envs; from genie.worlds import catalog\n"
        "ids = ['genie/World-v0', *(f'genie/{spec.id}-v0' for spec in catalog())]\n"
        "assert len(ids) > 1, ids\n"
        "assert all(gymnasium.spec(i).vector_entry_point for i in ids)\n"
        "import sys; assert not {'torch', 'pygame'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, timeout=60)


def test_an_episode_is_the_session_of_the_same_seed(world: World) -> None:
    env = WorldEnv(world, prompt="a red sprite by night")
    session = world.start(prompt="a red sprite by night", seed=5)
    frame, info = env.reset(seed=5)
    np.testing.assert_array_equal(frame, session.frame)
    assert info == {"index": 0, "seed": 5, "prompt": "a red sprite by night"}
    for index, action in enumerate([2, 2, 0, 4, 5, 1], 1):
        frame, reward, terminated, truncated, info = env.step(np.int64(action))
        np.testing.assert_array_equal(frame, session.step(action))
        assert (reward, terminated, truncated, info["index"]) == (0.0, False, False, index)


def test_resets_without_a_seed_go_on_from_the_last_one(world: World) -> None:
    first, second = WorldEnv(world), WorldEnv(world)
    seeds = [
        [env.reset(seed=3)[1]["seed"], *(env.reset()[1]["seed"] for _ in range(4))] for env in (first, second)
    ]
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0])) == 5


def test_words_count_as_much_as_an_environment_says(world: World) -> None:
    env = WorldEnv(world, prompt="a red sprite on snow", strength=3)
    env.reset(seed=5)
    assert env.session.strength == 3
    session = world.start(prompt="a red sprite on snow", seed=5, strength=3)
    np.testing.assert_array_equal(env.step(2)[0], session.step(2))


def test_reward_and_termination_see_both_frames_the_action_and_the_prompt(world: World) -> None:
    seen: list[Transition] = []

    def reward(transition: Transition) -> np.float32:
        seen.append(transition)
        return np.float32(sprite_cell(transition.frame)[0])

    env = WorldEnv(world, reward=reward, termination=lambda t: sprite_cell(t.frame)[0] == 3)
    before, _ = env.reset(seed=0, options={"prompt": CAPTIONS[0]})
    column = sprite_cell(before)[0]
    while True:
        frame, gained, terminated, _, info = env.step(RIGHT)
        column = (column + 1) % 4
        assert type(gained) is float and gained == column
        assert terminated == (column == 3)
        np.testing.assert_array_equal(seen[-1].before, before)
        np.testing.assert_array_equal(seen[-1].frame, frame)
        assert (seen[-1].action, seen[-1].index, seen[-1].prompt) == ("right", info["index"], CAPTIONS[0])
        before = frame
        if terminated:
            break


def test_an_image_starts_an_episode_and_several_prompts_take_turns(world: World) -> None:
    picture = world.engine.starts.frames[2]
    env = WorldEnv(world, prompt=CAPTIONS)
    frame, info = env.reset(seed=0, options={"image": picture, "prompt": ""})
    np.testing.assert_array_equal(frame, picture)
    assert info["prompt"] == ""
    assert [env.reset(seed=n)[1]["prompt"] for n in range(4)] == [*CAPTIONS, CAPTIONS[0]]


def test_the_session_can_be_marked_and_told_another_prompt(world: World) -> None:
    env = WorldEnv(world)
    env.reset(seed=2)
    mark = env.session.snapshot()
    frames = [env.step(action)[0] for action in (2, 3, 1)]
    env.session.restore(mark)
    for action, frame in zip((2, 3, 1), frames, strict=True):
        np.testing.assert_array_equal(env.step(action)[0], frame)
    env.session.prompt = CAPTIONS[2]
    assert env.step(0)[4]["prompt"] == CAPTIONS[2]


def test_sessions_keep_little_memory(world: World) -> None:
    env = WorldEnv(world)
    env.reset(seed=0)
    for _ in range(200):
        env.step(RIGHT)
    assert len(env.session._keyframes.indices) <= 2
    assert env.session.rewind(150).shape == (16, 16, 3)


def test_mistakes_are_one_line(world: World) -> None:
    env = WorldEnv(world)
    with pytest.raises(gymnasium.error.ResetNeeded, match="reset"):
        env.step(0)
    env.reset()
    with pytest.raises(ActionError, match="actions 0 to 5"):
        env.step(6)
    with pytest.raises(UsageError, match="Did you mean 'prompt'"):
        env.reset(options={"promt": "x"})
    with pytest.raises(UsageError, match="render mode"):
        WorldEnv(world, render_mode="ascii")
    with pytest.raises(UsageError, match="prompt"):
        WorldEnv(world, prompt=[])
    with pytest.raises(WorldError, match="No world 'nowhere'"):
        WorldEnv("nowhere")
    assert issubclass(WorldError, GenieError)


def test_the_window_shows_the_frame_enlarged_and_closes(world: World) -> None:
    pygame = pytest.importorskip("pygame")
    env = WorldEnv(world, render_mode="human")
    frame, _ = env.reset(seed=1)
    frame = env.step(RIGHT)[0]
    surface = pygame.display.get_surface()
    assert surface.get_size() == (512, 512)
    shown = pygame.surfarray.array3d(surface).swapaxes(0, 1)
    np.testing.assert_array_equal(shown, frame.repeat(32, axis=0).repeat(32, axis=1))
    assert env.render() is None
    env.close()
    env.close()
    assert not pygame.display.get_init()


def test_the_fps_is_the_worlds_own_and_nobody_elses(world: World) -> None:
    env = WorldEnv(world, render_mode="rgb_array")
    assert env.metadata["render_fps"] == world.fps == 15
    assert "render_fps" not in WorldEnv.metadata
    env.reset(seed=0)
    picture = env.render()
    assert picture is not None
    kept = copy.deepcopy(picture)
    picture[:] = 0
    np.testing.assert_array_equal(env.render(), kept)


def test_without_gymnasium_the_import_says_what_to_install() -> None:
    code = "import sys; sys.modules['gymnasium'] = None; import genie.envs"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 1
    assert ".[envs]" in result.stderr.splitlines()[-1]
