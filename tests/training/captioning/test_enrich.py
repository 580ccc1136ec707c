"""Captions over time: where clips are cut, what moves, what most looks agree on."""

from itertools import pairwise

import numpy as np
import pytest

from genie.core.mentions import Mentions
from tests.training.captioning.conftest import Parrot, scene
from tests.training.captioning.test_agreement import SAID
from training.captioning.enrich import agreed, describe
from training.captioning.motion import motion_phrase, segments, view_shifts


@pytest.mark.parametrize(
    ("frames", "phrase"),
    [
        (scene("red", step=2), "the view moves right"),
        (scene("red", step=-2), "the view moves left"),
        (scene("red", step=2).swapaxes(1, 2), "the view moves down"),
        (scene("red", step=-2).swapaxes(1, 2), "the view moves up"),
        (scene("red"), "nothing moves"),
        (scene("red", frames=1), ""),
    ],
)
def test_the_views_motion_is_measured(frames: np.ndarray, phrase: str) -> None:
    assert motion_phrase(frames, view_shifts(frames)) == phrase


def test_a_sprite_that_moves_before_a_still_view_is_not_the_views_motion() -> None:
    frames = scene("green")
    for t, frame in enumerate(frames):
        frame[20:26, t : t + 6] = 255
    assert motion_phrase(frames, view_shifts(frames)) == "the view stays"


def test_a_cut_is_no_motion() -> None:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 255, (6, 32, 32, 3), np.uint8)
    assert np.abs(view_shifts(frames).sum(0)).max() < 0.15


def test_a_clip_is_cut_where_its_motion_changes() -> None:
    there = np.concatenate([scene("red", step=2), scene("red", step=-2), scene("red")])
    parts = segments(view_shifts(there), len(there), 8)
    assert parts[0][0] == 0 and parts[-1][1] == len(there)
    assert all(a[1] == b[0] for a, b in pairwise(parts))
    assert all(end - start >= 8 for start, end in parts)
    assert any(abs(start - 24) <= 6 for start, _ in parts), "where it turns round"
    assert segments(view_shifts(there[:20]), 20, 8) == [(0, 20)]
    assert segments(view_shifts(there[:4]), 4, 8) == [(0, 4)]


def test_parts_are_looked_at_one_by_one_and_told_with_their_motion() -> None:
    clip = np.concatenate([scene("red", step=2), scene("blue", step=-2)])
    found = describe(clip, Parrot(), shortest=10, phrases=None, enrich=True)
    first, last = found.captions[0], found.captions[-1]
    assert first.text == "a red ground; the view moves right"
    assert last.text == "a blue ground; the view moves left"
    assert (first.start, last.end) == (0, 48)
    plain = describe(clip, Parrot(), shortest=10, phrases=None, enrich=False)
    assert len(plain.captions) == 1 and ";" not in plain.caption


def test_most_looks_decide_what_is_there() -> None:
    said = ["a red fox on white ice", "a red fox on green grass", "on white ice a red fox", "a green fox"]
    assert agreed(said, Mentions(SAID)) == [
        "a red fox on white ice",
        "a red fox on white ice",
        "on white ice a red fox",
        "a red fox",
    ]


def test_looks_that_do_not_agree_are_left_as_they_are() -> None:
    said = ["a red fox on white ice", "a green fox on green grass"]
    assert agreed(said, Mentions(SAID)) == said


def test_a_part_of_which_nothing_is_said_is_told_as_the_whole() -> None:
    clip = np.concatenate([scene("red", step=2), scene("blue", step=-2)])
    parrot = Parrot(lambda frames: "" if len(frames) < 48 else "a game")
    found = describe(clip, parrot, shortest=10, phrases=None, enrich=True)
    assert all(timed.text.startswith("a game") for timed in found.captions)
    nothing = describe(clip, Parrot(lambda frames: ""), shortest=10, phrases=None, enrich=True)
    assert nothing == ("", ())
