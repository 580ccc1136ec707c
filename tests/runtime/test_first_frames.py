"""First frames: start frames where they show all that is asked for, else repainted ones, the best first."""

from pathlib import Path

import numpy as np
import pytest

from genie.core.errors import UsageError
from genie.runtime.first_frames import EVERY, STEPS, Painting
from genie.runtime.world import World
from tests.support.tiny_bundle import SAID, start_frames, write_tiny_bundle

NOBODY_SHOWS = "a blue sprite on snow"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("first") / "b", phrases=SAID), device="cpu")


def agreement(world: World, frame: np.ndarray) -> float:
    return float((world.engine.said(NOBODY_SHOWS) * world.engine.seen(frame)).sum())


def test_a_start_frame_that_shows_everything_is_left_as_it_is(spoken: World) -> None:
    first = spoken.first_frames("the red sprite on sand by night")
    assert len(first) == 1
    assert np.array_equal(first[0].frame, start_frames()[2])


def test_those_that_show_what_is_named_come_in_an_order_of_the_seeds(spoken: World) -> None:
    orders = {
        tuple(f.frame.tobytes() for f in spoken.first_frames("red", seed, expand=False)) for seed in range(40)
    }
    assert {frozenset(order) for order in orders} == {frozenset(f.tobytes() for f in start_frames())}
    assert len(orders) == 6


def test_starts_share_what_the_prompt_names_before_they_share_words(spoken: World) -> None:
    starts = spoken.engine.starts
    assert starts.captions[starts.choose("a blue sprite on sand", 0)] == "the red sprite on sand by night"
    assert starts.lacks("a blue sprite on sand", 2)
    assert not starts.lacks("sand by day", 2), "day is no value: nothing says that it is not there"


def test_where_no_start_frame_fits_the_world_repaints_the_nearest(spoken: World) -> None:
    first = spoken.first_frames(NOBODY_SHOWS, seed=3)
    assert len(first) == len(start_frames())
    agreements = [agreement(spoken, made.frame) for made in first]
    assert agreements == sorted(agreements, reverse=True) == [made.agreement for made in first]
    nearest = spoken.engine.starts.ranked(NOBODY_SHOWS, 3)[0]
    session = spoken.start(prompt=NOBODY_SHOWS, seed=3, image=start_frames()[nearest])
    played = [session.frame, *(session.step("noop") for _ in range(STEPS))][::EVERY]
    best = max(played, key=lambda frame: agreement(spoken, frame))
    assert any(np.array_equal(made.frame, best) for made in first), "the best of what idle play makes of it"


def test_a_session_begins_with_the_one_that_is_chosen(spoken: World) -> None:
    first = spoken.first_frames(NOBODY_SHOWS, seed=3)
    for choice, made in enumerate(first):
        session = spoken.start(prompt=NOBODY_SHOWS, seed=3, choice=choice)
        assert np.array_equal(session.frame, made.frame)
        assert session.index == 0 and not session.actions_taken
    assert np.array_equal(spoken.start(prompt=NOBODY_SHOWS, seed=3).frame, first[0].frame)
    for choice in (-1, len(first)):
        with pytest.raises(UsageError, match=f"{len(first)} first frames"):
            spoken.start(prompt=NOBODY_SHOWS, seed=3, choice=choice)


def test_the_same_is_made_again_by_another_engine(spoken: World, tmp_path: Path) -> None:
    other = World.open(write_tiny_bundle(tmp_path / "b", phrases=SAID), device="cpu")
    ours, theirs = (w.first_frames(NOBODY_SHOWS, seed=5) for w in (spoken, other))
    assert [f.frame.tobytes() for f in ours] == [f.frame.tobytes() for f in theirs]
    assert spoken.first_frames(NOBODY_SHOWS, seed=5) is ours, "it is not made twice"


def test_repainting_can_be_watched_and_comes_to_the_same(spoken: World) -> None:
    seen: list[Painting] = []
    watched = spoken.start(prompt=NOBODY_SHOWS, seed=11, watch=seen.append)
    other = World(spoken.engine)
    assert np.array_equal(watched.frame, other.start(prompt=NOBODY_SHOWS, seed=11).frame)
    nearest = spoken.engine.starts.ranked(NOBODY_SHOWS, 11)[0]
    assert np.array_equal(seen[0].frame, start_frames()[nearest]), "at first the best start as it is"
    assert [(look.candidate, look.step) for look in seen] == list(np.ndindex(3, STEPS + 1))
    shares = [look.share for look in seen]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0, 1)
    played = spoken.start(prompt=NOBODY_SHOWS, seed=11, image=start_frames()[nearest])
    assert np.array_equal(seen[1].frame, played.step("noop")), "and then what the world makes of it"
    seen.clear()
    spoken.start(prompt=NOBODY_SHOWS, seed=11, watch=seen.append)
    spoken.start(prompt="the red sprite on sand by night", watch=seen.append)
    assert not seen, "nothing is made twice, or without need"


def test_a_watcher_that_has_seen_enough_ends_the_repainting(spoken: World) -> None:
    class Enough(Exception):
        pass

    def enough(look: Painting) -> None:
        if (look.candidate, look.step) == (1, 3):
            raise Enough

    with pytest.raises(Enough):
        spoken.start(prompt=NOBODY_SHOWS, seed=12, watch=enough)
    frame = spoken.start(prompt=NOBODY_SHOWS, seed=12).frame
    assert np.array_equal(frame, World(spoken.engine).start(prompt=NOBODY_SHOWS, seed=12).frame)


def test_a_world_that_knows_no_phrases_repaints_nothing(world: World) -> None:
    assert len(world.first_frames("a purple dragon")) == len(start_frames())


def test_words_count_as_much_as_they_are_told_to(world: World) -> None:
    engine = world.engine
    bare, asked = engine.condition(""), engine.condition("red")
    assert np.array_equal(engine.condition("red", 0), bare)
    assert np.allclose(engine.condition("red", 2.5), bare + 2.5 * (asked - bare))
    weak, usual = (world.start(prompt="red", temperature=0, strength=s) for s in (0, None))
    assert (weak.strength, usual.strength) == (0, world.manifest.strength)
    nothing = world.start(prompt="", image=weak.frame, temperature=0)
    assert np.array_equal(weak.step("right"), nothing.step("right"))
    assert not np.array_equal(weak.frame, usual.step("right"))


@pytest.mark.parametrize("strength", [-0.1, 11, float("nan")])
def test_a_strength_out_of_range_is_refused(world: World, strength: float) -> None:
    with pytest.raises(UsageError, match="strength of words"):
        world.start(strength=strength)
