"""The scripted world does exactly what it is told, so that others can trust it as an answer sheet."""

from pathlib import Path

import numpy as np
import pytest

from genie.worlds import load_source, read_world
from tests.scripted_worlds.sprite.rules import FARTHEST, MOVES, Place, draw, find_sprite

WORLD = Path(__file__).parents[1] / "scripted_worlds" / "sprite"


def test_frames_follow_the_actions_exactly() -> None:
    source = load_source(read_world(WORLD))
    for clip in source.record(split="train", clips=20, frames=30, seed=3):
        sprite, background = clip.attributes["sprite"], clip.attributes["background"]
        assert sprite in clip.caption
        assert background in clip.caption
        place = find_sprite(clip.frames[0], sprite, background)
        for frame, action in zip(clip.frames[1:], clip.actions, strict=True):
            place = place.moved(source.action_names[action])
            np.testing.assert_array_equal(frame, draw(place, sprite, background))


def test_same_seed_same_clips_and_splits_keep_their_levels() -> None:
    source = load_source(read_world(WORLD))
    first, again = (list(source.record(split="test", clips=5, frames=8, seed=1)) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.frames, b.frames)
        assert a.level in source.splits["test"]
    other = next(iter(source.record(split="test", clips=1, frames=8, seed=2)))
    assert not np.array_equal(other.frames, first[0].frames)


@pytest.mark.parametrize("action", list(MOVES))
def test_borders_stop_the_sprite(action: str) -> None:
    place = Place(12, 12)
    for _ in range(20):
        place = place.moved(action)
    assert place in {(12, 12), (0, 12), (FARTHEST, 12), (12, 0), (12, FARTHEST)}


def test_sprite_is_found_through_noise() -> None:
    noise = np.random.default_rng(0).normal(0, 40, (32, 32, 3))
    frame = np.clip(draw(Place(6, 18), "yellow", "blue") + noise, 0, 255).astype(np.uint8)
    assert find_sprite(frame, "yellow", "blue") == Place(6, 18)
