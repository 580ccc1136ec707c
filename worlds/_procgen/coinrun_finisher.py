"""A CoinRun player that reaches the coin: it tries each move in a small copy of the game's physics."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .policies import See
from .state import ProcgenState

GOAL, SAW, ENEMY, CRATE = 1, 2, 5, 20
WALLS, LAVA = (15, 16), (17, 18)
_MIXRATE, _MAX_SPEED, _MAX_JUMP, _GRAVITY, _AIR_CONTROL = 0.2, 0.5, 1.5, 0.2, 0.15
_HALF_WIDTH, _HALF_HEIGHT = 0.49, 0.5787
_LOOK_AHEAD = 34
_FREE_RUN = 13.0
_SIDE = 16
_ENEMY_BARRIER = 19
_WALL, _LAVA, _GOAL, _BARRIER = 1, 2, 4, 8
_EFFECT = np.zeros(256, np.int64)
_EFFECT[list(WALLS)], _EFFECT[list(LAVA)], _EFFECT[GOAL] = _WALL, _LAVA, _GOAL
_EFFECT[_ENEMY_BARRIER] = _BARRIER
_GETS_ON = 2.0
_TRIES = 16
_AFTER_JUMP = 12


class _Move(NamedTuple):
    """A direction (-1, 0, 1) for each frame, the last one going on; and when to jump, if standing then."""

    ways: tuple[int, ...]
    jump: int | None = None

    def action(self, frame: int) -> str:
        name = ("left", "", "right")[self.ways[min(frame, len(self.ways) - 1)] + 1]
        return "+".join(filter(None, (name, "up" if frame == self.jump else ""))) or "noop"


_GROUND_MOVES = (
    _Move((1,)),
    _Move((1,), 0),
    _Move((1,), 4),
    _Move((1,), 8),
    _Move((1, 1, 1, 0), 0),
    _Move((1, 1, 1, -1), 0),
    _Move((0,)),
    _Move((-1, -1, -1, -1, 0)),
)
_AIR_MOVES = (_Move((1,)), _Move((0,)), _Move((-1,)))


class Finisher:
    """Goes right to the coin, over walls, lava, saws and enemies; where no simple move leads on it tries
    random run-ups and jumps in its head, and carries the best one out."""

    def __init__(self, action_names: tuple[str, ...]) -> None:
        self._index = {name: i for i, name in enumerate(action_names)}
        self._plan: list[int] = []

    def act(self, see: See, rng: np.random.Generator) -> int:
        if not self._plan:
            course = _Course(see())
            move, reached, frames = *course.best(_GROUND_MOVES if course.supported else _AIR_MOVES), 2
            if course.supported and reached < course.x + _GETS_ON:
                wild, further = course.best(tuple(_wild_move(rng) for _ in range(_TRIES)))
                if further > reached + 0.5:
                    move, frames = wild, (wild.jump or 0) + _AFTER_JUMP
            self._plan = [self._index[move.action(frame)] for frame in range(frames)]
        return self._plan.pop(0)


def _wild_move(rng: np.random.Generator) -> _Move:
    """Back off for a while, run, jump, and steer in the air, all for random times."""
    back, run, air = int(rng.integers(0, 12)), int(rng.integers(0, 12)), int(rng.integers(1, 12))
    ways = (-1,) * back + (1,) * (run + air) + (int(rng.integers(-1, 2)),)
    return _Move(ways, back + run)


class _Course:
    """The level around the agent, and where a move would take it."""

    def __init__(self, state: ProcgenState) -> None:
        agent = state.agent
        self._start = x, y, _, vy = tuple(float(agent[name]) for name in ("x", "y", "vx", "vy"))
        self._left, self._bottom = int(x) - _SIDE, int(y) - _SIDE
        self._cells = self._window(state.tiles).tolist()
        ents = state.entities
        near = np.isin(ents["type"], (SAW, ENEMY)) & (abs(ents["x"] - x) < _SIDE)
        self._dangers = [(self._track(e), float(e["y"])) for e in ents[near]]
        # the state's own has_support flag is one step old, so it is worked out afresh
        on_crate = bool(state.tail["is_on_crate"][0])  # type: ignore[call-overload]
        self.supported = vy == 0 and (on_crate or bool(self._touched(x, y - 0.02) & _WALL))

    def _window(self, tiles: np.ndarray) -> np.ndarray:
        """What each cell near the agent does to it, as bits; all is wall beyond the grid."""
        kinds = np.full((2 * _SIDE + 1, 2 * _SIDE + 1), _WALL)
        bottom, left = max(0, self._bottom), max(0, self._left)
        inside = _EFFECT[tiles[bottom : self._bottom + 2 * _SIDE + 1, left : self._left + 2 * _SIDE + 1]]
        row, column = bottom - self._bottom, left - self._left
        kinds[row : row + inside.shape[0], column : column + inside.shape[1]] = inside
        return kinds

    @property
    def x(self) -> float:
        return self._start[0]

    def best(self, moves: tuple[_Move, ...]) -> tuple[_Move, float]:
        """The move that leads farthest, and how far; the first that finds the way free will do."""
        best, farthest = moves[0], -np.inf
        for move in moves:
            reached = self.outcome(move)
            if reached > farthest:
                best, farthest = move, reached
            if farthest > self.x + _FREE_RUN:
                break
        return best, farthest

    def outcome(self, move: _Move) -> float:
        """How far right the move leads within the look-ahead; far below zero where it kills."""
        x, y, vx, vy = self._start
        supported = self.supported
        for frame in range(_LOOK_AHEAD):
            way = move.ways[min(frame, len(move.ways) - 1)]
            mix = _MIXRATE if supported else _MIXRATE * _AIR_CONTROL
            vx = (1 - mix) * vx + mix * _MAX_SPEED * way
            vy = _MAX_JUMP if frame == move.jump and supported else max(vy - _GRAVITY, -_MAX_JUMP)
            if self._touched(x + vx, y) & _WALL:
                vx = 0.0
            x += vx
            supported = False
            if self._touched(x, y + vy) & _WALL:
                supported, vy = vy <= 0, 0.0
                y = round(y - _HALF_HEIGHT) + _HALF_HEIGHT + 0.01 if supported else y
            y += vy
            touched = self._touched(x, y)
            if touched & _GOAL:
                return 1000.0 - frame
            if touched & _LAVA or self._touches_danger(x, y, frame):
                return frame - 1000.0
        return x + (0.0 if supported else -1.0)

    def _touched(self, x: float, y: float) -> int:
        """The bits of all cells that the agent's body overlaps at (x, y)."""
        left, right = int(x - _HALF_WIDTH) - self._left, int(x + _HALF_WIDTH) - self._left
        low, high = int(y - _HALF_HEIGHT) - self._bottom, int(y + _HALF_HEIGHT) - self._bottom
        if left < 0 or low < 0 or right > 2 * _SIDE or high > 2 * _SIDE:
            return _WALL
        cells, middle = self._cells, int(y) - self._bottom
        return int(
            cells[low][left] | cells[low][right] | cells[high][left] | cells[high][right]
            | cells[middle][left] | cells[middle][right]
        )  # fmt: skip

    def _track(self, entity: np.void) -> list[float]:
        """Where a saw or an enemy will be in each frame: an enemy turns round at walls and barriers."""
        x, vx = float(entity["x"]), float(entity["vx"])
        track = []
        for _ in range(_LOOK_AHEAD):
            ahead = int(x + vx + (0.5 if vx > 0 else -0.5)) - self._left
            row = int(entity["y"]) - self._bottom
            inside = 0 <= ahead <= 2 * _SIDE and 0 <= row <= 2 * _SIDE
            if vx and inside and self._cells[row][ahead] & (_WALL | _BARRIER):
                vx = -vx
            x += vx
            track.append(x)
        return track

    def _touches_danger(self, x: float, y: float, frame: int) -> bool:
        return any(abs(track[frame] - x) < 1.05 and abs(ey - y) < 1.1 for track, ey in self._dangers)
