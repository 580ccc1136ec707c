"""Sentences about a scene, in many wordings; the same draws say the same of another look."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .look import Look
from .names import FLOORS, KINDS, TOPS, WALLS

_MOST_WORDS, _DRAWS = 30, 12  # text encoders read 32 tokens with their beginning and end
_WORDS = re.compile(r"\w+|[^\w\s]")
_PARTIAL = 0.15
_PLACES = {
    "room": ("a room", "a chamber"),
    "hall": ("a long hall", "a long narrow hall"),
    "octagon": ("an eight-sided room", "a room with eight sides"),
    "angle": ("a bent hall", "a hall with a corner"),
    "two": ("two rooms", "two rooms and a doorway"),
    "three": ("three rooms", "three rooms and their doorways"),
}
_SCENES = (
    "{place} with {walls}, {floor} and {top}",
    "{place}: {walls}, {floor}, {top}",
    "{walls}, {floor} and {top}",
    "{floor} between {walls}, under {top}",
    "under {top}, {walls} around {floor}",
)
_PARTS = (
    "{place} with {walls}",
    "{place} with {floor}",
    "{floor} under {top}",
    "{floor}",
    "{walls}",
    "{place} under {top}",
)
_WITH = ("{scene}, {things}", "{scene}, with {things}", "{things}, {scene}", "{scene}; {things}")
_DOING = ("{text}, {deed}", "{deed}: {text}", "{deed}, {text}")
_EVENTS = {
    "walls": ("now there are {new}", "suddenly {new}"),
    "floor": ("the floor turns to {new}", "the floor is now {new}"),
    "top": ("now there is {new} above", "above there is now {new}"),
    "object": ("the {kind} turns {new}", "the {old} {kind} is now {new}"),
}
_SURFACES = {
    "walls": {walls.name: walls.words for walls in WALLS},
    "floor": {floor.name: floor.words for floor in FLOORS},
    "top": {top.name: top.words for top in TOPS},
}
_KINDS = {kind.name: kind.words for kind in KINDS}


def words_in(text: str) -> int:
    """Words and punctuation marks, as the text encoder counts them."""
    return len(_WORDS.findall(text))


def name_object(look: Look, index: int, rng: np.random.Generator) -> str:
    """An object with its colour, "a red ball"."""
    kind, colour = look.objects[index]
    return f"{'an' if colour[0] in 'aeiou' else 'a'} {colour} {pick(_KINDS[kind], rng)}"


def tells(text: str, what: str, look: Look, index: int) -> bool:
    """Whether a text names the walls, floor, top or the object `index` of a look."""
    if what == "object":
        kind, colour = look.objects[index]
        return any(f"{colour} {word}" in text for word in (kind, *_KINDS[kind]))
    return any(word in text for word in _SURFACES[what][getattr(look, what)])


def describe(shape: str, look: Look, things: Sequence[str], rng: np.random.Generator, deed: str = "") -> str:
    """What is there: walls, floor, top and `things` ("a red ball on the left"), and what the walker does.

    Sometimes only a part is named, as a player's short prompt does.
    """
    things = list(things)
    partial = rng.random() < _PARTIAL
    for _ in range(_DRAWS):
        text = _scene(shape, look, _PARTS if partial else _SCENES, rng)
        if things:
            row = pick((", ", " and "), rng).join(things) if len(things) < 3 else ", ".join(things)
            text = row if partial and rng.random() < 0.3 else pick(_WITH, rng).format(scene=text, things=row)
        if deed:
            text = pick(_DOING, rng).format(text=text, deed=deed)
        if words_in(text) <= _MOST_WORDS:
            break
        deed, things = "", things if deed else things[:-1]
    return text


def announce(what: str, before: Look, after: Look, index: int, rng: np.random.Generator) -> str:
    """A change as it happens: "the floor turns to lava"; `what` is walls, floor, top or object."""
    old, kind = "", ""
    if what == "object":
        (kind, new), (_, old) = after.objects[index], before.objects[index]
    elif what == "floor":
        new = _SURFACES[what][after.floor][0]
    else:
        new = pick(_SURFACES[what][getattr(after, what)], rng)
    return pick(_EVENTS[what], rng).format(new=new, old=old, kind=kind)


def pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _scene(shape: str, look: Look, templates: Sequence[str], rng: np.random.Generator) -> str:
    return pick(templates, rng).format(
        place=pick(_PLACES[shape], rng),
        **{what: pick(names[getattr(look, what)], rng) for what, names in _SURFACES.items()},
    )
