"""Captions of all games: each names its game and says what is to be seen, in many wordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._procgen.coinrun_captions import captions_of
from .._procgen.coinrun_names import BACKGROUNDS
from .._procgen.coinrun_telling import CoinRunTeller
from .._procgen.coinrun_telling import Note as CoinRunNote
from .._procgen.games import GAMES
from .._procgen.state import ProcgenState
from .._procgen.telling import Teller, Told
from .names import SHOWS
from .sight import Note, note_of

MOST_WORDS = 30  # text encoders read 32 tokens with their beginning and end
_DRAWS = 10
_WORDS = re.compile(r"\w+|[^\w\s]")
_ARTICLE = re.compile(r"\ba (?=[aeio])")
_SPAN = 24  # frames of a timed caption, and half as many more of the last
_WITH_DEED, _WITH_THINGS, _NAME_ALONE = 0.4, 0.75, 0.1
_TITLED = (
    "{title}: {text}",
    "{title}, {text}",
    "a game of {title}: {text}",
    "{text}, in {title}",
    "{text}, in a game of {title}",
)
_NAMED = ("{title}", "a game of {title}", "the game {title}", "playing {title}", "a scene of {title}")
_NEAR = (", {} in view", ", with {} in view", ", and {}")
_STILL, _FAR = 0.3, 1.0  # cells
_WAYS = {
    (1, 0): ("moving right", "going to the right"),
    (-1, 0): ("moving left", "going to the left"),
    (0, 1): ("moving up", "going up"),
    (0, -1): ("moving down", "going down"),
}
_STAYS, _ABOUT = ("staying in place", "keeping still"), ("moving about", "going here and there")


def teller_of(game: str) -> Teller:
    """Who captions the clips of a game."""
    return TitledCoinRunTeller() if game == "coinrun" else GameTeller(game)


class GameTeller:
    """Tells a game by its words in SHOWS."""

    def __init__(self, game: str) -> None:
        self._title, self._show = GAMES[game].title, SHOWS[game]

    def note(self, state: ProcgenState) -> Note:
        return note_of(state)

    def tell(self, notes: Sequence[Note], rng: np.random.Generator) -> Told:
        """Things are named that are there throughout; a level keeps its look."""
        timed = tuple((start, end, self._wording(notes[start:end], rng)) for start, end in _spans(len(notes)))
        return Told(self._wording(notes, rng), timed, {"look": notes[0].look})

    def _wording(self, notes: Sequence[Note], rng: np.random.Generator) -> str:
        if rng.random() < _NAME_ALONE:
            return titled(self._title, "", rng)
        deed = f" {_deed(notes, rng)}" if len(notes) > 1 and rng.random() < _WITH_DEED else ""
        things = sorted(frozenset.intersection(*(note.in_view for note in notes)))
        for _ in range(_DRAWS):
            text = f"{_pick(self._show.heroes, rng)}{deed} {_pick(self._show.places, rng)}"
            text = _ARTICLE.sub("an ", text.format(**notes[0].look)) + _near(things, rng)
            text = titled(self._title, text, rng)
            if words_in(text) <= MOST_WORDS:
                break
            deed, things = "", things[:1]
        return text


class TitledCoinRunTeller(CoinRunTeller):
    """Tells CoinRun as its own world does, and that it is CoinRun."""

    def tell(self, notes: Sequence[CoinRunNote], rng: np.random.Generator) -> Told:
        scene, title = notes[0][0], GAMES["coinrun"].title
        room = MOST_WORDS - max(words_in(form.format(title=title, text="")) for form in _TITLED)
        whole, timed = captions_of(scene, [facts for _, facts in notes], rng, most=room)
        told = [
            text if rng.random() >= _NAME_ALONE else "" for text in (whole, *(text for *_, text in timed))
        ]
        look: dict[str, Any] = {
            "background": BACKGROUNDS[scene.background][0],
            "ground": scene.ground,
            "alien": scene.alien,
        }
        return Told(
            titled(title, told[0], rng),
            tuple((*span[:2], titled(title, text, rng)) for span, text in zip(timed, told[1:], strict=True)),
            {"look": look},
        )


def titled(title: str, text: str, rng: np.random.Generator) -> str:
    """A text with the name of the game that it is about; without a text the name alone."""
    return _pick(_TITLED if text else _NAMED, rng).format(title=title, text=text)


def words_in(text: str) -> int:
    """Words and punctuation marks, as the text encoder counts them."""
    return len(_WORDS.findall(text))


def _spans(frames: int) -> list[tuple[int, int]]:
    """The clip in spans [start, end) of some 24 frames, without gaps."""
    starts = [start for start in range(0, frames, _SPAN) if start == 0 or frames - start > _SPAN // 2]
    return list(zip(starts, [*starts[1:], frames], strict=True))


def _deed(notes: Sequence[Note], rng: np.random.Generator) -> str:
    """Where the character goes in these frames."""
    places = np.array([(note.x, note.y) for note in notes])
    reach, gone = np.ptp(places, axis=0), places[-1] - places[0]
    if reach.max() < _STILL:
        return _pick(_STAYS, rng)
    main = int(reach.argmax())
    if abs(gone[main]) > max(_FAR, 0.8 * reach[main], 2 * reach[1 - main]):
        way = 1 if gone[main] > 0 else -1
        return _pick(_WAYS[(0, way) if main else (way, 0)], rng)
    return _pick(_ABOUT, rng)


def _near(things: Sequence[str], rng: np.random.Generator) -> str:
    if not things or rng.random() >= _WITH_THINGS:
        return ""
    chosen = [things[i] for i in sorted(rng.permutation(len(things))[:2])]
    return _pick(_NEAR, rng).format(" and ".join(chosen))


def _pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
