"""Going to any frame of any line of play, through what was kept of it, ends in the very state it had."""

from pathlib import Path

import numpy as np
import pytest

import genie
from genie.core.errors import ActionError, UsageError
from genie.core.line import Line
from genie.runtime.packing import all_packed, pack, unpack
from genie.runtime.rebuild import memory
from genie.runtime.session import Session
from genie.runtime.world import World
from tests.support.tiny_bundle import LAYERS

SHIPPED = sorted(
    path.parent for path in (Path(__file__).parents[2] / "worlds").glob("*/bundle/manifest.json")
)


def play(session: Session, steps: int, chance: int) -> tuple[Line, list[np.ndarray]]:
    """Play at random, changing the prompt on the way; return the line and all its frames."""
    rng = np.random.default_rng(chance)
    frames, tokens, prompts = [session.frame], [], []
    for step in range(steps):
        if step == steps // 2:
            session.prompt = "a blue sprite on snow"
            prompts.append((step, session.prompt))
        frames.append(session.step(int(rng.integers(len(session.world.actions)))))
        tokens.append(session.tokens)
    line = Line(actions=tuple(session.actions_taken), prompts=tuple(prompts), tokens=tuple(tokens))
    return line, frames


def same_state(first: Session, second: Session) -> bool:
    ours, theirs = first._stepper.state(), second._stepper.state()
    return all(np.array_equal(getattr(ours, name), getattr(theirs, name)) for name in vars(ours))


@pytest.mark.parametrize("length", [1, 7, 8, 9, 10, 23, 60])
def test_a_line_is_followed_to_the_state_it_had(world: World, length: int) -> None:
    played = world.start(seed=4)
    line, frames = play(played, length, chance=1)
    other = world.start(seed=4)
    play(other, 30, chance=2)
    np.testing.assert_array_equal(other.follow(line), frames[-1])
    assert same_state(other, played)
    assert other.actions_taken == played.actions_taken
    assert other.prompts == played.prompts
    np.testing.assert_array_equal(other.step("right"), played.step("right"))


@pytest.mark.parametrize("known", [0, 3, 20, 35])
def test_what_is_not_known_is_made_again(world: World, known: int) -> None:
    played = world.start(seed=4)
    line, frames = play(played, 40, chance=1)
    other = world.start(seed=4)
    part = Line(actions=line.actions, prompts=line.prompts, tokens=line.tokens[:known])
    np.testing.assert_array_equal(other.follow(part), frames[-1])
    assert same_state(other, played)
    assert tuple(other._log.tokens) == line.tokens


def test_following_makes_few_steps_and_rewinding_after_it_is_exact(world: World) -> None:
    line, frames = play(world.start(seed=4), 120, chance=3)
    other = world.start(seed=4)
    made = []
    step = other._stepper.step
    other._stepper.step = lambda *arguments: made.append(step(*arguments))  # type: ignore[method-assign]
    other.follow(line)
    assert len(made) == memory(world.engine) == 8
    for back in (1, 6, 30, 50):
        at = other.index - back
        np.testing.assert_array_equal(other.rewind(back), frames[at])
        again = world.start(seed=4)
        again.follow(Line(actions=line.actions[:at], prompts=tuple(p for p in line.prompts if p[0] <= at)))
        assert same_state(other, again)


def test_given_pictures_are_part_of_a_line(world: World) -> None:
    picture = world.start(seed=9).frame
    session = world.start(seed=4)
    session.step("right")
    session.step("noop", frame=picture)
    frame = session.step("up")
    line = Line(actions=tuple(session.actions_taken), given={2: picture})
    other = world.start(seed=4)
    np.testing.assert_array_equal(other.follow(line), frame)
    assert same_state(other, session)


def test_a_line_of_another_world_changes_nothing(world: World) -> None:
    session = world.start(seed=4)
    session.step("right")
    frame = session.frame
    with pytest.raises(UsageError):
        session.follow(Line(actions=(0,), tokens=(b"far too short",)))
    with pytest.raises(ActionError):
        session.follow(Line(actions=(99,)))
    np.testing.assert_array_equal(session.frame, frame)
    assert session.index == 1


def test_any_frame_can_be_shown_from_its_tokens(world: World) -> None:
    line, frames = play(world.start(seed=4), 12, chance=5)
    for packed, frame in zip(line.tokens, frames[1:], strict=True):
        np.testing.assert_array_equal(world.picture(packed), frame)


@pytest.mark.parametrize("levels", [2, 3, 5, 16, 256])
def test_packing_loses_nothing(levels: int) -> None:
    tokens = np.random.default_rng(levels).integers(levels, size=(1, 7, 3))
    packed = pack(tokens, levels)
    assert len(packed) <= tokens.size
    assert all_packed([packed, packed], tokens.shape, levels)
    np.testing.assert_array_equal(unpack(packed, tokens.shape, levels), tokens)
    assert not all_packed([packed, packed[:-1]], tokens.shape, levels)
    if levels in (3, 5):
        assert not all_packed([b"\xff" * len(packed)], tokens.shape, levels)


def test_nothing_is_left_after_a_window_for_each_layer(world: World) -> None:
    assert memory(world.engine) == LAYERS * world.manifest.window


@pytest.mark.parametrize("bundle", SHIPPED, ids=lambda path: path.parent.name)
def test_shipped_worlds_forget_what_their_cache_no_longer_holds(bundle: Path) -> None:
    world = genie.load(bundle, device="cpu")
    sizes = world.manifest.trained_on["stages"]["dynamics"]["sizes"]
    assert memory(world.engine) == sizes["layers"] * sizes["window"]
    played = world.start(seed=1)
    line, _ = play(played, memory(world.engine) + 40, chance=1)
    other = world.start(seed=1)
    other.follow(line)
    assert same_state(other, played)
