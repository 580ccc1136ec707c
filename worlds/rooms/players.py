"""Who walks: tasks that follow one another, each a generator of action names."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from .lines import clear, distance_to_walls, free_ahead
from .scene import direction
from .walker import ACTIONS, TURN, Walker

Task = Iterator[str]
PLAYERS = ("explorer", "sticky")
SHARES = (0.9, 0.1)
_NEAR_WALL = 1.6  # metres: nearer than this there is nothing but wall in the picture
_STOP = (1.4, 2.2)  # metres before an object
_STUCK, _PATIENCE = 0.05, 3  # metres a frame, frames: something is in the way
_SLIP, _SPELL = 0.015, 5


def play(player: str, walker: Walker, rng: np.random.Generator) -> Task:
    """The endless walk of a player; it looks at the walker before each action."""
    return _sticky(rng) if player == "sticky" else _slipping(_explore(walker, rng), rng)


def _explore(walker: Walker, rng: np.random.Generator) -> Task:
    while True:
        yield from _task(rng)(walker, rng)
        yield from ["noop"] * int(rng.choice((0, 0, 0, 2, 5)))


def _task(rng: np.random.Generator) -> Callable[[Walker, np.random.Generator], Task]:
    tasks = (_look_and_return, _approach, _wander, _look_around, _step_back)
    return tasks[int(rng.choice(len(tasks), p=(0.23, 0.28, 0.18, 0.07, 0.24)))]


def _look_and_return(walker: Walker, rng: np.random.Generator) -> Task:
    """Turn away, and after a while turn back: what was there has to be there again."""
    ways = ["left", "right"] if rng.random() < 0.5 else ["right", "left"]
    frames = int(rng.integers(3, 15))
    yield from [ways[0]] * frames
    yield from ["noop"] * int(rng.integers(0, 4))
    yield from [ways[1]] * frames


def _look_around(walker: Walker, rng: np.random.Generator) -> Task:
    yield from [("left", "right")[int(rng.integers(2))]] * int(rng.integers(16, 49))


def _step_back(walker: Walker, rng: np.random.Generator) -> Task:
    """Walk backwards until something is in the way, often forwards again."""
    gone = 0
    for _ in range(int(rng.integers(4, 25))):
        before = walker.pose[:2]
        yield "back"
        gone += 1
        if math.dist(before, walker.pose[:2]) < _STUCK:
            break
    if rng.random() < 0.6:
        yield from ["forward"] * gone


def _approach(walker: Walker, rng: np.random.Generator) -> Task:
    """Walk to one of the objects, through doors if need be, and stop before it."""
    goal = walker.things[int(rng.integers(len(walker.things)))]
    stop = float(rng.uniform(*_STOP))
    for point in (*_way(walker, goal), goal):
        yield from _walk_to(walker, point, stop if point is goal else 0.5)


def _wander(walker: Walker, rng: np.random.Generator) -> Task:
    """Walk on, in bends, and turn off before walls."""
    for _ in range(int(rng.integers(1, 4))):
        action = ("forward", "forward", "forward+left", "forward+right")[int(rng.integers(4))]
        for _ in range(int(rng.integers(5, 16))):
            if _room_ahead(walker) < _NEAR_WALL:
                break
            yield action
        yield from _turn_off(walker)


def _turn_off(walker: Walker) -> Task:
    x, z, angle = walker.pose
    sides = [free_ahead(walker.walls, x, z, angle + side * 0.9) for side in (1, -1)]
    way = "left" if sides[0] > sides[1] else "right"
    for _ in range(24):
        if _room_ahead(walker) > 1.5 * _NEAR_WALL:
            return
        yield way


def _walk_to(walker: Walker, point: tuple[float, float], stop: float) -> Task:
    held_up = 0
    for _ in range(80):
        x, z, angle = walker.pose
        away = math.dist((x, z), point)
        turn = (direction((x, z), point) - angle + math.pi) % (2 * math.pi) - math.pi
        side = "left" if turn > 0 else "right"
        if (away < stop and abs(turn) < 2 * TURN) or held_up == _PATIENCE:
            return
        if abs(turn) > (TURN if away < stop else 4 * TURN):
            yield side
            continue
        yield f"forward+{side}" if abs(turn) > 0.7 * TURN else "forward"
        held_up = held_up + 1 if math.dist((x, z), walker.pose[:2]) < _STUCK else 0


def _way(walker: Walker, goal: tuple[float, float]) -> list[tuple[float, float]]:
    """Points to pass on the way to a goal that cannot be seen from here: middles of rooms and doorways."""
    here = (walker.pose.x, walker.pose.z)
    centres = [tuple(np.mean(room.corners, 0).tolist()) for room in walker.scene.layout.rooms]
    points = [here, *(centre for centre in centres if distance_to_walls(walker.walls, centre) > 0.5), goal]
    reached = {0: [0]}
    for at in (waiting := [0]):
        open_ways = clear(walker.walls, points[at], np.array(points))
        for other in np.flatnonzero(open_ways):
            if int(other) not in reached and other != at:
                reached[int(other)] = [*reached[at], int(other)]
                waiting.append(int(other))
    return [points[i] for i in reached.get(len(points) - 1, [0])[1:-1]]


def _sticky(rng: np.random.Generator) -> Task:
    """Any action, held for a while."""
    while True:
        yield from [ACTIONS[int(rng.integers(len(ACTIONS)))]] * int(rng.integers(1, 10))


def _slipping(task: Task, rng: np.random.Generator) -> Task:
    """Another player whose hand slips: now and then it holds a random action for a moment."""
    for action in task:
        if rng.random() < _SLIP:
            yield from [ACTIONS[int(rng.integers(len(ACTIONS)))]] * int(rng.integers(1, _SPELL + 1))
        yield action


def _room_ahead(walker: Walker) -> float:
    return free_ahead(walker.walls, *walker.pose)
