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
_LOOK_AHEAD = 22
_SIDE = 16
_WALL, _LAVA, _GOAL = 1, 2, 4
_EFFECT = np.zeros(256, np.int64)
_EFFECT[list(WALLS)], _EFFECT[list(LAVA)], _EFFECT[GOAL] = _WALL, _LAVA, _GOAL
_PATIENCE = 15  # looks without getting on


class _Move(NamedTuple):
    action: str
    ways: tuple[int, ...]  # direction held in each frame of the look-ahead; the last one goes on
    jump: bool


_GROUND_MOVES = (
    _Move("right", (1,), False),
    _Move("right+up", (1,), True),
    _Move("right+up", (1,) * 3 + (0,), True),
    _Move("right+up", (1,) * 3 + (-1,), True),
    _Move("up", (0,), True),
    _Move("noop", (0,), False),
    _Move("left", (-1,) * 4 + (0,), False),
    _Move("left+up", (-1,), True),
)
_AIR_MOVES = (_Move("right", (1,), False), _Move("noop", (0,), False), _Move("left", (-1,), False))


class Finisher:
    """Goes right to the coin, over walls, lava, saws and enemies, and backs off when it gets nowhere."""

    def __init__(self, action_names: tuple[str, ...]) -> None:
        self._index = {name: i for i, name in enumerate(action_names)}
        self._best_x, self._waited, self._backing = 0.0, 0, 0
        self._held, self._hold = 0, 0

    def act(self, see: See, rng: np.random.Generator) -> int:
        if self._backing:
            self._backing -= 1
            return self._index["left" if self._backing > 1 else "right"]
        if self._hold:
            self._hold -= 1
            return self._held
        state = see()
        self._notice_progress(float(state.agent["x"]), rng)
        course = _Course(state)
        moves = _GROUND_MOVES if course.supported else _AIR_MOVES
        outcomes = [course.outcome(move) for move in moves]
        self._held = self._index[moves[outcomes.index(max(outcomes))].action]
        self._hold = 1  # look again in two frames: half the work, and no worse
        return self._held

    def _notice_progress(self, x: float, rng: np.random.Generator) -> None:
        if x > self._best_x + 0.2 or x < self._best_x - 8:
            self._best_x, self._waited = x, 0
        self._waited += 1
        if self._waited > _PATIENCE:
            self._waited, self._backing = 0, int(rng.integers(4, 16))


class _Course:
    """The level around the agent, and where a move would take it."""

    def __init__(self, state: ProcgenState) -> None:
        agent = state.agent
        self._start = x, y, _, vy = tuple(float(agent[name]) for name in ("x", "y", "vx", "vy"))
        self._left, self._bottom = int(x) - _SIDE, int(y) - _SIDE
        self._cells = self._window(state.tiles).tolist()
        ents = state.entities
        near = np.isin(ents["type"], (SAW, ENEMY)) & (abs(ents["x"] - x) < _SIDE)
        self._dangers = [(float(e["x"]), float(e["y"]), float(e["vx"])) for e in ents[near]]
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

    def outcome(self, move: _Move) -> float:
        """How far right the move leads within the look-ahead; far below zero where it kills."""
        x, y, vx, vy = self._start
        supported = self.supported
        for frame in range(_LOOK_AHEAD):
            way = move.ways[min(frame, len(move.ways) - 1)]
            mix = _MIXRATE if supported else _MIXRATE * _AIR_CONTROL
            vx = (1 - mix) * vx + mix * _MAX_SPEED * way
            vy = _MAX_JUMP if move.jump and frame == 0 else max(vy - _GRAVITY, -_MAX_JUMP)
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

    def _touches_danger(self, x: float, y: float, frame: int) -> bool:
        for ex, ey, evx in self._dangers:
            reach = 1.05 + (0.15 * min(frame, 6) if evx else 0.0)
            if abs(ex + evx * min(frame, 3) - x) < reach and abs(ey - y) < 1.2:
                return True
        return False
