"""All games in one world: evenly mixed, played with one list of actions, and told apart by words."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from genie.worlds import load_source, read_world
from genie.worlds.source import SourceClip
from training.record import RecordConfig, record
from training.train import TrainConfig, train
from worlds._procgen import recorder
from worlds._procgen.coinrun_names import BACKGROUNDS, GROUND_WORDS
from worlds._procgen.games import ACTIONS, GAMES
from worlds._procgen.policies import leaning
from worlds._procgen.recorder import ProcgenSource
from worlds._procgen.simulator import Simulator
from worlds.arcade.captions import MOST_WORDS, GameTeller, teller_of, words_in
from worlds.arcade.names import SHOWS
from worlds.arcade.sight import Note

ARCADE = Path(__file__).parents[2] / "worlds" / "arcade"
NOOP = 4
needs_procgen = [
    pytest.mark.simulator,
    pytest.mark.skipif(importlib.util.find_spec("procgen") is None, reason="needs procgen-mirror and gym3"),
]
OWN_WORDS = {
    "coinrun": "alien coin crate saw lava snail slime",
    "bigfish": "fish",
    "bossfight": "boss laser meteors",
    "caveflyer": "saucer",
    "chaser": "orbs corridors violet pursuer",
    "climber": "platforms ledges",
    "dodgeball": "opponents door player",
    "fruitbot": "fruit presents gate bars",
    "heist": "astronaut key lock gem",
    "jumper": "bunny carrot spiky compass",
    "leaper": "frog cars logs river road finish",
    "maze": "mouse cheese",
    "miner": "dirt boulders gems tunnels",
    "ninja": "bricks mushroom bombs stars",
    "plunder": "sea sailing target boards cannon",
    "starpilot": "shooter shots station cloud",
}
SHARED = {
    "bossfight": "violet",
    "climber": "violet",
    "ninja": "ledges",
    "dodgeball": "",
    "coinrun": "mouse "
    + " ".join(words for entry in (*BACKGROUNDS, *GROUND_WORDS.values()) for words in entry),
}
"""Words of other games that a game may say too: they are there as well."""


def assert_tells(game: str, text: str) -> None:
    """A caption names its game and no other, says nothing that others show, and can be read whole."""
    words = set(re.findall(r"\w+", text.lower()))
    assert GAMES[game].title.lower() in words, text
    assert words.isdisjoint(other.title.lower() for name, other in GAMES.items() if name != game), text
    others = {word for name, own in OWN_WORDS.items() if name != game for word in own.split()}
    allowed = {*OWN_WORDS[game].split(), *re.findall(r"\w+", SHARED.get(game, ""))}
    assert words.isdisjoint(others - allowed), text
    assert words_in(text) <= MOST_WORDS, text
    assert "{" not in text and not re.search(r"\ba [aeio]", text), text


def test_words_of_every_look_are_of_that_game_alone() -> None:
    rng = np.random.default_rng(0)
    for game, show in SHOWS.items():
        teller = GameTeller(game)
        names = [*show.cells.values(), *(name for names in show.things.values() for name in names)]
        texts = set()
        for values in product(*show.looks.values()):
            look = dict(zip(show.looks, values, strict=True))
            for _ in range(20):
                seen = frozenset(name for name in names if rng.random() < 0.6)
                notes = [Note(x=x, y=3, look=look, in_view=seen) for x in np.linspace(0, 6, 60)]
                told = teller.tell(notes, rng)
                assert [end for _, end, _ in told.captions[:-1]] == [s for s, _, _ in told.captions[1:]]
                assert (told.captions[0][0], told.captions[-1][1]) == (0, 60)
                for text in (told.caption, *(text for _, _, text in told.captions)):
                    assert_tells(game, text)
                    assert not re.search(r"\b(left|up|down|still|staying)\b", text), "it goes right"
                    texts.add(text)
        assert len(texts) > 40


def test_what_is_seen_for_a_part_of_the_time_is_not_named() -> None:
    notes = [Note(x=1, y=1, look={}, in_view=frozenset({"boulders"} if t else ())) for t in range(20)]
    rng = np.random.default_rng(0)
    texts = [GameTeller("miner").tell(notes, rng).caption for _ in range(200)]
    assert not any("boulders" in text for text in texts)
    assert any("still" in text for text in texts) and not any("moving" in text for text in texts)


def test_a_level_says_which_game_and_no_split_shares_any() -> None:
    source = load_source(read_world(ARCADE))
    own = ProcgenSource("coinrun").splits
    assert set(source.splits) == set(own) == {"train", "test", "judge", "starts"}
    for name, levels in source.splits.items():
        for number in range(16):
            theirs = {level // 16 for level in levels if level % 16 == number}
            assert theirs == set(own[name]), "what CoinRun is scored on, nothing learns from"
    ends = sorted((levels.start, levels.stop) for levels in source.splits.values())
    assert all(a[1] <= b[0] for a, b in pairwise(ends))


def test_players_press_what_a_game_does_not_have_now_and_then() -> None:
    for game in GAMES.values():
        under = game.under(ACTIONS)
        weights = under.weights()
        dead = np.array([name not in game.actions for name in ACTIONS])
        assert weights[dead].sum() / weights.sum() == pytest.approx(0.15 if dead.any() else 0)
        assert len(set(weights[~dead])) == 1
        onward = weights * leaning(ACTIONS, game.toward)
        assert onward[~dead].max() > 2 * onward[~dead].min()
        for number, name in enumerate(ACTIONS):
            own = game.number(game.actions.index(name)) if name in game.actions else NOOP
            assert under.number(number) == own
        assert (game.weights() == 1).all()


class Spy(Simulator):
    """A simulator that keeps what it showed and what it was given."""

    made: list[Spy]

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.shown: list[np.ndarray] = []
        self.given: list[np.ndarray] = []
        Spy.made.append(self)

    def step(self, actions: np.ndarray) -> None:
        self.shown.append(self.observe()[0].copy())
        self.given.append(np.array(actions))
        super().step(actions)

    def was_given(self, clip: SourceClip, numbers: list[int]) -> bool:
        """Whether these numbers were given just while the clip's frames were shown."""
        shown, given = np.array(self.shown), np.array(self.given)
        for i in range(self.count):
            for start in range(len(shown) - len(numbers)):
                whole = slice(start, start + len(numbers))
                if np.array_equal(shown[start, i], clip.frames[0]) and np.array_equal(
                    shown[whole, i], clip.frames[:-1]
                ):
                    return given[whole, i].tolist() == numbers
        raise AssertionError("the clip's frames were never shown")


@pytest.mark.parametrize("game", list(GAMES))
class TestEveryGame:
    pytestmark = needs_procgen

    def test_two_clips(self, game: str, monkeypatch: pytest.MonkeyPatch) -> None:
        Spy.made = []
        monkeypatch.setattr(recorder, "Simulator", Spy)
        source = ProcgenSource(game, actions=ACTIONS, teller=teller_of(game))
        clips = list(source.record(split="test", clips=2, frames=40, seed=2))
        assert len(clips) == 2
        for clip in clips:
            assert 32 <= len(clip.frames) <= 40 and clip.frames.shape[1:] == (64, 64, 3)
            assert clip.frames.std() > 5
            assert clip.level in source.splits["test"]
            assert clip.attributes["game"] == game
            names = [ACTIONS[action] for action in clip.actions]
            own = GAMES[game].actions
            numbers = [GAMES[game].number(own.index(name)) if name in own else NOOP for name in names]
            assert Spy.made[0].was_given(clip, numbers)
            assert [end for _, end, _ in clip.captions[:-1]] == [start for start, _, _ in clip.captions[1:]]
            assert (clip.captions[0][0], clip.captions[-1][1]) == (0, len(clip.frames))
            for text in (clip.caption, *(text for _, _, text in clip.captions)):
                assert_tells(game, text)


class TestTheMixture:
    pytestmark = needs_procgen

    def test_games_take_turns_by_the_seed_alone(self) -> None:
        source = load_source(read_world(ARCADE))
        first, again = (list(source.record(split="judge", clips=20, frames=4, seed=7)) for _ in range(2))
        counts = Counter(clip.attributes["game"] for clip in first)
        assert set(counts) == set(GAMES) and set(counts.values()) == {1, 2}
        assert len({clip.attributes["game"] for clip in first[:16]}) == 16
        for a, b in zip(first, again, strict=True):
            np.testing.assert_array_equal(a.frames, b.frames)
            np.testing.assert_array_equal(a.actions, b.actions)
            assert (a.caption, a.captions, a.level) == (b.caption, b.captions, b.level)
            assert a.level in source.splits["judge"]
            assert list(GAMES)[a.level % 16] == a.attributes["game"]
            assert a.attributes["level"] == a.level
        (other,) = source.record(split="judge", clips=1, frames=4, seed=8)
        assert other.level != first[0].level

    def test_an_action_that_a_game_does_not_have_does_what_noop_does(self) -> None:
        branches = load_source(read_world(ARCADE)).branches(split="judge", count=16, past=2, future=3, seed=1)  # type: ignore[attr-defined]
        assert branches.futures.shape == (16, len(ACTIONS), 3, 64, 64, 3)
        assert branches.past.shape == (16, 2, 64, 64, 3) and branches.actions.shape == (16, 1)
        told = set()
        for futures, caption in zip(branches.futures, branches.captions, strict=True):
            words = re.findall(r"\w+", caption)
            (game,) = (game for game in GAMES.values() if game.title in words)
            told.add(game.name)
            for number, name in enumerate(ACTIONS):
                if name not in game.actions:
                    np.testing.assert_array_equal(futures[number], futures[0])
        assert told == set(GAMES)

    def test_all_games_are_played_and_each_by_its_own_keys(self) -> None:
        source = load_source(read_world(ARCADE))
        keys = np.random.default_rng(0).integers(len(ACTIONS), size=(18, 20))
        shown, again = (list(source.play(split="test", keys=keys, every=5, seed=1)) for _ in range(2))  # type: ignore[attr-defined]
        np.testing.assert_array_equal(shown, again)
        assert np.shape(shown) == (18, 4, 64, 64, 3)
        keys[4] = 0
        others = list(source.play(split="test", keys=keys, every=5, seed=1))  # type: ignore[attr-defined]
        assert [np.array_equal(a, b) for a, b in zip(shown, others, strict=True)].count(False) == 1

    def test_the_character_is_missing_where_it_is_taken_out(self) -> None:
        present, absent = load_source(read_world(ARCADE)).player_pairs(split="judge", count=32, seed=1)  # type: ignore[attr-defined]
        assert present.shape == absent.shape == (32, 64, 64, 3)
        differing = (present != absent).any(-1).mean((1, 2))
        assert (differing > 0).mean() > 0.8 and differing.max() < 0.2

    def test_a_tokenizer_learns_from_sixteen_clips(self, tmp_path: Path) -> None:
        config = RecordConfig(world="arcade", clips=16, frames=16, out=tmp_path / "data")
        record(config, lambda done, total: None)
        training = TrainConfig(
            stage="tokenizer", data=tmp_path / "data", run=tmp_path / "run", preset="debug", steps=3
        )
        assert any(train(training, read_world(ARCADE)).iterdir())
