"""The serialised state of a Procgen environment, parsed into named fields and written back byte for byte."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

_F, _I = "<f4", "<i4"


def _record(floats_and_ints: str) -> np.dtype:
    """A record type from "name:f name:i ..." (little-endian, 4 bytes a field)."""
    fields = (field.split(":") for field in floats_and_ints.split())
    return np.dtype([(name, _F if kind == "f" else _I) for name, kind in fields])


OPTIONS = _record(
    "paint_vel_info:i use_generated_assets:i use_monochrome_assets:i restrict_themes:i use_backgrounds:i "
    "center_agent:i debug_mode:i distribution_mode:i use_sequential_levels:i use_easy_jump:i plain_assets:i "
    "physics_mode:i grid_step:i level_seed_low:i level_seed_high:i game_type:i game_n:i"
)
STEP = _record(
    "reward:f done:i level_complete:i action:i timeout:i level_seed:i previous_level_seed:i "
    "episodes_remaining:i episode_done:i last_reward_timer:i last_reward:f default_action:i "
    "fixed_asset_seed:i time:i waiting:i"
)
ENTITY = _record(
    "x:f y:f vx:f vy:f rx:f ry:f type:i image_type:i image_theme:i render_z:i will_erase:i "
    "collides_with_entities:i collision_margin:f rotation:f vrot:f is_reflected:i fire_time:i spawn_time:i "
    "life_time:i expire_time:i use_abs_coords:i friction:f smart_step:i avoids_collisions:i auto_erase:i "
    "alpha:f health:f theta:f grow_rate:f alpha_decay:f climber_spawn_x:f"
)
VIEW = _record(
    "use_procgen_background:i background:i bg_tile_ratio:f bg_pct_x:f char_dim:f last_move_action:i "
    "move_action:i special_action:i mixrate:f maxspeed:f max_jump:f action_vx:f action_vy:f action_vrot:f "
    "center_x:f center_y:f random_agent_start:i has_useful_vel_info:i step_rand_int:i"
)
SIZE = _record(
    "main_width:i main_height:i out_of_bounds_object:i unit:f view_dim:f x_off:f y_off:f visibility:f "
    "min_visibility:f"
)
COINRUN_TAIL = _record(
    "last_agent_y:f ground:i has_support:i facing_right:i is_on_crate:i gravity:f air_control:f end:i"
)
CLIMBER_TAIL = _record(
    "has_support:i facing_right:i coin_quota:i coins_collected:i wall_theme:i gravity:f air_control:f end:i"
)
JUMPER_TAIL = _record(
    "jump_count:i jump_delta:i jump_time:i has_support:i facing_right:i wall_theme:i compass_dim:f end:i"
)
NINJA_TAIL = _record(
    "has_support:i facing_right:i last_fire_time:i wall_theme:i gravity:f air_control:f jump_charge:f "
    "jump_charge_inc:f end:i"
)
_TAILS = {"coinrun": COINRUN_TAIL, "climber": CLIMBER_TAIL, "jumper": JUMPER_TAIL, "ninja": NINJA_TAIL}
AGENT = 0
_VERSION = 0


class StateError(ValueError):
    """The bytes are not a Procgen state of the version this parser knows."""


class _Cursor:
    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def integer(self) -> int:
        value = int(struct.unpack_from("<i", self.raw, self._advance(4))[0])
        return value

    def text(self) -> bytes:
        size = self.integer()
        start = self._advance(size)
        return self.raw[start : start + size]

    def records(self, kind: np.dtype, count: int) -> np.ndarray:
        start = self._advance(kind.itemsize * count)
        return np.frombuffer(self.raw, kind, count, start).copy()

    def _advance(self, size: int) -> int:
        start = self.at
        if size < 0 or start + size > len(self.raw):
            raise StateError("the state ends in mid-field")
        self.at += size
        return start


@dataclass(kw_only=True)
class ProcgenState:
    """One environment's state; every field may be edited before `to_bytes`.

    `entities` [n] and the one-element records `options`, `step`, `view`, `size` are structured arrays;
    `tiles` is int32 [height, width] with row 0 at the bottom; `tail` is what the game itself adds
    (a one-element record in games of platforms, raw bytes elsewhere).
    """

    game: str
    options: np.ndarray
    generators: list[tuple[int, bytes]]
    step: np.ndarray
    grid_size: int
    entities: np.ndarray
    view: np.ndarray
    size: np.ndarray
    tiles: np.ndarray
    tail: np.ndarray | bytes

    @classmethod
    def parse(cls, raw: bytes) -> ProcgenState:
        """The state held in `raw`; raises StateError for another version or a torn state."""
        cursor = _Cursor(raw)
        if (version := cursor.integer()) != _VERSION:
            raise StateError(f"state version {version}: this parser knows version {_VERSION}")
        game = cursor.text().decode("ascii", "replace")
        options = cursor.records(OPTIONS, 1)
        generators = [(cursor.integer(), cursor.text()) for _ in range(2)]
        step = cursor.records(STEP, 1)
        grid_size = cursor.integer()
        entities = cursor.records(ENTITY, cursor.integer())
        view = cursor.records(VIEW, 1)
        generators.append((cursor.integer(), cursor.text()))
        size = cursor.records(SIZE, 1)
        width, height, count = cursor.integer(), cursor.integer(), cursor.integer()
        if count != width * height:
            raise StateError(f"{count} tiles for a grid of {width}x{height}")
        tiles = cursor.records(np.dtype(_I), count).reshape(height, width)
        tail: np.ndarray | bytes = raw[cursor.at :]
        if (kind := _TAILS.get(game)) is not None:
            tail = cursor.records(kind, 1)
            if cursor.at != len(raw):
                raise StateError(f"{len(raw) - cursor.at} bytes too many at the end of a {game} state")
        return cls(
            game=game,
            options=options,
            generators=generators,
            step=step,
            grid_size=grid_size,
            entities=entities,
            view=view,
            size=size,
            tiles=tiles,
            tail=tail,
        )

    def to_bytes(self) -> bytes:
        """The same state as the simulator writes it."""
        level, main, assets = (_integer(seeded) + _text(state) for seeded, state in self.generators)
        height, width = self.tiles.shape
        parts = [_integer(_VERSION), _text(self.game.encode("ascii")), self.options.tobytes(), level, main]
        parts += [self.step.tobytes(), _integer(self.grid_size), _integer(len(self.entities))]
        parts += [self.entities.tobytes(), self.view.tobytes(), assets, self.size.tobytes()]
        parts += [_integer(width), _integer(height), _integer(width * height), self.tiles.tobytes()]
        parts.append(self.tail if isinstance(self.tail, bytes) else self.tail.tobytes())
        return b"".join(parts)

    @property
    def agent(self) -> np.void:
        """The player's entity (a view: assigning to its fields edits the state)."""
        return self.entities[int(np.flatnonzero(self.entities["type"] == AGENT)[0])]

    @property
    def level(self) -> int:
        return int(self.step["level_seed"][0])


def _integer(value: int) -> bytes:
    return struct.pack("<i", value)


def _text(value: bytes) -> bytes:
    return _integer(len(value)) + value
