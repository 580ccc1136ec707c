"""One trajectory's buffers, bound once to the graphs, so that a step neither allocates nor grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnxruntime import OrtValue

from genie.runtime.engine import Engine


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """All that the next frames depend on, besides what the player does.

    `tokens` int64 [1, N, D] of the current frame; `frames` uint8 [1, K, height, width, 3], the last K as
    pixels, the current one last; `cache` float32 [W, L, 2, 1, N, E], None before the first step, when it is
    all zeros.
    """

    tokens: np.ndarray
    frames: np.ndarray
    cache: np.ndarray | None

    @property
    def nbytes(self) -> int:
        """The memory it takes, in bytes."""
        return self.tokens.nbytes + self.frames.nbytes + (0 if self.cache is None else self.cache.nbytes)


class _Buffer:
    """A tensor of fixed shape that stays where it is, on the CPU or the GPU."""

    def __init__(self, shape: tuple[int, ...], kind: type, device: str) -> None:
        self.value = OrtValue.ortvalue_from_numpy(np.zeros(shape, kind), device, 0)
        self._shape, self._kind = shape, kind

    def set(self, array: np.ndarray) -> None:
        assert array.shape == self._shape, (array.shape, self._shape)
        assert array.dtype == self._kind, (array.dtype, self._kind)
        self.value.update_inplace(np.ascontiguousarray(array))

    def get(self) -> np.ndarray:
        """Return a copy: on the CPU, `numpy()` shows the buffer itself."""
        return np.array(self.value.numpy())


class Stepper:
    """Runs dynamics and decoding on its own state.

    The cache is one buffer, bound as both input and output: the graph writes the current frame's entry into
    it. With `share_cache` false two buffers take turns, which must make no difference (it is how a test
    checks a graph).
    """

    def __init__(self, engine: Engine, *, share_cache: bool = True) -> None:
        m, device = engine.manifest, engine.device
        self._engine = engine
        self._tokens, self._next_tokens = (_Buffer((1, *m.token_shape), np.int64, device) for _ in range(2))
        self._frames = _Buffer((1, m.history, *m.frame_size, 3), np.uint8, device)
        self._condition = _Buffer(engine.condition_shape, np.float32, device)
        self._noise = _Buffer(engine.noise_shape, np.float32, device)
        self._temperature = _Buffer((1,), np.float32, device)
        self._action, self._position = (_Buffer((1,), np.int64, device) for _ in range(2))
        self._frame = _Buffer((1, *m.frame_size, 3), np.uint8, device)
        self._cache = _Buffer(engine.cache_shape, np.float32, device)
        self._next_cache = self._cache if share_cache else _Buffer(engine.cache_shape, np.float32, device)
        self._recent = np.zeros((1, m.history, *m.frame_size, 3), np.uint8)
        self._used = False
        self._dynamics = self._bind_dynamics()
        self._decode = engine.decode_graph.io_binding()
        self._decode.bind_ortvalue_input("tokens", self._next_tokens.value)
        self._decode.bind_ortvalue_output(engine.decode_graph.get_outputs()[0].name, self._frame.value)

    def load(self, state: State) -> None:
        """Become `state`, which is copied."""
        self._tokens.set(state.tokens)
        self._recent[:] = state.frames
        if state.cache is not None:
            self._cache.set(state.cache)
        elif self._used:
            self._cache.set(np.zeros(self._engine.cache_shape, np.float32))
        self._used = state.cache is not None

    def state(self) -> State:
        """Return a copy of the state."""
        cache = self._cache.get() if self._used else None
        return State(tokens=self._tokens.get(), frames=self._recent.copy(), cache=cache)

    @property
    def frame(self) -> np.ndarray:
        """A copy of the current frame, uint8 [height, width, 3]."""
        return self._recent[0, -1].copy()

    @property
    def tokens(self) -> np.ndarray:
        """The current frame's tokens, int64 [1, N, D]; a copy."""
        return self._tokens.get()

    def set_condition(self, condition: np.ndarray) -> None:
        """Take what the prompt asks, float32 [1, C], for the steps to come."""
        self._condition.set(condition)

    def step(
        self,
        position: int,
        action: int,
        noise: np.ndarray,
        temperature: float,
        given: np.ndarray | None = None,
    ) -> None:
        """Go from frame `position` to the next; a state that an interrupted step leaves must be replaced.

        `given`, tokens int64 [1, N, D], stands in for what the world makes of it.
        """
        self._used = True
        self._frames.set(self._recent)
        self._action.set(np.array([action], np.int64))
        self._noise.set(noise)
        self._temperature.set(np.array([temperature], np.float32))
        self._position.set(np.array([position], np.int64))
        self._engine.dynamics_graph.run_with_iobinding(self._dynamics)
        if self._next_cache is not self._cache:
            self._cache.set(self._next_cache.value.numpy())
        if given is not None:
            self._next_tokens.set(given)
        self._engine.decode_graph.run_with_iobinding(self._decode)
        self._tokens.set(self._next_tokens.value.numpy())
        self._recent[:, :-1] = self._recent[:, 1:]
        self._recent[:, -1] = self._frame.value.numpy()

    def _bind_dynamics(self) -> object:
        graph = self._engine.dynamics_graph
        binding = graph.io_binding()
        inputs = {
            "tokens": self._tokens,
            "frames": self._frames,
            "action": self._action,
            "condition": self._condition,
            "noise": self._noise,
            "temperature": self._temperature,
            "position": self._position,
            "cache": self._cache,
        }
        for name, buffer in inputs.items():
            binding.bind_ortvalue_input(name, buffer.value)
        tokens, cache = (node.name for node in graph.get_outputs())
        binding.bind_ortvalue_output(tokens, self._next_tokens.value)
        binding.bind_ortvalue_output(cache, self._next_cache.value)
        return binding
