"""Captions of a walk: true of the frames they are said of, in many wordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np

from .changes import Change, look_at
from .look import Look
from .sight import SEEN
from .takes import Take
from .wording import announce, describe, name_object, pick, tells

Timed = tuple[int, int, str]
_LIVE = 0.5  # of the clips are told as they go; the others keep one text, as a player keeps a prompt
_SHORTEST, _LONGEST = 14, 30  # frames of a span that tells what is done
_BY_PLACE, _SHORTEST_PLACE = 0.5, 3  # share of those clips that tell where things are; frames of their spans
_WITH_DEEDS, _WITH_PLACES, _UNSEEN_TOLD = 0.4, 0.75, 0.3
_AFTER = ("same words", "event", "other words")
_AFTER_SHARES = (0.45, 0.3, 0.25)
_PLACE_WORDS = {
    "ahead": ("ahead", "in front"),
    "left": ("on the left", "to the left"),
    "right": ("on the right", "to the right"),
    "behind": ("behind", "out of sight behind"),
}
_DEEDS = {
    "noop": ("standing still", "waiting"),
    "forward": ("walking forward", "walking on"),
    "back": ("walking backwards", "stepping back"),
    "left": ("turning left", "turning to the left"),
    "right": ("turning right", "turning to the right"),
    "forward+left": ("walking in a bend to the left", "bearing left"),
    "forward+right": ("walking in a bend to the right", "bearing right"),
}
_ABOUT = {"turns": ("looking around", "looking about"), "walks": ("walking about", "exploring")}


def captions_of(
    take: Take, changes: Sequence[Change], rng: np.random.Generator
) -> tuple[str, tuple[Timed, ...]]:
    """The clip's caption, true of its first frame and, but for changes, of all; and timed ones, if any.

    Timed captions cover the clip without gaps and never reach over a change.
    """
    words = int(rng.integers(2**31))
    opening = _opening(take, take.scene.look, words)
    if rng.random() < _LIVE:
        return opening, tuple(_live(take, changes, words, rng))
    return opening, tuple(_still(take, changes, words, rng)) if changes else ()


def _opening(take: Take, look: Look, words: int) -> str:
    """What the first frame shows, by the same draws for the same `words`."""
    rng = np.random.default_rng(words)
    things = [name_object(look, i, rng) for i, place in enumerate(take.places[0]) if place in SEEN]
    return describe(take.scene.layout.shape, look, things, rng)


def _still(take: Take, changes: Sequence[Change], words: int, rng: np.random.Generator) -> list[Timed]:
    """One text up to the first change, and another from each change on."""
    timed = [(0, changes[0].frame, _opening(take, take.scene.look, words))]
    before = take.scene.look
    for change, end in zip(changes, _ends(take, changes), strict=True):
        form = _AFTER[int(rng.choice(len(_AFTER), p=_AFTER_SHARES))]
        text = _opening(take, change.look, words if form == "same words" else int(rng.integers(2**31)))
        if form == "event" or not tells(text, change.what, change.look, change.index):
            text = announce(change.what, before, change.look, change.index, rng)
        timed.append((change.frame, end, text))
        before = change.look
    return timed


def _live(take: Take, changes: Sequence[Change], words: int, rng: np.random.Generator) -> list[Timed]:
    """Span by span what is done, in ever other words, or where things are, in the same words throughout."""
    timed = []
    by_place = rng.random() < _BY_PLACE
    happened = {change.frame: change for change in changes}
    for start, end in _spans(take, changes, by_place=by_place):
        look = look_at(take.scene.look, changes, start)
        doing = not by_place and rng.random() < _WITH_DEEDS
        deed = _deed(take.actions[start : end - 1], rng) if doing else ""
        choice = np.random.default_rng(words) if by_place else rng
        things = _things(take, look, start, end, choice)
        text = describe(take.scene.layout.shape, look, things, choice, deed)
        if change := happened.get(start):
            told = tells(text, change.what, look, change.index)
            if not told or (not by_place and rng.random() < _AFTER_SHARES[1]):
                before = look_at(take.scene.look, changes, start - 1)
                text = announce(change.what, before, look, change.index, rng)
        timed.append((start, end, text))
    return timed


def _ends(take: Take, changes: Sequence[Change]) -> list[int]:
    return [*(change.frame for change in changes[1:]), len(take.poses)]


def _spans(take: Take, changes: Sequence[Change], *, by_place: bool) -> list[tuple[int, int]]:
    """Cut where something is seen elsewhere, or else where the walker does something else; and at changes."""
    edges = [0, *(change.frame for change in changes), len(take.poses)]
    spans = []
    for first, last in pairwise(edges):
        start = first
        for end in range(first + 1, last):
            if by_place:
                cut = end - start >= _SHORTEST_PLACE and take.places[end] != take.places[start]
            else:
                turned = end - start >= _SHORTEST and take.actions[end - 1] != take.actions[end - 2]
                cut = (turned or end - start >= _LONGEST) and last - end >= _SHORTEST // 2
            if cut:
                spans.append((start, end))
                start = end
        spans.append((start, last))
    return spans


def _things(take: Take, look: Look, start: int, end: int, rng: np.random.Generator) -> list[str]:
    """The objects that can be spoken of in a span, with their place where it is the same throughout."""
    told = []
    placed = rng.random() < _WITH_PLACES
    for index in range(len(look.objects)):
        places = [take.places[frame][index] for frame in range(start, end)]
        seen = [place in SEEN for place in places]
        where = None
        if places[0] in _PLACE_WORDS and len(set(places)) == 1:
            where = pick(_PLACE_WORDS[places[0]], rng)
        elif all(seen) or end - start <= _SHORTEST_PLACE:
            where = "in view" if all(seen) else None
        elif seen[-1] and not seen[0]:
            where = "coming into view"
        elif seen[0] and not seen[-1]:
            where = "going out of view"
        if where is None or (not any(seen) and rng.random() >= _UNSEEN_TOLD):
            continue
        name = name_object(look, index, rng)
        told.append(f"{name} {where}" if placed or not any(seen) else name)
    return told


def _deed(actions: Sequence[str], rng: np.random.Generator) -> str:
    """What the walker does: one deed, two in a row, or that it looks or walks about."""
    runs = [(action, len(list(run))) for action, run in groupby(actions)]
    counts = Counter(actions)
    most, times = counts.most_common(1)[0]
    if times >= 0.85 * len(actions):
        return pick(_DEEDS[most], rng)
    long = [action for action, length in runs if length >= 3]
    if len(long) == 2 and counts[long[0]] + counts[long[1]] >= 0.85 * len(actions):
        return " then ".join(pick(_DEEDS[action], rng) for action in long)
    going = sum(count for action, count in counts.items() if "forward" in action or action == "back")
    return pick(_ABOUT["turns" if going < 0.2 * len(actions) else "walks"], rng)


def caption_of_moment(take: Take, rng: np.random.Generator) -> str:
    """What the last frame of a take shows."""
    look, last = take.scene.look, take.places[-1]
    things = [name_object(look, i, rng) for i, place in enumerate(last) if place in SEEN]
    return describe(take.scene.layout.shape, look, things, rng)
