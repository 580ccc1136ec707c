"""Views that are left and come back to: found in clips, and remembered or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genie.clips.frame_store import UNKNOWN, FrameStore
from training.evaluate.crew import Crew
from training.evaluate.revisits import Revisit, find_revisits, revisit, score_revisits
from training.pages.revisit_strip import revisit_strips

NAMES = ("noop", "left", "right")
SIDE, STEP = 32, 8
CREW = Crew(2)


class Panorama:
    """A wall of noise, walked along. It remembers all, or no more than it has just shown."""

    def __init__(self, *, forgets: bool = False) -> None:
        wall = np.random.default_rng(0).integers(0, 256, (SIDE, 24, 3), np.uint8)
        self.wall, self.forgets = wall.repeat(8, axis=1), forgets

    def view(self, place: int) -> np.ndarray:
        return self.wall[:, place : place + SIDE]

    def start(self, *, prompt: str, image: np.ndarray, seed: int, expand: bool) -> Walk:
        places = range(0, self.wall.shape[1] - SIDE + 1, STEP)
        return Walk(self, next(place for place in places if np.array_equal(self.view(place), image)))


class Walk:
    """What `Panorama.start` returns."""

    def __init__(self, world: Panorama, place: int) -> None:
        self.world, self.place = world, place
        self.known = np.zeros(world.wall.shape[1], bool)

    def step(self, action: int, frame: np.ndarray | None = None) -> np.ndarray:
        self.place += (0, -STEP, STEP)[action]
        here = slice(self.place, self.place + SIDE)
        picture = self.world.view(self.place).copy()
        if frame is None and self.world.forgets:
            picture[:, ~self.known[here]] = 128
        known = self.known[here] | (frame is not None)
        self.known[:] = False
        self.known[here] = known
        return picture


def store_of(*walks: str, world: Panorama, changed: int | None = None) -> FrameStore:
    """One clip a walk, "r" and "l" and "." for right, left and nothing, all from the wall's sixth column."""
    frames, actions, starts = [], [], [0]
    for walk in walks:
        place = 5 * STEP
        frames.append(world.view(place))
        for letter in walk:
            place += {"r": STEP, "l": -STEP, ".": 0}[letter]
            frames.append(world.view(place))
            actions.append({"r": 2, "l": 1, ".": 0}[letter])
        actions.append(UNKNOWN)
        starts.append(len(frames))
    facts: dict[str, Any] = {"ground": "grass"}
    if changed is not None:
        facts["changes"] = [{"frame": changed, "ground": "snow"}]
    return FrameStore(
        frames=np.array(frames),
        starts=np.array(starts),
        actions=np.array(actions, np.int16),
        captions=["a wall"],
        caption_of=np.zeros(len(frames), np.int32),
        clip_captions=["a wall"] * len(walks),
        attributes=[facts] * len(walks),
        action_names=NAMES,
        fps=15,
        hash="walls",
    )


def test_the_longest_way_back_of_each_clip_is_found() -> None:
    store = store_of("...rrrrllll", "....", "...lllrrr..", world=Panorama())
    found = find_revisits(store, 10)
    assert sorted(one.gap for one in found) == [8, 8], "standing still is no coming back"
    for one in found:
        assert np.array_equal(one.frames[3], one.frames[-1]) and len(one.actions) == len(one.frames) - 1
    assert sorted(one.actions[3:].tolist() for one in found) == [[1, 1, 1, 2, 2, 2, 0, 0], [2] * 4 + [1] * 4]
    assert len(find_revisits(store, 1)) == 1


@pytest.mark.parametrize("walk", ["...rrll", "...rrrrll", "rrrrllll"])
def test_ways_that_are_too_short_or_do_not_come_back_are_none(walk: str) -> None:
    assert find_revisits(store_of(walk, world=Panorama()), 10) == []


def test_none_goes_over_a_change_of_look_or_an_unknown_action() -> None:
    world = Panorama()
    assert find_revisits(store_of("...rrrrllll", world=world, changed=7), 10) == []
    assert len(find_revisits(store_of("...rrrrllll", world=world, changed=0), 10)) == 1
    store = store_of("...rrrrllll", world=world)
    store.actions[6] = UNKNOWN
    assert find_revisits(store, 10) == []


def test_a_world_that_remembers_is_told_from_one_that_forgets() -> None:
    world: Any = Panorama()
    forgetful: Any = Panorama(forgets=True)
    store = store_of("...rrrrllll", "...llllrrrr", "...rrrrrlllll", world=world)
    right = score_revisits(revisit(world, find_revisits(store, 10), CREW))
    wrong = score_revisits(revisit(forgetful, find_revisits(store, 10), CREW))
    assert right["revisits"] == 3 and right["frames_away"]["mean"] == pytest.approx(26 / 3, abs=1e-3)
    assert right["psnr"]["mean"] == right["psnr_remembered"]["mean"] == 60
    assert wrong["psnr"]["high"] < 20 and wrong["psnr_remembered"] == right["psnr_remembered"]


def test_of_one_way_nothing_is_said_of_forgetting() -> None:
    world: Any = Panorama()
    scores = score_revisits(revisit(world, find_revisits(store_of("...rrrrllll", world=world), 10), CREW))
    assert "psnr_remembered" in scores and "psnr_forgotten" not in scores


def test_clips_that_never_come_back_leave_it_out() -> None:
    assert "left_out" in score_revisits(revisit(Panorama(), [], CREW))  # type: ignore[arg-type]


def test_the_best_and_the_worst_way_back_are_shown() -> None:
    frames = np.zeros((12, SIDE, SIDE, 3), np.uint8)
    ways = [Revisit(frames, np.zeros(11, int), f"way {n}") for n in range(3)]
    futures = [np.full((8, SIDE, SIDE, 3), 10 * n, np.uint8) for n in range(3)]
    made = revisit(Panorama(), [], CREW)._replace(revisits=ways, futures=futures)  # type: ignore[arg-type]
    best, median, worst = revisit_strips(made, NAMES)
    assert best.title == "Best of 3: 60.0 dB after 8 frames" and "way 0" in best.note
    assert "way 1" in median.note and "way 2" in worst.note
    assert worst.rows[1].under[0] == "" and worst.rows[1].under[-1].endswith("dB")
