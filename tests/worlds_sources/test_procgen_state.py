"""The state parser on live states of every game, and the adapter's promises on real frames."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from genie.worlds import load_source, read_world
from worlds._procgen.coinrun_telling import CoinRunTeller
from worlds._procgen.games import GAMES
from worlds._procgen.recorder import ProcgenSource
from worlds._procgen.simulator import Simulator
from worlds._procgen.state import ProcgenState, StateError

pytestmark = [
    pytest.mark.simulator,
    pytest.mark.skipif(importlib.util.find_spec("procgen") is None, reason="needs procgen-mirror and gym3"),
]
COINRUN = Path(__file__).parents[2] / "worlds" / "coinrun"
RIGHT = 7


def _simulator(game: str = "coinrun", count: int = 1, seed: int = 4) -> Simulator:
    return Simulator(game, count=count, levels=range(50), seed=seed, threads=1)


@pytest.mark.parametrize("game", list(GAMES))
def test_every_game_parses_and_serialises_byte_for_byte(game: str) -> None:
    simulator = _simulator(game)
    rng = np.random.default_rng(0)
    for _ in range(40):
        raw = simulator.state(0)
        state = ProcgenState.parse(raw)
        assert state.to_bytes() == raw
        assert state.game == game
        assert 0 <= state.level < 50
        assert np.isfinite([float(state.agent["x"]), float(state.agent["y"])]).all()
        simulator.step(rng.integers(0, 15, 1))


def test_a_torn_or_foreign_state_is_refused() -> None:
    raw = _simulator().state(0)
    for broken in (raw[:-1], raw[: len(raw) // 2], raw[:3], b"\x01" + raw[1:], raw + b"\0\0\0\0"):
        with pytest.raises(StateError):
            ProcgenState.parse(broken)


def test_an_edited_state_changes_the_look_and_nothing_else() -> None:
    simulator = _simulator(count=2)
    before, _ = simulator.observe()
    state = ProcgenState.parse(simulator.state(0))
    simulator.set_state(1, state.to_bytes())
    same, _ = simulator.observe()
    np.testing.assert_array_equal(same[0], same[1])
    state.agent["image_theme"] = (int(state.agent["image_theme"]) + 1) % 5
    state.view["background"] = (int(state.view["background"][0]) + 20) % 62
    simulator.set_state(1, state.to_bytes())
    edited, _ = simulator.observe()
    assert not np.array_equal(edited[0], edited[1])
    for _ in range(20):
        simulator.step(np.full(2, RIGHT))
    a, b = (ProcgenState.parse(simulator.state(i)).agent for i in range(2))
    assert a["x"] == b["x"] > 1.5
    assert before.shape == (2, 64, 64, 3)


def _replay(level: int, actions: list[int]) -> np.ndarray:
    simulator = Simulator("coinrun", count=1, levels=range(level, level + 1), seed=0, threads=1)
    frames = [simulator.observe()[0][0]]
    for action in actions:
        simulator.step(np.array([action]))
        frames.append(simulator.observe()[0][0])
    return np.stack(frames)


def test_actions_lead_from_one_frame_to_the_next() -> None:
    """Replaying a clip's actions from its level's start gives its frames; shifted by one they do not."""
    source = ProcgenSource("coinrun")
    matched = 0
    for clip in source.record(split="test", clips=24, frames=40, seed=5):
        actions = [source.game.number(int(action)) for action in clip.actions]
        replayed = _replay(clip.level, actions)
        if np.array_equal(replayed[0], clip.frames[0]) and len(set(actions)) > 2:
            np.testing.assert_array_equal(replayed, clip.frames)
            assert not np.array_equal(_replay(clip.level, actions[1:] + actions[:1]), clip.frames)
            matched += 1
    assert matched >= 2


def test_recording_is_deterministic_and_keeps_its_promises() -> None:
    source = load_source(read_world(COINRUN))
    first, again = (list(source.record(split="test", clips=6, frames=40, seed=11)) for _ in range(2))
    assert len(first) == 6
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.frames, b.frames)
        np.testing.assert_array_equal(a.actions, b.actions)
        assert (a.caption, a.captions) == (b.caption, b.captions)
        assert 32 <= len(a.frames) <= 40
        assert a.level in source.splits["test"]
        assert a.attributes["alien"] in a.caption
        assert [end for _, end, _ in a.captions[:-1]] == [start for start, _, _ in a.captions[1:]]


@pytest.mark.parametrize("game", ["bossfight", "maze"])
def test_other_games_record_too(game: str) -> None:
    clip = next(ProcgenSource(game).record(split="train", clips=2, frames=32, seed=0))
    assert clip.frames.shape == (32, 64, 64, 3)
    assert clip.caption == GAMES[game].scene


def test_branches_are_true_and_leave_the_game_as_it_was() -> None:
    """A future under a key is what the simulator does when that key is simply held from the moment on."""
    source = ProcgenSource("coinrun")
    branches = source.branches(split="test", count=8, past=4, future=5, seed=3)
    assert branches.past.shape == (8, 4, 64, 64, 3) and branches.actions.shape == (8, 3)
    assert branches.futures.shape == (8, 6, 5, 64, 64, 3) and len(branches.captions) == 8
    again = source.branches(split="test", count=8, past=4, future=5, seed=3)
    np.testing.assert_array_equal(branches.futures, again.futures)
    longer = source.branches(split="test", count=8, past=4, future=9, seed=3)
    same = [np.array_equal(a, b) for a, b in zip(branches.past, longer.past, strict=True)]
    assert np.mean(same) > 0.7, "moments do not depend on what was tried, but some end within more frames"
    for m in np.flatnonzero(same):
        np.testing.assert_array_equal(branches.futures[m], longer.futures[m, :, :5])
    left, right = branches.futures[:, 1, -1].astype(int), branches.futures[:, 2, -1]
    assert (np.abs(left - right).mean((1, 2, 3)) > 1).mean() > 0.8, "left and right lead apart"
    assert (branches.past[:, -1] != branches.past[:, 0]).any()


def test_play_is_the_game_under_these_keys() -> None:
    source = ProcgenSource("coinrun")
    rng = np.random.default_rng(0)
    keys = rng.integers(len(source.action_names), size=(3, 40))
    keys[2] = keys[1]
    shown = list(source.play(split="test", keys=keys, every=5, seed=2))
    simulator = Simulator("coinrun", count=3, levels=source.splits["test"], seed=2)
    for frame in range(40):
        simulator.step(np.array([source.game.number(int(key)) for key in keys[:, frame]]))
        seen, _ = simulator.observe()
        if frame % 5 == 4:
            np.testing.assert_array_equal([session[frame // 5] for session in shown], seen)
    simulator.close()
    assert len(shown) == 3 and all(session.shape == (8, 64, 64, 3) for session in shown)


def test_how_moments_are_worded_changes_none_of_them_and_tells_no_deed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("worlds._procgen.branches._ENVIRONMENTS", 2)  # so that play goes on after wordings
    plain, worded = (
        ProcgenSource("coinrun", teller=teller).branches(split="test", count=12, past=2, future=1, seed=3)
        for teller in (None, CoinRunTeller())
    )
    np.testing.assert_array_equal(plain.past, worded.past)
    np.testing.assert_array_equal(plain.actions, worded.actions)
    assert not any(re.search("stays|jumps|stands", text) for text in worded.captions), worded.captions
