import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from genie.core.errors import ActionError, GenieError, ImageError, PromptError, UsageError
from genie.runtime.session import Session
from genie.runtime.world import World
from tests.support.tiny_bundle import MOVES, NAMES, sprite_cell, start_frames, write_tiny_bundle

KEYS = [int(key) for key in np.random.default_rng(5).integers(len(NAMES), size=60)]


def play(session: Session, actions: list[int]) -> np.ndarray:
    """Return the frames that the actions lead to, uint8 [len(actions), 16, 16, 3]."""
    return np.array([session.step(action) for action in actions])


def test_the_sprite_goes_where_the_keys_say(world: World) -> None:
    session = world.start(seed=3)
    column, row = sprite_cell(session.frame)
    for key in KEYS:
        column, row = (column + MOVES[key][0]) % 4, (row + MOVES[key][1]) % 4
        assert sprite_cell(session.step(NAMES[key])) == (column, row)
    assert session.index == len(KEYS)
    assert session.actions_taken == KEYS


def test_a_seed_reproduces_every_frame_and_another_does_not(world: World) -> None:
    frames = play(world.start(seed=7), KEYS)
    assert np.array_equal(play(world.start(seed=7), KEYS), frames)
    image = world.start(seed=7).frame
    first, second = (play(world.start(image=image, seed=seed), KEYS) for seed in (7, 8))
    assert not np.array_equal(first, second)


def test_at_temperature_zero_the_seed_does_not_matter(world: World) -> None:
    image = world.start().frame
    cold = [play(world.start(image=image, seed=seed, temperature=0), KEYS) for seed in (1, 2)]
    warm = play(world.start(image=image, seed=1, temperature=0.9), KEYS)
    assert np.array_equal(*cold)
    assert not np.array_equal(cold[0], warm)


@pytest.mark.parametrize("back", [0, 1, 3, 8, 21, 45, 60])
def test_rewinding_leads_to_the_same_frames_again(world: World, back: int) -> None:
    session = world.start(seed=2)
    frames = [session.frame, *play(session, KEYS)]
    assert np.array_equal(session.rewind(back), frames[60 - back])
    assert session.index == 60 - back
    assert np.array_equal(play(session, KEYS[60 - back :]), np.array(frames[61 - back :]))


def test_rewinding_past_the_start_is_the_start(world: World) -> None:
    session = world.start(seed=2)
    start = session.frame
    play(session, KEYS[:10])
    assert np.array_equal(session.rewind(1000), start)
    assert (session.index, session.actions_taken) == (0, [])
    with pytest.raises(UsageError):
        session.rewind(-1)


def test_another_past_is_forgotten_when_rewound(world: World) -> None:
    session, straight = world.start(seed=2), world.start(seed=2)
    play(session, KEYS)
    session.rewind(50)
    other = [5 - key for key in KEYS]
    assert np.array_equal(play(session, other), play(straight, KEYS[:10] + other)[10:])
    session.rewind(30)  # over keyframes of the new past only
    assert np.array_equal(session.step(0), play(world.start(seed=2), [*KEYS[:10], *other[:30], 0])[-1])


@pytest.mark.parametrize("at", [0, 1, 5, 8, 30])
def test_a_mark_brings_back_a_frame_and_its_future(world: World, at: int) -> None:
    session = world.start(seed=4)
    play(session, KEYS[:at])
    here, mark = session.frame, session.snapshot()
    session.prompt = "the sand by night"
    future = play(session, [1] * 30)
    session.rewind(at + 20)
    session.restore(mark)
    assert (session.index, mark.index, session.actions_taken) == (at, at, KEYS[:at])
    assert np.array_equal(session.frame, here)
    assert session.prompt == "a red sprite"
    straight = world.start(seed=4)
    play(straight, KEYS[:at])
    assert np.array_equal(play(session, [1] * 30), play(straight, [1] * 30))
    session.restore(mark)
    session.prompt = "the sand by night"
    assert np.array_equal(play(session, [1] * 30), future)


def test_a_mark_branches_into_another_session(world: World) -> None:
    session, branch = world.start(seed=4), world.start(seed=5, prompt="snow", temperature=0)
    play(session, KEYS[:13])
    play(branch, KEYS[:40])
    branch.restore(session.snapshot())
    assert (branch.seed, branch.temperature, branch.prompt, branch.index) == (4, 0.5, "a red sprite", 13)
    assert np.array_equal(play(branch, KEYS[13:]), play(session, KEYS[13:]))
    assert np.array_equal(branch.rewind(55), session.rewind(55))


def test_nothing_of_the_future_that_was_left_stays_when_a_mark_is_restored(world: World) -> None:
    session, straight = world.start(seed=4), world.start(seed=4)
    play(session, KEYS[:10])
    mark = session.snapshot()
    play(session, [1] * 50)
    session.restore(mark)
    play(session, KEYS[10:])
    assert np.array_equal(session.rewind(30), play(straight, KEYS[:30])[-1])


def test_marks_of_futures_that_differ_only_in_their_prompt_are_told_apart(world: World) -> None:
    session = world.start(seed=4)
    play(session, KEYS[:10])
    fork = session.snapshot()
    session.prompt = "snow by night"
    told = play(session, KEYS[10:40])
    mark = session.snapshot()
    session.restore(fork)
    play(session, KEYS[10:50])
    assert np.array_equal(session.restore(mark), told[-1])
    assert np.array_equal(session.rewind(10), told[19])


def test_a_session_follows_the_frames_it_is_given(world: World) -> None:
    session, own = world.start(seed=4), world.start(seed=4)
    given = start_frames()[2]
    play(session, KEYS[:10])
    fork = session.snapshot()
    assert np.array_equal(session.step(1, frame=given), given)
    frames = play(session, KEYS[:20])
    mark = session.snapshot()
    assert not np.array_equal(frames, play(own, [*KEYS[:10], 1, *KEYS[:20]])[11:])
    assert sprite_cell(frames[0]) == ((2 + MOVES[KEYS[0]][0]) % 4, (1 + MOVES[KEYS[0]][1]) % 4)
    session.rewind(20)
    assert np.array_equal(play(session, KEYS[:20]), frames)
    session.restore(fork)
    assert np.array_equal(play(session, [1, *KEYS[:20]])[-1], own.frame)
    assert np.array_equal(session.restore(mark), frames[-1])
    with pytest.raises(ImageError):
        session.step(1, frame=given[..., 0])
    assert session.index == 31


def test_a_mark_of_another_world_is_refused(world: World, bundle: Path) -> None:
    with pytest.raises(GenieError, match="another world"):
        world.start().restore(World.open(bundle, device="cpu").start().snapshot())


def test_a_prompt_takes_effect_from_the_next_frame_on(world: World) -> None:
    session, told = world.start(seed=1), world.start(seed=1)
    play(session, KEYS[:20])
    play(told, KEYS[:20])
    before = told.frame
    told.prompt = "snow by night"
    assert np.array_equal(told.frame, before)
    assert not np.array_equal(told.step(0), session.step(0))
    assert told.prompts == [(0, "a red sprite"), (20, "snow by night")]


def test_rewinding_over_a_prompt_takes_it_back(world: World) -> None:
    session = world.start(seed=1)
    frames = play(session, KEYS[:12])
    session.prompt = "snow by night"
    changed = play(session, KEYS[12:30])
    session.rewind(18)
    assert session.prompt == "snow by night"  # it was set at this very frame
    assert np.array_equal(play(session, KEYS[12:30]), changed)
    session.rewind(22)
    assert session.prompt == "a red sprite"
    assert np.array_equal(play(session, KEYS[8:12]), frames[8:12])


def test_a_prompt_changed_twice_at_one_frame_is_the_last(world: World) -> None:
    session, straight = world.start(seed=1), world.start(seed=1)
    session.prompt = "snow"
    session.prompt = "sand by night"
    straight.prompt = "sand by night"
    assert session.prompts == straight.prompts == [(0, "a red sprite"), (0, "sand by night")]
    assert np.array_equal(play(session, KEYS), play(straight, KEYS))
    session.rewind(60)
    assert session.prompt == "sand by night"


def test_a_prompt_that_is_refused_changes_nothing(world: World) -> None:
    session, straight = world.start(seed=1), world.start(seed=1)
    with pytest.raises(PromptError):
        session.prompt = "x" * 10_000
    with pytest.raises(PromptError):
        world.start(prompt="x" * 10_000)
    assert np.array_equal(play(session, KEYS), play(straight, KEYS))


def test_an_unknown_action_changes_nothing(world: World) -> None:
    session = world.start()
    with pytest.raises(ActionError, match="Did you mean 'right'"):
        session.step("rihgt")
    with pytest.raises(ActionError):
        session.step(6)
    assert session.index == 0


def test_frames_given_out_are_copies(world: World) -> None:
    session, straight = world.start(seed=1), world.start(seed=1)
    for key in KEYS[:20]:
        session.step(key)[:] = 0
        session.frame[:] = 0
    play(straight, KEYS[:20])
    assert np.array_equal(session.step(1), straight.step(1))


def test_two_sessions_on_one_world_do_not_disturb_each_other(world: World) -> None:
    alone = [play(world.start(seed=seed), KEYS) for seed in (1, 2)]
    both = [world.start(seed=seed) for seed in (1, 2)]
    together = [[session.step(key) for session in both] for key in KEYS]
    for i, frames in enumerate(alone):
        assert np.array_equal(frames, np.stack([pair[i] for pair in together]))


def test_sessions_in_threads_do_not_disturb_each_other(world: World) -> None:
    alone = [play(world.start(seed=seed), KEYS * 3) for seed in range(4)]
    made: dict[int, np.ndarray] = {}

    def run(seed: int) -> None:
        made[seed] = play(world.start(seed=seed), KEYS * 3)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, frames in enumerate(alone):
        assert np.array_equal(made[seed], frames)


@contextmanager
def interrupted(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let Ctrl-C strike after the dynamics have run and before the frame is decoded."""

    class Graph:
        def run_with_iobinding(self, binding: object) -> None:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(session.world.engine, "decode_graph", Graph())
        with pytest.raises(KeyboardInterrupt):
            yield


def test_an_interrupted_step_was_not_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session = world.start(seed=6)
    frames = play(session, KEYS[:21])
    with interrupted(session, monkeypatch):
        session.step(3)
    assert session.index == 21
    assert np.array_equal(session.frame, frames[-1])
    with interrupted(session, monkeypatch):
        session.step(4)
    assert np.array_equal(play(session, KEYS[21:]), play(world.start(seed=6), KEYS)[21:])


def test_an_interrupted_rewind_is_finished_by_what_comes_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.start(seed=6)
    frames = play(session, KEYS)
    with interrupted(session, monkeypatch):
        session.rewind(29)
    assert session.index == 31
    assert np.array_equal(session.frame, frames[30])
    assert np.array_equal(play(session, KEYS[31:]), frames[31:])


def test_memory_and_shapes_do_not_grow_with_the_session(world: World) -> None:
    session = world.start(seed=0)
    held = []
    for _ in range(3):
        play(session, KEYS * 10)
        held.append((len(session._keyframes.indices), session._keyframes.nbytes))
    assert held[1] == held[2]
    assert held[2][1] <= 64 * 2**20


@pytest.mark.parametrize("window", [1, 2, 7])
def test_any_window_rewinds_over_its_wrap_around(tmp_path: Path, window: int) -> None:
    session = World.open(write_tiny_bundle(tmp_path, window=window), device="cpu").start(seed=1)
    frames = play(session, KEYS)
    session.rewind(44)
    assert np.array_equal(play(session, KEYS[16:]), frames[16:])
