"""Captions say what the facts say: no more, in many wordings, and short enough to be read whole."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from worlds._procgen.coinrun_captions import captions_of
from worlds._procgen.coinrun_facts import FrameFacts, Scene, spells_of
from worlds._procgen.coinrun_names import ALIENS, BACKGROUNDS, ENEMIES, GROUND_WORDS, GROUNDS


def _facts(*spells: tuple[int, str]) -> list[FrameFacts]:
    """Frames of a made-up course: > runs right, < left, . stands, ^ jumps up, v falls to the right."""
    facts, x, y = [], 10.0, 2.0
    for count, kind in spells:
        for i in range(count):
            vy = {"^": 1.0 - 2.0 * i / count, "v": -0.5}.get(kind, 0.0)
            facts.append(FrameFacts(x=x, y=y, vy=vy, supported=kind in "<>.", in_view=frozenset({"saw"})))
            x += {">": 0.4, "<": -0.4, "v": 0.2}.get(kind, 0.0)
    return facts


def test_spells_are_what_was_done_and_cover_the_clip() -> None:
    spells = spells_of(_facts((10, "."), (12, ">"), (15, "^"), (9, "<"), (8, "v"), (2, "."), (10, ">")))
    assert [(s.deed, s.way) for s in spells] == [
        ("stands", 0), ("runs", 1), ("jumps", 0), ("runs", -1), ("falls", 1), ("runs", 1),
    ]  # fmt: skip
    assert spells[0].start == 0
    assert spells[-1].end == 66
    assert all(a.end == b.start for a, b in pairwise(spells))


def test_every_caption_names_the_scene_and_invents_nothing() -> None:
    rng = np.random.default_rng(0)
    facts = _facts((30, ">"), (15, "^"), (30, "."))
    texts = set()
    for _ in range(400):
        scene = Scene(int(rng.integers(62)), GROUNDS[int(rng.integers(6))], ALIENS[int(rng.integers(5))])
        whole, timed = captions_of(scene, facts, rng)
        assert timed[0][0] == 0
        assert timed[-1][1] == len(facts)
        for text in (whole, *(text for _, _, text in timed)):
            texts.add(text)
            assert scene.alien in text
            assert any(words in text for words in BACKGROUNDS[scene.background][1:])
            assert any(words in text for words in GROUND_WORDS[scene.ground])
            assert len(re.findall(r"\w+|[^\w\s]", text)) <= 30
            assert not any(thing in text for thing in ("coin", "crate", "lava", *ENEMIES))
        assert "left" not in whole
        assert not re.search(r"\b(jump|leap|hop|stand|wait)", timed[0][2])  # it only runs in these frames
        assert not re.search(r"\b(run|walk|goe)s\b", timed[-1][2])  # and does not run in those
    assert len(texts) > 900


def test_what_is_in_view_for_a_part_of_the_time_only_is_not_named() -> None:
    facts = _facts((30, "."))
    facts[20] = FrameFacts(x=10, y=2, vy=0, supported=True, in_view=frozenset({"saw", "coin"}))
    rng = np.random.default_rng(1)
    texts = [captions_of(Scene(0, "snow", "pink"), facts, rng)[1][0][2] for _ in range(50)]
    assert any("a saw" in text for text in texts)
    assert not any("coin" in text for text in texts)


def test_there_is_a_name_for_everything() -> None:
    assert len(BACKGROUNDS) == 62
    assert all(len(entry) >= 3 for entry in BACKGROUNDS)
    assert len({entry[0] for entry in BACKGROUNDS}) == 62
    assert set(GROUND_WORDS) == set(GROUNDS)


def test_a_single_frame_shows_no_deed() -> None:
    rng = np.random.default_rng(4)
    scene = Scene(3, GROUNDS[0], ALIENS[0])
    deeds = r"\b(stay|jump|leap|hop|stand|wait|run|walk|goe|move|fall|drop|wander|make)s\b|does not"
    for kind in "<>.^v":
        for _ in range(60):
            whole, timed = captions_of(scene, _facts((1, kind)), rng)
            assert [span[:2] for span in timed] == [(0, 1)]
            assert not re.search(deeds, whole) and not re.search(deeds, timed[0][2]), (whole, timed)
