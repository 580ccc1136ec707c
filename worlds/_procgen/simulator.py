"""Many Procgen environments stepped at once, with their states in reach."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from typing import Any

import numpy as np

from genie.core.errors import SourceError

INSTALL = (
    "the Procgen simulator is not installed (its declared pins clash with a current numpy): run  "
    "pip install -c constraints.txt imageio filelock cffi && "
    "pip install --no-deps -c constraints.txt procgen-mirror gym3"
)
_STATE_BYTES = 1 << 20


def _import_procgen() -> Any:
    """The procgen package, imported without gym, in which it would only register its environments."""
    stand_ins: dict[str, types.ModuleType] = {}
    if importlib.util.find_spec("gym") is None:
        for name in ("gym", "gym.envs", "gym.envs.registration"):
            stand_ins[name] = types.ModuleType(name)
        stand_ins["gym.envs.registration"].register = lambda **_: None  # type: ignore[attr-defined]
    sys.modules.update(stand_ins)
    try:
        return importlib.import_module("procgen")
    except (ImportError, OSError) as error:
        raise SourceError(f"{INSTALL}  ({str(error).splitlines()[0]})") from error
    finally:
        for name in stand_ins:
            sys.modules.pop(name, None)


class Simulator:
    """`count` environments of one game on the levels of `levels` (level numbers, drawn by `seed`).

    Frames are uint8 [count, 64, 64, 3]. Raises SourceError, saying what to install, without the simulator.
    """

    def __init__(self, game: str, *, count: int, levels: range, seed: int, threads: int = 2) -> None:
        if len(levels) < 1:
            raise ValueError("levels must not be empty: Procgen takes 0 levels to mean all of them")
        self._env = _import_procgen().ProcgenGym3Env(
            num=count,
            env_name=game,
            distribution_mode="hard",
            start_level=levels.start,
            num_levels=len(levels),
            rand_seed=seed % (2**31 - 1),
            num_threads=threads,
        )
        self.count = count
        self._buffer = self._env._ffi.new("char[]", _STATE_BYTES)

    def observe(self) -> tuple[np.ndarray, np.ndarray]:
        """Frames now, and bool [count]: whether each is the first of a new level."""
        _, observation, first = self._env.observe()
        return observation["rgb"], np.asarray(first, bool)

    def step(self, actions: np.ndarray) -> None:
        """Act once in every environment; `actions` are Procgen's own numbers, -1 asks for another level."""
        self._env.act(np.asarray(actions, np.int32))

    def state(self, index: int) -> bytes:
        # the library's own get_state makes a fresh 1 MB buffer for each environment: four times slower
        size = self._env.call_c_func("get_state", index, self._buffer, _STATE_BYTES)
        return bytes(self._env._ffi.buffer(self._buffer, size))

    def set_state(self, index: int, state: bytes) -> None:
        """Put one environment into `state`; the next `observe` shows it."""
        self._env.call_c_func("set_state", index, state, len(state))

    def close(self) -> None:
        self._env.close()
