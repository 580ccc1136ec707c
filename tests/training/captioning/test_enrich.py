"""Captions over time: where clips are cut, what moves, what most looks agree on."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from genie.core.captions import LONGEST_PROMPT
from genie.core.mentions import Mentions
from genie.core.phrases import Phrases
from tests.training.captioning.conftest import Parrot, scene
from tests.training.captioning.test_agreement import SAID
from training.captioning import motion
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


def test_large_frames_move_as_small_ones_and_take_little_memory() -> None:
    small = scene("red", frames=40, step=2)
    large = small.repeat(25, 1).repeat(25, 2)[:, :790]  # which 7 does not divide
    tracemalloc.start()
    phrase = motion_phrase(large, view_shifts(large))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert phrase == "the view moves right"
    np.testing.assert_allclose(view_shifts(large)[:, 0], view_shifts(small)[:, 0], atol=0.02)
    assert most < 1.5 * large.nbytes, "not 48 bytes a pixel"
    whole = [motion._shifts(motion._grey(small[start : start + 2])) for start in range(39)]
    np.testing.assert_array_equal(np.concatenate(whole), view_shifts(small))


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


def test_a_look_that_both_its_neighbours_contradict_is_mended() -> None:
    whole, first, last = "a red fox on green grass", "on white ice a red fox", "a green fox"
    said = [whole, first, "a red fox on green grass", "a red fox on white ice", last]
    mended = [whole, first, "a red fox on white ice", "a red fox on white ice", last]
    assert agreed(said, Mentions(SAID)) == mended, "what is last may have changed for good"


@pytest.mark.parametrize(
    "said",
    [
        ["a red fox on white ice", "a green fox on green grass"],
        ["a red fox on white ice"] * 3 + ["a red fox on green grass"] * 2,
        ["a red fox on white ice"] + ["a red fox on green grass"] * 3,
    ],
)
def test_looks_that_change_for_good_are_left_as_they_are(said: list[str]) -> None:
    assert agreed(said, Mentions(SAID)) == said


def test_of_things_of_which_there_are_several_each_look_may_say_another() -> None:
    values = {"thing": {"ball": (("a red ball", 9),), "key": (("a blue key", 8),)}}
    things = Mentions(Phrases(templates=(("{thing} on ice", 9),), values=values))
    for first in ("a red ball and a blue key", "a red ball and a red ball"):
        said = [first, "a blue key on ice", "a red ball on ice", "a blue key on ice"]
        assert agreed(said, things) == said
    said = ["a red ball", "a red ball", "a red ball", "a blue key"]
    assert agreed(said, things) == said


def test_a_whole_clip_is_told_as_it_was_seen_whole() -> None:
    clip = np.concatenate([scene("red", step=2), scene("red", step=-2), scene("red", step=2)])
    parrot = Parrot(lambda frames: f"a {'green' if len(frames) == 72 else 'red'} fox on white ice")
    found = describe(clip, parrot, shortest=10, phrases=SAID, enrich=True)
    assert found.caption.startswith("a green fox")
    assert all(timed.text.startswith("a red fox") for timed in found.captions)


def test_motion_is_told_once_to_who_says_it_already() -> None:
    clip = scene("red", step=2)
    for learned in ("; the view moves left", "; the view stays", "; the view moves left; nothing moves."):
        parrot = Parrot(lambda _, said="a fox" + learned: said)  # type: ignore[misc]
        found = describe(clip, parrot, shortest=10, phrases=None, enrich=True)
        assert found.caption == "a fox; the view moves right"
    only = describe(clip, Parrot(lambda _: "the view stays"), shortest=10, phrases=None, enrich=True)
    assert only.caption == "the view moves right"


def test_a_long_caption_is_cut_for_its_motion() -> None:
    parrot = Parrot(lambda _: "".join(map(str, range(LONGEST_PROMPT))))
    found = describe(scene("red", step=2), parrot, shortest=10, phrases=None, enrich=True)
    assert len(found.caption) == LONGEST_PROMPT and found.caption.endswith("; the view moves right")


def test_a_part_of_which_nothing_is_said_is_told_as_the_whole() -> None:
    clip = np.concatenate([scene("red", step=2), scene("blue", step=-2)])
    parrot = Parrot(lambda frames: "" if len(frames) < 48 else "a game")
    found = describe(clip, parrot, shortest=10, phrases=None, enrich=True)
    assert all(timed.text.startswith("a game") for timed in found.captions)
    nothing = describe(clip, Parrot(lambda frames: ""), shortest=10, phrases=None, enrich=True)
    assert nothing == ("", ())
