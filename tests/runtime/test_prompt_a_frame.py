"""Prompts that change on every frame, and prompts that never do: what either costs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genie.app import cli
from genie.app.player import Player
from genie.app.recorder import Recorder
from genie.app.take import Start
from genie.clips.session_log import read_session
from genie.core.line import Line
from genie.runtime.session import MOST_READINGS, Session
from genie.runtime.world import World
from tests.support.tiny_bundle import WORDS

FRAMES = 200
PROMPTS = [" ".join(words) for words in islice(permutations(WORDS[2:], 4), 0, 25 * FRAMES, 25)]
KEYS = np.random.default_rng(5).integers(0, 6, FRAMES).tolist()


class Counted:
    """A graph that counts how often it is run."""

    def __init__(self, graph: Any) -> None:
        self.graph, self.runs = graph, 0

    def run(self, *given: Any) -> Any:
        self.runs += 1
        return self.graph.run(*given)


@pytest.fixture
def text(world: World, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """The world's text graph, counted from here on; what no words at all ask for is known already."""
    assert world.engine.condition("", 2.0) is not None
    counted = Counted(world.engine._text)
    monkeypatch.setattr(world.engine, "_text", counted)
    return counted


@pytest.fixture
def allocated() -> Iterator[Callable[[], int]]:
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()


def changing(session: Session) -> np.ndarray:
    frames = []
    for prompt, key in zip(PROMPTS, KEYS, strict=True):
        session.prompt = prompt
        frames.append(session.step(key))
    return np.stack(frames)


def test_a_prompt_a_frame_is_obeyed_and_replays_bit_for_bit(world: World) -> None:
    session = world.start(seed=2)
    frames = changing(session)
    assert len(set(PROMPTS)) == FRAMES == len(session.prompts) - 1
    assert session.prompts[1:] == list(enumerate(PROMPTS))
    straight = world.start(seed=2)
    alone = np.stack([straight.step(key) for key in KEYS])
    differ = (frames != alone).any(axis=(1, 2, 3))
    assert differ.mean() > 0.5, "the words are heard"
    line = Line(actions=tuple(KEYS), prompts=tuple(session.prompts[1:]))
    again = world.start(seed=2)
    assert np.array_equal(again.follow(line), frames[-1])
    assert again.tokens == session.tokens
    assert np.array_equal(changing(world.start(seed=2)), frames)
    session.rewind(77)
    assert np.array_equal(session.frame, frames[FRAMES - 78])
    assert session.prompt == PROMPTS[FRAMES - 77]


def test_a_recording_of_a_prompt_a_frame_replays_bit_for_bit(
    world: World, bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    player = Player(world, Start(prompt="a red sprite", seed=2), Recorder(tmp_path / "r"))
    frames = [player.step(key, prompt).frame for prompt, key in zip(PROMPTS, KEYS, strict=True)]
    player.close()
    (kept,) = (tmp_path / "r").iterdir()
    record = read_session(kept)
    line = record.tree.line()
    assert line.prompts == tuple(enumerate(PROMPTS))
    again = Player(world, Start(prompt="a red sprite", seed=2))
    told = dict(line.prompts)
    made = [again.step(key, told[index]).frame for index, key in enumerate(line.actions)]
    np.testing.assert_array_equal(made, frames)
    assert cli.main([str(bundle), "--replay", str(kept), "--headless", "--device", "cpu"]) == 0
    assert f"the same {FRAMES + 1} frames as recorded, bit for bit" in "".join(capfd.readouterr())


def test_what_is_kept_of_prompts_does_not_grow_with_their_number(
    world: World, allocated: Callable[[], int]
) -> None:
    session = world.start(seed=2, kept_bytes=0)

    def play(first: int, count: int) -> None:
        for number in range(first, first + count):
            session.prompt = " ".join(f"w{number}x{place}" for place in range(30))
            session.step(0)

    play(0, MOST_READINGS + 6)
    before = allocated()
    play(MOST_READINGS + 6, FRAMES - MOST_READINGS - 6)
    a_frame = (allocated() - before) / (FRAMES - MOST_READINGS - 6)
    assert a_frame < len(session.prompt) + 500, "bytes; how a prompt was read takes several times as many"
    assert len(session._readings) == MOST_READINGS


def test_what_was_asked_is_remembered_of_the_last_prompts(world: World) -> None:
    session = world.start(prompt="a red sprite on snow", seed=2)
    changing(session)
    session.rewind(MOST_READINGS // 2)
    assert session.prompt_reading.asked == session.prompt == PROMPTS[-MOST_READINGS // 2]
    session.rewind(FRAMES)
    assert session.prompt_reading.told == session.prompt == PROMPTS[0]


@pytest.mark.parametrize("strength", [1.0, 2.5])
def test_text_costs_a_step_nothing_while_the_prompt_stays(
    world: World, text: Counted, strength: float
) -> None:
    session = world.start(seed=2, prompt="a red sprite on snow", strength=strength)
    session.step(0)
    text.runs = 0
    for key in KEYS:
        session.step(key)
    assert text.runs == 0
    session.prompt = session.prompt
    session.strength = strength
    session.step(0)
    assert text.runs == 0, "told again, it is the same"


def test_text_is_read_once_for_each_change(world: World, text: Counted) -> None:
    session = world.start(seed=2, prompt="a red sprite on snow")
    session.step(0)
    text.runs = 0
    for n in range(30):
        if n % 10 == 0:
            session.prompt = PROMPTS[n]
        if n % 10 == 5:
            session.strength = 2.0 + n / 10
        session.step(KEYS[n])
    assert text.runs == 6
    text.runs = 0
    changing(session)
    assert text.runs == FRAMES
    text.runs = 0
    session.rewind(3)
    assert text.runs <= 4, "the words of what is made again, and no more"
