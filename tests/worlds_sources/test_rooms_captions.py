"""Captions of the rooms world are true of their frames, and changes are told when they happen."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from worlds.rooms.captions import caption_of_moment, captions_of
from worlds.rooms.changes import Change, draw_changes, look_at
from worlds.rooms.look import COLOUR_NAMES, Look, is_legible, is_seen
from worlds.rooms.names import FLOORS, KINDS, TOPS, WALLS
from worlds.rooms.scene import scene_of
from worlds.rooms.sight import SEEN
from worlds.rooms.takes import Take, walk
from worlds.rooms.wording import tells, words_in

KIND_OF = {word: kind.name for kind in KINDS for word in kind.words}
THING = re.compile(rf"({'|'.join(COLOUR_NAMES)}) ({'|'.join(sorted(KIND_OF, key=len, reverse=True))})\b")
PLACE = re.compile(
    r"^ (ahead|in front|on the left|to the left|on the right|to the right|out of sight behind|behind|in view)"
)
PLACES = {
    "ahead": {"ahead"}, "in front": {"ahead"},
    "on the left": {"left"}, "to the left": {"left"},
    "on the right": {"right"}, "to the right": {"right"},
    "behind": {"behind"}, "out of sight behind": {"behind"},
    "in view": set(SEEN),
}  # fmt: skip
SURFACES = {"walls": WALLS, "floor": FLOORS, "top": TOPS}


@cache
def takes(count: int, *, frames: int = 64) -> list[tuple[Take, tuple[Change, ...], str, tuple]]:
    told = []
    for level in range(count):
        rng = np.random.default_rng(level)
        take = walk(scene_of(level, "seen"), "explorer", frames, rng)
        changes = draw_changes(take, rng)
        told.append((take, changes, *captions_of(take, changes, rng)))
    return told


def assert_true(text: str, take: Take, looks: list[Look], start: int, end: int) -> None:
    """Nothing is named that is not there in each of these looks, and what has a place has it throughout."""
    for colour, word in THING.findall(text):
        if re.search(rf"the {colour} {word} is now", text):
            continue
        for look in looks:
            assert (KIND_OF[word], colour) in look.objects, text
    for match in THING.finditer(text):
        if place := PLACE.match(text[match.end() :]):
            index = looks[0].objects.index((KIND_OF[match[2]], match[1]))
            assert {places[index] for places in take.places[start:end]} <= PLACES[place[1]], text
    for what, kinds in SURFACES.items():
        phrases = {word: kind.name for kind in kinds for word in kind.words}
        named = [name for phrase, name in phrases.items() if re.search(rf"\b{re.escape(phrase)}\b", text)]
        for look in looks:
            assert set(named) <= {getattr(look, what)}, text


def test_captions_say_nothing_false_and_are_short_enough_to_be_read_whole() -> None:
    texts, untimed = set(), 0
    for take, changes, caption, timed in takes(150):
        assert_true(caption, take, [take.scene.look], 0, 1)
        untimed += not timed
        for start, end, text in timed or ((0, len(take.poses), caption),):
            assert 0 < words_in(text) <= 30
            first = [change for change in changes if change.frame == start]
            if not timed:
                assert not changes
            looks = [look_at(take.scene.look, changes, frame) for frame in (start, end - 1)]
            assert looks[0] == looks[1], "no caption reaches over a change"
            if not (first and text.startswith(("now", "above", "suddenly", "the "))):
                assert_true(text, take, looks, start, end)
            texts.add(text)
        assert [end for _, end, _ in timed[:-1]] == [start for start, _, _ in timed[1:]]
        assert not timed or (timed[0][0], timed[-1][1]) == (0, len(take.poses))
    assert len(texts) > 300
    assert 20 < untimed < 90


def test_left_right_and_behind_are_said_often_enough_to_be_learned() -> None:
    told = " ".join(
        text for _, _, caption, timed in takes(150) for text in (caption, *(t for *_, t in timed))
    )
    for words in ("on the left", "to the right", "ahead", "behind", "coming into view", "turning left"):
        assert told.count(words) >= 3, words


def test_a_change_is_one_attribute_in_the_picture_and_is_told_from_its_frame_on() -> None:
    kinds: set[str] = set()
    for take, changes, _, timed in takes(150):
        before = take.scene.look
        for change in changes:
            kinds.add(change.what)
            assert is_seen(change.look) and is_legible(change.look)
            differs = [w for w in ("walls", "floor", "top") if getattr(before, w) != getattr(change.look, w)]
            things = [
                i for i, (a, b) in enumerate(zip(before.objects, change.look.objects, strict=True)) if a != b
            ]
            assert (differs, things) in (([change.what], []), ([], [change.index]))
            if change.what == "object":
                assert take.places[change.frame][change.index] in SEEN
            (text,) = (text for start, _, text in timed if start == change.frame)
            short = change.what == "object" and "turns" in text
            assert short or tells(text, change.what, change.look, change.index) or "is now" in text, text
            assert not any(
                tells(t, change.what, change.look, change.index) for s, e, t in timed if e == change.frame
            )
            before = change.look
    assert kinds == {"walls", "floor", "top", "object"}


def test_short_clips_have_no_changes_and_a_moment_is_told_as_it_looks() -> None:
    assert not any(changes for _, changes, _, _ in takes(40, frames=20))
    for level in range(40):
        take = walk(scene_of(level, "all"), "explorer", 20, np.random.default_rng(level))
        text = caption_of_moment(take, np.random.default_rng(level))
        named = {(KIND_OF[word], colour) for colour, word in THING.findall(text)}
        last = zip(take.scene.look.objects, take.places[-1], strict=True)
        assert named <= {thing for thing, place in last if place in SEEN}
