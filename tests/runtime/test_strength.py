"""How much words count can be changed at any frame, and is part of what leads to the next ones."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from genie.core.errors import UsageError
from genie.core.line import Line
from genie.core.manifest import Manifest
from genie.core.strength import LARGEST_STRENGTH
from genie.runtime.session import Session
from genie.runtime.world import World

KEYS = np.random.default_rng(2).integers(0, 6, 60).tolist()


def play(session: Session, actions: list[int]) -> np.ndarray:
    return np.stack([session.step(action) for action in actions])


def test_it_takes_effect_from_the_next_frame_on(world: World) -> None:
    session, told = world.start(seed=1), world.start(seed=1)
    play(session, KEYS[:20])
    play(told, KEYS[:20])
    before = told.frame
    told.strength = 2.5
    assert np.array_equal(told.frame, before)
    assert not np.array_equal(told.step(0), session.step(0))
    assert told.strengths == [(0, 1.0), (20, 2.5)]
    assert (session.strength, told.strength) == (1.0, 2.5)
    assert type(told.strength) is float


def test_set_at_once_it_is_as_if_begun_so(world: World) -> None:
    session, begun = world.start(seed=1), world.start(seed=1, strength=2.5)
    session.strength = 8
    session.strength = 2.5
    assert session.strengths == [(0, 1.0), (0, 2.5)]
    assert np.array_equal(play(session, KEYS), play(begun, KEYS))


def test_a_prompt_told_later_counts_as_much(world: World) -> None:
    first, second = world.start(seed=1), world.start(seed=1)
    first.strength, second.prompt = 3, "snow by night"
    first.prompt, second.strength = "snow by night", 3
    assert np.array_equal(play(first, KEYS[:9]), play(second, KEYS[:9]))


def test_rewinding_over_it_takes_it_back(world: World) -> None:
    session = world.start(seed=1)
    frames = play(session, KEYS[:12])
    session.strength = 4
    changed = play(session, KEYS[12:40])
    session.rewind(28)
    assert session.strength == 4  # it was set at this very frame
    assert np.array_equal(play(session, KEYS[12:40]), changed)
    session.rewind(32)
    assert session.strength == 1
    assert np.array_equal(play(session, KEYS[8:12]), frames[8:12])


def test_marks_keep_it_even_under_the_same_prompt(world: World) -> None:
    strong, weak = world.start(seed=1, strength=3), world.start(seed=1)
    play(strong, KEYS[:10])
    play(weak, KEYS[:10])
    mark, frames = strong.snapshot(), play(strong, KEYS[10:20])
    weak.restore(mark)
    assert weak.strength == 3
    assert np.array_equal(play(weak, KEYS[10:20]), frames)
    strong.restore(mark)
    strong.strength = 0
    assert not np.array_equal(play(strong, KEYS[10:20]), frames)
    strong.restore(mark)
    assert np.array_equal(play(strong, KEYS[10:20]), frames)


@pytest.mark.parametrize("known", [0, 18, 40])
def test_a_line_is_followed_with_its_changes(world: World, known: int) -> None:
    played = world.start(seed=4)
    tokens = []
    for index, action in enumerate(KEYS[:40]):
        if index in (15, 25):
            played.strength = 2.5 if index == 15 else 0
        played.step(action)
        tokens.append(played.tokens)
    line = Line(actions=tuple(KEYS[:40]), strengths=((15, 2.5), (25, 0.0)), tokens=tuple(tokens[:known]))
    other = world.start(seed=4)
    assert np.array_equal(other.follow(line), played.frame)
    assert other.strengths == played.strengths
    assert np.array_equal(play(other, KEYS[40:]), play(played, KEYS[40:]))
    other.follow(line.upto(20))
    assert other.strength == 2.5
    other.follow(line.upto(14))
    assert other.strength == 1
    with pytest.raises(UsageError, match="strength"):
        other.follow(Line(actions=(1, 2), strengths=((1, 11.0),)))
    assert other.index == 14


def test_what_is_refused_changes_nothing(world: World) -> None:
    session, straight = world.start(seed=1), world.start(seed=1)
    play(session, KEYS[:3])
    with pytest.raises(UsageError, match="from 0 to 10"):
        session.strength = float("nan")
    play(straight, KEYS[:3])
    assert np.array_equal(play(session, KEYS[3:20]), play(straight, KEYS[3:20]))
    assert session.strengths == [(0, 1.0)]


@pytest.fixture
def emphatic(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world, new words counting for three times as much."""
    told = dataclasses.replace(world.engine.manifest, emphasis=3.0)
    monkeypatch.setattr(world.engine, "manifest", told)
    return world


def without_emphasis(world: World) -> Manifest:
    return dataclasses.replace(world.engine.manifest, emphasis=1.0)


def test_new_words_count_for_more_for_a_second(emphatic: World) -> None:
    session, by_hand = emphatic.start(seed=1), emphatic.start(seed=1)
    second = emphatic.fps
    play(session, KEYS[:9])
    session.prompt = "snow by night"
    frames = play(session, KEYS[9:40])
    play(by_hand, KEYS[:9])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emphatic.engine, "manifest", without_emphasis(emphatic))
        by_hand.prompt, by_hand.strength = "snow by night", 3
        strong = play(by_hand, KEYS[9 : 9 + second])
        by_hand.strength = 1
        settled = play(by_hand, KEYS[9 + second : 40])
    assert session.strength == 1, "it is not the player who set it"
    assert np.array_equal(frames, np.concatenate((strong, settled)))


def test_rewound_into_its_second_a_new_prompt_is_as_new_as_it_was(emphatic: World) -> None:
    session = emphatic.start(seed=1)
    play(session, KEYS[:5])
    session.prompt = "snow by night"
    frames = play(session, KEYS[5:40])
    session.rewind(30)
    assert np.array_equal(play(session, KEYS[10:40]), frames[5:])


def test_what_a_session_begins_with_is_not_new(emphatic: World) -> None:
    begun = play(emphatic.start(seed=1), KEYS[:20])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emphatic.engine, "manifest", without_emphasis(emphatic))
        assert np.array_equal(play(emphatic.start(seed=1), KEYS[:20]), begun)


def test_there_is_a_most_that_new_words_can_count(emphatic: World) -> None:
    assert emphatic.engine.emphasised(2) == 6
    assert emphatic.engine.emphasised(9) == LARGEST_STRENGTH
    assert emphatic.engine.emphasised(0) == 0


def test_words_that_are_changed_back_at_once_are_not_new(emphatic: World) -> None:
    """What is told of it later, as a line of play, says nothing of it, and leads to the same frames."""
    session, straight = emphatic.start(seed=1), emphatic.start(seed=1)
    for index in range(5):
        said = session.prompt
        session.prompt = "snow by night"
        session.prompt = said
        assert np.array_equal(session.step(KEYS[index]), straight.step(KEYS[index]))
    assert session.prompts == straight.prompts
    assert np.array_equal(play(session, KEYS[5:15]), play(straight, KEYS[5:15]))


def test_new_words_are_read_once_and_once_more_when_they_settle(
    emphatic: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = emphatic.start(seed=1)
    play(session, KEYS[:3])
    told: list[float] = []
    condition = emphatic.engine.condition

    def counted(prompt: str, strength: float) -> np.ndarray:
        told.append(strength)
        return condition(prompt, strength)

    monkeypatch.setattr(emphatic.engine, "condition", counted)
    session.prompt = "snow by night"
    play(session, KEYS[3:40])
    assert told == [3, 1]
