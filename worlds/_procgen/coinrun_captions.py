"""Captions of CoinRun clips: true because they say what the state says, in many wordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .coinrun_changes import Change
from .coinrun_facts import FrameFacts, Scene, Spell, spells_of
from .coinrun_names import BACKGROUNDS, GROUND_WORDS

_SPAN = 24
_SHARE_WITH_DEEDS = 0.4
_SHARE_ANNOUNCED = 0.3
_MOST_WORDS, _DRAWS = 30, 10  # text encoders read 32 tokens with their beginning and end
_WORDS = re.compile(r"\w+|[^\w\s]")
_ALIENS = ("a {} alien", "the {} alien", "a small {} alien", "an alien, {} in colour")
_SCENES = (
    "{alien}{deed} on {ground}, {background} behind it",
    "{alien}{deed} on {ground} with {background} in the background",
    "{background}, and {alien}{deed} on {ground}",
    "on {ground} {alien}{deed}, in front of {background}",
    "{ground} and {background}: {alien}{deed}",
    "a level of {ground} before {background}, where {alien} {deed_or_is}",
)
_DEEDS = {
    ("stands", 0): ("stands still", "waits", "does not move"),
    ("runs", 1): ("runs right", "walks to the right", "goes right"),
    ("runs", -1): ("runs left", "walks to the left", "goes left"),
    ("jumps", 1): ("jumps to the right", "leaps right"),
    ("jumps", -1): ("jumps to the left", "leaps left"),
    ("jumps", 0): ("jumps up", "jumps straight up", "hops on the spot"),
    ("falls", 1): ("falls to the right", "drops down to the right"),
    ("falls", -1): ("falls to the left", "drops down to the left"),
    ("falls", 0): ("falls", "drops down"),
}
_NEAR = (", {} in view", ", near {}", ", with {} close by")


def captions_of(
    scene: Scene, facts: Sequence[FrameFacts], rng: np.random.Generator, *, most: int = _MOST_WORDS
) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """A caption true of the whole clip, and timed ones (start, end, text) that cover it, `end` excluded.

    They have at most so many words, but where the scene itself takes more. A single frame shows no deed.
    """
    spells = spells_of(facts)
    done = _summary(facts, spells, rng) if len(facts) > 1 else ""
    whole = _wording(scene, rng, deed=done, seen=frozenset(), most=most)
    timed = []
    for group in _groups(spells, len(facts)):
        start, end = group[0].start, group[-1].end
        seen = frozenset.intersection(*(fact.in_view for fact in facts[start:end]))
        done = _row_of_deeds(group, rng) if end - start > 1 else ""
        timed.append((start, end, _wording(scene, rng, deed=done, seen=seen, most=most)))
    return whole, tuple(timed)


def captions_over(
    scene: Scene, changes: Sequence[Change], facts: Sequence[FrameFacts], rng: np.random.Generator
) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """The same where the look changes midway: the caption is true of the beginning, timed ones throughout.

    Some changes are told as they happen.
    """
    whole, _ = captions_of(scene, facts, rng)
    starts = [0, *(change.frame for change in changes)]
    scenes = [scene, *(change.scene for change in changes)]
    timed: list[tuple[int, int, str]] = []
    for number, (start, end) in enumerate(pairwise([*starts, len(facts)])):
        spans = captions_of(scenes[number], facts[start:end], rng)[1]
        spans = tuple((start + first, start + last, text) for first, last, text in spans)
        if number and rng.random() < _SHARE_ANNOUNCED:
            spans = ((*spans[0][:2], changes[number - 1].announced(rng)), *spans[1:])
        timed += spans
    return whole, tuple(timed)


def _pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _wording(scene: Scene, rng: np.random.Generator, *, deed: str, seen: frozenset[str], most: int) -> str:
    if rng.random() >= _SHARE_WITH_DEEDS:
        deed = ""
    for _ in range(_DRAWS):
        text = _one_wording(scene, rng, deed, seen)
        if len(_WORDS.findall(text)) <= most:
            break
        deed = ""
    return text


def _one_wording(scene: Scene, rng: np.random.Generator, deed: str, seen: frozenset[str]) -> str:
    text = _pick(_SCENES, rng).format(
        alien=_pick(_ALIENS, rng).format(scene.alien),
        deed=f" {deed}" if deed else "",
        deed_or_is=deed or "is",
        ground=_pick(GROUND_WORDS[scene.ground], rng),
        background=_pick(BACKGROUNDS[scene.background][1:], rng),
    )
    return text + _near(seen, rng)


def _near(seen: frozenset[str], rng: np.random.Generator) -> str:
    if not seen or rng.random() < 0.3:
        return ""
    names = [("lava" if name == "lava" else f"a {name}") for name in sorted(seen)]
    chosen = [names[i] for i in sorted(rng.permutation(len(names))[:2])]
    return _pick(_NEAR, rng).format(" and ".join(chosen))


def _groups(spells: Sequence[Spell], frames: int) -> list[list[Spell]]:
    groups: list[list[Spell]] = [[]]
    for spell in spells:
        groups[-1].append(spell)
        if spell.end - groups[-1][0].start >= _SPAN and frames - spell.end >= _SPAN:
            groups.append([])
    return groups if groups[-1] else groups[:-1]


def _row_of_deeds(group: Sequence[Spell], rng: np.random.Generator) -> str:
    kinds: list[tuple[str, int]] = []
    for spell in group:
        if not kinds or kinds[-1] != (spell.deed, spell.way):
            kinds.append((spell.deed, spell.way))
    if len(kinds) > 3:
        return "moves about"
    return ", then ".join(_pick(_DEEDS[kind], rng) for kind in kinds)


def _summary(facts: Sequence[FrameFacts], spells: Sequence[Spell], rng: np.random.Generator) -> str:
    travelled = facts[-1].x - facts[0].x
    places = [fact.x for fact in facts]
    jumps = sum(spell.deed == "jumps" for spell in spells)
    if max(places) - min(places) < 1.0:
        way = _pick(("stays in one place", "stays where it is"), rng)
    elif abs(travelled) > 0.8 * (max(places) - min(places)):
        side = "right" if travelled > 0 else "left"
        way = _pick((f"makes its way to the {side}", f"moves {side}"), rng)
    else:
        way = _pick(("wanders back and forth", "goes back and forth"), rng)
    if jumps == 0:
        return way
    times = (
        "once"
        if jumps == 1
        else _pick(("again and again", "several times") if jumps > 2 else ("twice",), rng)
    )
    return f"{way} and jumps {times}"
