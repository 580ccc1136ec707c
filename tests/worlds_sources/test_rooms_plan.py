"""Scenes, walking, sight and players of the rooms world: all that needs no simulator."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from genie.worlds import load_source, read_world
from worlds.rooms.layout import Layout, Rect
from worlds.rooms.lines import clear, distance_to_walls, free_ahead
from worlds.rooms.look import (
    COLOUR_NAMES,
    FLOOR_NAMES,
    KIND_NAMES,
    WALL_NAMES,
    Look,
    draw_look,
    is_legible,
    is_seen,
    object_held_out,
    wall_and_floor_held_out,
)
from worlds.rooms.players import play
from worlds.rooms.scene import WALKER_RADIUS, Pose, Scene, scene_of
from worlds.rooms.sight import SEEN, places_of
from worlds.rooms.splits import SPLITS
from worlds.rooms.takes import walk
from worlds.rooms.walker import ACTIONS, FORWARD, Walker

WORLD = Path(__file__).parents[2] / "worlds" / "rooms"


def scene(objects: dict[tuple[str, str], tuple[float, float]], start: Pose, *rooms: Rect) -> Scene:
    look = Look(walls="brick", floor="grass", top="day", objects=tuple(objects))
    layout = Layout(shape="room", rooms=tuple(room.room() for room in rooms or (Rect(0, 10, 0, 10),)))
    places = tuple(objects.values())
    return Scene(layout=layout, look=look, places=places, turns=(0.0,) * len(places), start=start)


def test_each_wall_lacks_one_floor_and_each_kind_one_colour() -> None:
    lacking = [(w, f) for w in WALL_NAMES for f in FLOOR_NAMES if wall_and_floor_held_out(w, f)]
    assert sorted(w for w, _ in lacking) == sorted(WALL_NAMES)
    assert sorted(f for _, f in lacking) == sorted(FLOOR_NAMES)
    things = [(k, c) for k in KIND_NAMES for c in COLOUR_NAMES if object_held_out(k, c)]
    assert sorted(k for k, _ in things) == sorted(KIND_NAMES)
    assert len({c for _, c in things}) == len(things)


def test_a_split_shows_its_combinations_and_all_of_them() -> None:
    rng = np.random.default_rng(0)
    for combinations in ("seen", "held out", "all"):
        looks = [draw_look(rng, 1 + i % 3, combinations) for i in range(900)]
        assert all(map(is_legible, looks))
        pairs = {(look.walls, look.floor) for look in looks}
        held = {pair for pair in itertools.product(WALL_NAMES, FLOOR_NAMES) if wall_and_floor_held_out(*pair)}
        if combinations == "seen":
            assert all(map(is_seen, looks)) and 80 < len(pairs) <= 90
        if combinations == "held out":
            assert pairs == held and all(object_held_out(*look.objects[0]) for look in looks)
            assert not any(object_held_out(*thing) for look in looks for thing in look.objects[1:])
        if combinations == "all":
            assert len(pairs) > 90


def test_world_toml_and_the_source_agree_and_levels_are_pure() -> None:
    source = load_source(read_world(WORLD))
    assert source.splits == {name: split.levels for name, split in SPLITS.items()}
    assert source.action_names == ACTIONS
    assert [scene_of(n, "seen") for n in range(5)] == [scene_of(n, "seen") for n in range(5)]
    assert scene_of(1, "seen") != scene_of(2, "seen")


@pytest.mark.parametrize("first", [0, 5000])
def test_scenes_have_room_for_everything_and_begin_before_an_object(first: int) -> None:
    shapes = set()
    for level in range(first, first + 60):
        made = scene_of(level, "all")
        shapes.add(made.layout.shape)
        walls = made.layout.walls()
        assert distance_to_walls(walls, made.start[:2]) > WALKER_RADIUS
        for place in made.places:
            assert distance_to_walls(walls, place) > 0.5
            assert math.dist(place, made.start[:2]) > 1
        assert places_of(made, walls, made.start)[0] != "behind"
    assert shapes == {"room", "hall", "octagon", "angle", "two", "three"}


def test_turning_goes_all_the_way_round_and_back_undoes_it() -> None:
    walker = Walker(scene({("ball", "red"): (8, 8)}, Pose(3, 3, 0.3)))
    for action in ["left"] * 48:
        walker.step(action)
    assert walker.pose[:2] == (3, 3) and walker.pose.angle == pytest.approx(0.3 + 2 * math.pi)
    for action in ["right"] * 48 + ["noop"] * 3:
        walker.step(action)
    assert walker.pose.angle == pytest.approx(0.3)


def test_forward_goes_where_one_looks_and_left_turns_to_the_left() -> None:
    ahead = Walker(scene({("ball", "red"): (8, 8)}, Pose(3, 3, math.pi / 2)))
    ahead.step("forward")
    assert ahead.pose == pytest.approx((3, 3 - FORWARD, math.pi / 2))
    made = scene({("ball", "red"): (6, 3)}, Pose(3, 3, 0))
    turned = Walker(made)
    assert places_of(made, turned.walls, turned.pose) == ("ahead",)
    for _ in range(3):
        turned.step("left")
    assert places_of(made, turned.walls, turned.pose) == ("right",)  # it moves to the right in the picture


def test_nobody_walks_through_walls_or_objects_but_slides_along() -> None:
    radius = {"ball": 0.5, "box": 0.6, "pillar": 0.35, "pyramid": 0.7, "key": 0.6}
    for level in range(40):
        made, rng = scene_of(level, "seen"), np.random.default_rng(level)
        walker = Walker(made)
        for _ in range(120):
            before = walker.pose
            walker.step(ACTIONS[int(rng.choice(len(ACTIONS), p=(0.02, 0.6, 0.08, 0.05, 0.05, 0.1, 0.1)))])
            here = walker.pose[:2]
            assert distance_to_walls(walker.walls, here) > WALKER_RADIUS - 1e-6
            assert clear(walker.walls, before[:2], np.array([here])).all()
            for (kind, _), place in zip(made.look.objects, made.places, strict=True):
                assert math.dist(here, place) > radius[kind] + WALKER_RADIUS - 1e-6
    along = Walker(scene({("ball", "red"): (8, 8)}, Pose(5, 0.4, 0.5)))
    along.step("forward")
    assert along.pose.x > 5.1 and along.pose.z >= WALKER_RADIUS


def test_doors_let_the_walker_and_the_eye_through() -> None:
    left, right, door = Rect(0, 4, 0, 4), Rect(4.3, 8, 0, 4), Rect(4, 4.3, 1, 3)
    left.open("east", 1, 3, 2.3)
    right.open("west", 1, 3, 2.3)
    door.open("east", 1, 3, 2.3)
    door.open("west", 1, 3, 2.3)
    made = scene({("ball", "red"): (7, 2)}, Pose(2, 2, 0), left, right, door)
    walker = Walker(made)
    assert places_of(made, walker.walls, walker.pose) == ("ahead",)
    assert places_of(made, walker.walls, Pose(3.5, 0.5, 0)) == ("hidden",)
    assert free_ahead(walker.walls, 2, 2, 0) == pytest.approx(6)
    assert free_ahead(walker.walls, 2, 0.5, 0) == pytest.approx(2)
    for _ in range(12):
        walker.step("forward")
    assert walker.pose.x > 4.3


def test_what_is_behind_or_covered_is_not_seen() -> None:
    start = Pose(2, 5, 0)
    made = scene({("pillar", "red"): (4, 5), ("ball", "blue"): (7, 5), ("box", "green"): (1, 5)}, start)
    walls = made.layout.walls()
    assert places_of(made, walls, start) == ("ahead", "hidden", "behind")
    low = scene({("box", "red"): (4.5, 5), ("pillar", "blue"): (7, 5)}, start)
    assert places_of(low, walls, start) == ("ahead", "ahead")  # a pillar shows over a box
    assert places_of(made, walls, Pose(2, 5, math.radians(25)))[0] == "right"
    assert places_of(made, walls, Pose(2, 5, math.radians(-25)))[0] == "left"


def test_players_do_all_there_is_to_do_and_see_things_again() -> None:
    taken: set[str] = set()
    again = approached = 0
    for level in range(60):
        take = walk(scene_of(level, "seen"), "explorer", 64, np.random.default_rng(level))
        taken.update(take.actions)
        seen = "".join("x" if places[0] in SEEN else "." for places in take.places)
        again += "x...." in seen and ".x" in seen.split("x....", 1)[1]
        start, end = take.poses[0], take.poses[-1]
        approached += math.dist(start[:2], end[:2]) > 1.5
    assert taken == set(ACTIONS)
    assert again > 12, "objects leave the picture and come back, so that memory can be learned"
    assert approached > 20


def test_the_same_seed_walks_the_same_way() -> None:
    def actions(seed: int) -> list[str]:
        walker = Walker(scene_of(3, "seen"))
        moves = play("explorer", walker, np.random.default_rng(seed))
        taken = []
        for _ in range(50):
            taken.append(next(moves))
            walker.step(taken[-1])
        return taken

    assert actions(1) == actions(1) != actions(2)
