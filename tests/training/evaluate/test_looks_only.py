"""Captions for scoring name what is to be seen, changes included, and keep deeds to themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genie.clips.frame_store import FrameStore
from genie.core.phrases import Phrases
from training.evaluate.looks_only import looks_only
from training.evaluate.real_clips import real_clips

COLOURS, GROUNDS, DEEDS = ("red", "blue"), ("grass", "sand"), ("jumps", "runs to the right", "waits")
SAID = Phrases(
    templates=(("a {colour} sprite jumps on {ground}", 9), ("a {colour} sprite on {ground}", 4)),
    values={
        "colour": {name: ((name, 9),) for name in COLOURS},
        "ground": {name: ((name, 9),) for name in GROUNDS},
    },
)


def retold(tests: FrameStore) -> FrameStore:
    """The tiny world's clips with captions of which some say what the sprite does."""
    captions, attributes = [], []
    for clip in range(len(tests.starts) - 1):
        colour, ground = COLOURS[clip % 2], GROUNDS[clip // 2 % 2]
        does = f" {DEEDS[clip % 3]}" if clip % 4 else ""
        captions.append(f"a {colour} sprite{does} on {ground}")
        attributes.append({"colour": colour, "ground": ground, "level": clip})
    attributes[0]["changes"] = [{"frame": 5, "ground": "sand"}]
    caption_of = np.repeat(np.arange(len(captions)), np.diff(tests.starts)).astype(np.int32)
    return replace(
        tests, captions=captions, caption_of=caption_of, clip_captions=captions, attributes=attributes
    )


@pytest.fixture(scope="module")
def store(tests: FrameStore) -> FrameStore:
    return retold(tests)


def test_no_deed_is_told_and_every_look_is(store: FrameStore) -> None:
    assert any(deed in text for text in store.captions for deed in DEEDS)
    clips = real_clips(looks_only(store, SAID), 100)
    assert len(clips.captions) > 3
    for text, facts in zip(clips.captions, clips.attributes, strict=True):
        assert not any(deed in text for deed in DEEDS), text
        assert facts["colour"] in text and facts["ground"] in text


def test_from_a_change_on_the_new_look_is_told(store: FrameStore) -> None:
    plain = looks_only(store, SAID)
    before, after = (plain.captions[plain.caption_of[plain.starts[0] + frame]] for frame in (4, 5))
    assert "grass" in before and "sand" in after
    assert "red" in before and "red" in after


def test_captions_that_cannot_be_reworded_stay(tests: FrameStore) -> None:
    bare = replace(retold(tests), attributes=[{} for _ in tests.attributes])
    assert looks_only(bare, SAID) is bare


def test_a_look_that_cannot_be_said_is_not_told_as_the_one_before(store: FrameStore) -> None:
    attributes = [dict(one) for one in store.attributes]
    attributes[0]["changes"] = [{"frame": 5, "ground": "lava"}]
    plain = looks_only(replace(store, attributes=attributes), SAID)
    first = plain.starts[0]
    assert plain.captions[plain.caption_of[first + 4]] == "a red sprite on grass"
    assert plain.caption_of[first + 5] == store.caption_of[first + 5], "its own caption holds again"
