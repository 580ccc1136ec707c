"""What MiniWorld draws of the rooms world: what the plan says is there, and nothing else changes."""

from __future__ import annotations

import ctypes.util
import dataclasses
import importlib.util
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genie.core.errors import SourceError
from genie.worlds import load_source, read_world
from worlds.rooms.layout import HEIGHT
from worlds.rooms.lines import free_ahead
from worlds.rooms.look import Look
from worlds.rooms.scene import Pose, Scene, scene_of
from worlds.rooms.sight import EYE, FIELD_OF_VIEW, SEEN, SIDE, places_of
from worlds.rooms.source import RoomsSource
from worlds.rooms.takes import walk
from worlds.rooms.walker import ACTIONS, TURN, Walker

if TYPE_CHECKING:
    from worlds.rooms.drawing import Drawing

MISSING = [name for name in ("miniworld", "pyglet", "gymnasium") if importlib.util.find_spec(name) is None]
MISSING += [f"lib{name}" for name in ("EGL", "GL", "GLU") if ctypes.util.find_library(name) is None]
needs_miniworld = [
    pytest.mark.drawing,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]
WORLD = Path(__file__).parents[2] / "worlds" / "rooms"
PIXELS = SIDE / 2 / math.tan(math.radians(FIELD_OF_VIEW / 2))


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    from worlds.rooms.simulator import open_drawing

    return open_drawing(scene_of(0, "seen"))


@pytest.fixture(scope="module")
def source() -> RoomsSource:
    found = load_source(read_world(WORLD))
    assert type(found).__name__ == "RoomsSource"
    return found  # type: ignore[return-value]


def pictures(drawing: Drawing, scene: Scene, poses: list[Pose], look: Look | None = None) -> np.ndarray:
    drawing.show(scene, look or scene.look)
    return np.array([drawing.picture(pose) for pose in poses]).astype(int)


def changed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a - b).sum(-1) > 12


def without(scene: Scene, index: int) -> Scene:
    def rest(things: tuple) -> tuple:
        return things[:index] + things[index + 1 :]

    look = dataclasses.replace(scene.look, objects=rest(scene.look.objects))
    return dataclasses.replace(scene, look=look, places=rest(scene.places), turns=rest(scene.turns))


class TestPictures:
    pytestmark = needs_miniworld

    def test_what_is_seen_is_in_the_picture_where_it_is_said_to_be(self, drawing: Drawing) -> None:
        seen = 0
        for level in range(12):
            scene = scene_of(level, "seen")
            poses = list(walk(scene, "explorer", 60, np.random.default_rng(level)).poses[::10])
            full = pictures(drawing, scene, poses)
            for index in range(len(scene.places)):
                differs = changed(full, pictures(drawing, without(scene, index), poses))
                for pose, pixels in zip(poses, differs, strict=True):
                    place = places_of(scene, scene.layout.walls(), pose)[index]
                    middle = np.nonzero(pixels)[1].mean() if pixels.any() else None
                    if place == "behind":
                        assert middle is None
                    if place in SEEN:
                        seen += 1
                        assert pixels.sum() >= 6 and middle is not None
                        low, high = {"left": (0, 34), "ahead": (16, 48), "right": (30, 64)}[place]
                        assert low <= middle <= high
        assert seen > 40

    def test_another_floor_or_top_leaves_the_rest_as_it_was(self, drawing: Drawing) -> None:
        horizon = SIDE // 2
        for level in range(8):
            scene = scene_of(level, "seen")
            poses = list(walk(scene, "explorer", 40, np.random.default_rng(level)).poses[::8])
            full = pictures(drawing, scene, poses)
            for what, names, spared in (
                ("floor", ("lava", "snow"), np.s_[:, :horizon]),
                ("top", ("night", "tiles"), np.s_[:, horizon:]),
            ):
                name = next(name for name in names if name != getattr(scene.look, what))
                edited: dict = {what: name}
                other = pictures(drawing, scene, poses, dataclasses.replace(scene.look, **edited))
                assert changed(full, other).any()
                np.testing.assert_array_equal(full[spared], other[spared])

    def test_other_walls_leave_floor_top_and_what_stands_before_them(self, drawing: Drawing) -> None:
        """In a room of four walls, the wall fills a band of each column that its distance decides."""
        tried = 0
        for level in range(30):
            scene = scene_of(level, "seen")
            if scene.layout.shape != "room" or tried == 5:
                continue
            tried += 1
            pose = scene.start
            full = pictures(drawing, scene, [pose])[0]
            other = "brick" if scene.look.walls != "brick" else "hedge"
            differs = changed(
                full, pictures(drawing, scene, [pose], dataclasses.replace(scene.look, walls=other))[0]
            )
            walls = scene.layout.walls()
            for column in range(SIDE):
                off = math.atan((column + 0.5 - SIDE / 2) / PIXELS)
                away = free_ahead(walls, pose.x, pose.z, pose.angle - off) * math.cos(off)
                rows = np.nonzero(differs[:, column])[0]
                top = SIDE / 2 - (HEIGHT - EYE) / away * PIXELS
                bottom = SIDE / 2 + EYE / away * PIXELS
                assert not len(rows) or (rows[0] >= top - 2 and rows[-1] <= bottom + 2)
            assert differs.mean() > 0.1
        assert tried == 5

    def test_an_object_of_another_colour_changes_only_where_it_stands(self, drawing: Drawing) -> None:
        for level in range(12):
            scene = scene_of(level, "seen")
            poses = [scene.start]
            kind, colour = scene.look.objects[0]
            things = ((kind, "white" if colour != "white" else "blue"), *scene.look.objects[1:])
            full = pictures(drawing, scene, poses)
            edited = pictures(drawing, scene, poses, dataclasses.replace(scene.look, objects=things))
            shown = changed(full, pictures(drawing, without(scene, 0), poses))
            outside = ~np.pad(shown[0], 1).astype(bool)
            grown = (
                outside[:-2, 1:-1]
                & outside[2:, 1:-1]
                & outside[1:-1, :-2]
                & outside[1:-1, 2:]
                & outside[1:-1, 1:-1]
            )
            assert changed(full, edited).any()
            assert not changed(full, edited)[0][grown].any()


class TestSource:
    pytestmark = needs_miniworld

    def test_the_same_seed_gives_the_same_clips(self, source: RoomsSource) -> None:
        first, again = (list(source.record(split="train", clips=3, frames=40, seed=5)) for _ in range(2))
        alone = next(iter(source.record(split="train", clips=1, frames=40, seed=5)))
        for a, b in zip([*first, first[0]], [*again, alone], strict=True):
            np.testing.assert_array_equal(a.frames, b.frames)
            np.testing.assert_array_equal(a.actions, b.actions)
            assert (a.caption, a.captions, a.attributes) == (b.caption, b.captions, b.attributes)
        assert first[0].frames.shape == (40, SIDE, SIDE, 3)
        other = next(iter(source.record(split="train", clips=1, frames=40, seed=6)))
        assert not np.array_equal(other.frames, first[0].frames)

    def test_actions_lead_from_one_frame_to_the_next(self, source: RoomsSource, drawing: Drawing) -> None:
        for clip in source.record(split="test", clips=3, frames=40, seed=2):
            scene = scene_of(clip.level, "seen")
            assert len(set(clip.actions)) > 1
            for shift in (0, 1):
                walker = Walker(scene)
                taken = np.roll(clip.actions, shift)
                poses = [walker.pose, *(walker.step(ACTIONS[action]) for action in taken)]
                assert np.array_equal(pictures(drawing, scene, poses), clip.frames) == (shift == 0)

    def test_splits_show_what_they_may(self, source: RoomsSource) -> None:
        for split, held_out in (("unseen", True), ("test", False)):
            for clip in source.record(split=split, clips=4, frames=8, seed=1):
                assert clip.attributes["held_out"] is held_out
                assert clip.level in source.splits[split]
                assert "changes" not in clip.attributes

    def test_play_goes_where_the_keys_say(self, source: RoomsSource) -> None:
        names = ("left", "noop", "forward")
        keys = np.array([[ACTIONS.index(name)] * 96 for name in names])
        turned, stood, gone = every = list(source.play(split="test", keys=keys, every=1, seed=3))
        assert turned.shape == (96, SIDE, SIDE, 3)
        around = round(2 * math.pi / TURN)
        np.testing.assert_array_equal(turned[:-around], turned[around:])
        assert changed(turned[0], turned[around // 2]).any()
        assert not changed(stood[0], stood[-1]).any() and changed(gone[0], gone[-1]).any()
        for whole, part in zip(every, source.play(split="test", keys=keys, every=5, seed=3), strict=True):
            np.testing.assert_array_equal(part, whole[4::5])

    def test_branches_are_what_holding_each_key_does(self, source: RoomsSource, drawing: Drawing) -> None:
        branches = source.branches(split="test", count=4, past=4, future=6, seed=0)
        assert branches.past.shape == (4, 4, SIDE, SIDE, 3) and branches.actions.shape == (4, 3)
        assert branches.futures.shape == (4, len(ACTIONS), 6, SIDE, SIDE, 3)
        still = branches.futures[:, ACTIONS.index("noop")]
        np.testing.assert_array_equal(still, np.repeat(branches.past[:, -1:], 6, 1))
        left, right = (branches.futures[:, ACTIONS.index(side), -1].astype(int) for side in ("left", "right"))
        assert (np.abs(left - right).mean((1, 2, 3)) > 3).all()
        longer = source.branches(split="test", count=2, past=4, future=9, seed=0)
        np.testing.assert_array_equal(longer.futures[:, :, :6], branches.futures[:2])


def test_a_missing_simulator_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    found = RoomsSource()
    with pytest.raises(SourceError, match=r"pip install -c constraints\.txt miniworld") as caught:
        next(found.record(split="train", clips=1, frames=8, seed=0))
    with pytest.raises(SourceError, match="miniworld"):
        found.branches(split="test", count=1, past=4, future=4, seed=0)
    assert "\n" not in str(caught.value)
