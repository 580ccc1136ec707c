"""Many sessions of one world, stepped together on one shared engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

import genie
from genie.core.errors import UsageError
from genie.envs.world_env import WorldEnv
from genie.runtime.devices import default_threads
from genie.runtime.world import World
from genie.worlds import find_bundle

Found = TypeVar("Found")


class _Outcome(NamedTuple):
    """What one session's turn came to; `final` is the last frame and info of an episode just left."""

    frame: np.ndarray
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]
    final: tuple[np.ndarray, dict[str, Any]] | None = None


class WorldVectorEnv(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """`num_envs` environments on one engine: what one costs in memory, and stepped by as many threads as pay.

    Each behaves, bit for bit, like a WorldEnv of its own; seeds, autoreset and infos are as in Gymnasium's
    SyncVectorEnv. ONNX Runtime lets go of Python's lock while it computes: on a CPU one thread a core, each
    with a session of its own, beats giving all cores to one session after the other (docs/log.md).
    """

    def __init__(
        self,
        world: str | Path | World,
        num_envs: int = 1,
        *,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        workers: int | None = None,
        device: str = "auto",
        **env: Any,
    ) -> None:
        """Open a world once, for all.

        `max_episode_steps` cuts episodes off (None or -1: never); `workers` is how many sessions are stepped
        at a time (None: what suits the machine); `env` is what WorldEnv takes.
        """
        if num_envs < 1:
            raise UsageError(f"A vector of {num_envs} environments is none: give at least 1.")
        self.world = world if isinstance(world, World) else _shared(world, device, num_envs)
        self.envs = tuple(WorldEnv(self.world, **env) for _ in range(num_envs))
        self.num_envs = num_envs
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.envs[0].metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = self.envs[0].render_mode
        if self.render_mode == "human" and num_envs > 1:
            raise UsageError("One window shows one environment: use render_mode='rgb_array' for several.")
        self.single_observation_space = self.envs[0].observation_space
        self.single_action_space = self.envs[0].action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._limit = None if max_episode_steps is None or max_episode_steps < 0 else max_episode_steps
        self._over = np.zeros(num_envs, np.bool_)
        self._frames = np.zeros((num_envs, *self.world.frame_size, 3), np.uint8)
        workers = min(num_envs, workers or default_threads())
        # One at a time is done in the caller's own thread: some systems let no other draw a window.
        self._pool = ThreadPoolExecutor(workers, "genie-env") if workers > 1 else None

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode in each, or in those that options["reset_mask"], bool [num_envs], names.

        An integer seed gives environment i the seed `seed + i`. Returns the frames uint8 [num_envs, height,
        width, 3] and infos.
        """
        rest = dict(options or {})
        mask = _mask(rest.pop("reset_mask", None), self.num_envs)
        seeds = self._seeds(seed)
        chosen = [i for i in range(self.num_envs) if mask[i]]
        started = self._each(lambda i: self.envs[i].reset(seed=seeds[i], options=rest), chosen)
        infos: dict[str, Any] = {}
        for i, (frame, info) in zip(chosen, started, strict=True):
            self._frames[i] = frame
            self._over[i] = False
            infos = self._add_info(infos, info, i)
        return self._frames.copy(), infos

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Take an action in each: int [num_envs]; rewards come as float64, endings as bool [num_envs]."""
        if len(actions) != self.num_envs:
            raise UsageError(f"{len(actions)} actions for {self.num_envs} environments.")
        if self.autoreset_mode is AutoresetMode.DISABLED and self._over.any():
            raise UsageError(f"Reset the environments {np.flatnonzero(self._over).tolist()} first.")
        outcomes = self._each(self._turn, range(self.num_envs), actions)
        infos: dict[str, Any] = {}
        for i, outcome in enumerate(outcomes):
            self._frames[i] = outcome.frame
            if outcome.final is not None:
                final = {"final_obs": outcome.final[0], "final_info": outcome.final[1]}
                infos = self._add_info(infos, final, i)
            infos = self._add_info(infos, outcome.info, i)
        rewards = np.array([outcome.reward for outcome in outcomes], np.float64)
        terminated = np.array([outcome.terminated for outcome in outcomes], np.bool_)
        truncated = np.array([outcome.truncated for outcome in outcomes], np.bool_)
        self._over = terminated | truncated
        return self._frames.copy(), rewards, terminated, truncated, infos

    def render(self) -> tuple[np.ndarray | None, ...]:  # type: ignore[override]
        """Return every environment's frame."""
        return tuple(env.render() for env in self.envs)

    def close_extras(self, **kwargs: Any) -> None:
        """Stop the threads and close the window."""
        if self._pool:
            self._pool.shutdown()
        for env in self.envs:
            env.close()

    def _each(self, turn: Callable[..., Found], *given: Iterable[Any]) -> list[Found]:
        """Return what each turn comes to; the first error is raised once no turn is in hand any more."""
        if self._pool is None:
            return list(map(turn, *given))
        turns = [self._pool.submit(turn, *each) for each in zip(*given, strict=True)]
        wait(turns)
        return [ended.result() for ended in turns]

    def _turn(self, i: int, action: int) -> _Outcome:
        env = self.envs[i]
        if self._over[i] and self.autoreset_mode is AutoresetMode.NEXT_STEP:
            frame, info = env.reset()
            return _Outcome(frame, 0.0, False, False, info)
        frame, reward, terminated, _, info = env.step(action)
        truncated = self._limit is not None and env.session.index >= self._limit
        if (terminated or truncated) and self.autoreset_mode is AutoresetMode.SAME_STEP:
            final = (frame, info)
            frame, info = env.reset()
            return _Outcome(frame, reward, terminated, truncated, info, final)
        return _Outcome(frame, reward, terminated, truncated, info)

    def _seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, int | np.integer):
            return [int(seed) + i for i in range(self.num_envs)]
        seeds = [None if each is None else int(each) for each in seed]
        if len(seeds) != self.num_envs:
            raise UsageError(f"{len(seeds)} seeds for {self.num_envs} environments.")
        return seeds


def _shared(world: str | Path, device: str, num_envs: int) -> World:
    """Open a world for many sessions at a time: on a CPU each graph then runs on one thread."""
    if num_envs == 1:
        return genie.load(world, device=device)
    return World.open(find_bundle(world), device=device, threads=1)


def _mask(mask: object, num_envs: int) -> np.ndarray:
    if mask is None:
        return np.ones(num_envs, np.bool_)
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (num_envs,):
        raise UsageError(f"options['reset_mask'] is a numpy array of {num_envs} booleans.")
    if not mask.any():
        raise UsageError("options['reset_mask'] names no environment: set at least one of it.")
    return mask
