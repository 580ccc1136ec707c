"""Holds the exported graphs against torch, over a rollout long enough for the cache to wrap around."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from genie.core.errors import ExportError

STEPS = 50
TIE = 0.002  # of a frame's digits: so few that part have met a tie
MOST_TIES = 5  # steps of a rollout with a tie in them
WORST_FRAME = 1.0  # mean absolute difference of a frame, in grey levels of 255
WORST_AGREEMENT = 0.01  # of a text and a picture, which is in -1 to 1


class Parity(NamedTuple):
    """Steps compared, those with a tie, and the largest mean difference of a frame in grey levels."""

    steps: int
    ties: int
    worst_frame: float


class _Pair:
    """One graph twice: in torch, and as the file that will be played."""

    def __init__(self, graph: nn.Module, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors: what cannot be folded ahead of time is no news
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.graph = graph
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    @torch.no_grad()
    def torch(self, inputs: dict[str, Tensor]) -> list[Tensor]:
        out = self.graph(**inputs)
        return list(out) if isinstance(out, tuple) else [out]

    def onnx(self, inputs: dict[str, Tensor]) -> list[Tensor]:
        return [
            torch.from_numpy(x) for x in self.session.run(None, {k: v.numpy() for k, v in inputs.items()})
        ]


class _Rollout:
    """Play in miniature: the state that a step reads and writes, by either implementation."""

    def __init__(self, pairs: dict[str, _Pair], which: str, frame: Tensor, ids: Tensor, history: int) -> None:
        self.call = {name: getattr(pair, which) for name, pair in pairs.items()}
        (self.tokens,) = self.call["encode"]({"frame": frame})
        (self.frame,) = self.call["decode"]({"tokens": self.tokens})
        self.condition, said = self.call["text"]({"ids": ids})
        (seen,) = self.call["look"]({"frame": frame})
        self.agreement = float((said * seen).sum())
        self.frames = self.frame[:, None].repeat(1, history, 1, 1, 1)
        self.cache: Tensor | None = None

    def step(
        self, position: int, action: int, noise: Tensor, temperature: float, cache_shape: tuple[int, ...]
    ) -> None:
        if self.cache is None:
            self.cache = torch.zeros(cache_shape)
        inputs = {
            "tokens": self.tokens,
            "frames": self.frames,
            "action": torch.tensor([action]),
            "condition": self.condition,
            "noise": noise,
            "temperature": torch.tensor([temperature]),
            "position": torch.tensor([position]),
            "cache": self.cache,
        }
        self.tokens, self.cache = self.call["dynamics"](inputs)

    def show(self, tokens: Tensor) -> None:
        """End the step: the next one goes on from these tokens."""
        self.tokens = tokens
        (self.frame,) = self.call["decode"]({"tokens": tokens})
        self.frames = torch.cat((self.frames[:, 1:], self.frame[:, None]), 1)


def check_parity(
    graphs: dict[str, nn.Module],
    folder: Path,
    *,
    frame: np.ndarray,
    ids: np.ndarray,
    actions: int,
    history: int,
    noise_shape: tuple[int, ...],
    cache_shape: tuple[int, ...],
) -> Parity:
    """Roll both implementations out from a frame and compare every step: greedy, then drawn at random.

    frame uint8 [H, W, 3], to start from; ids int64 [length]; graphs: the torch modules by file stem. Tokens
    must be equal and frames within one grey level on average; raises ExportError at the first step where they
    are not. Sums in another order break a tie differently now and then, the more often the less sure a model
    is: where a digit parts, or no more than TIE of them, both go on from torch's, MOST_TIES times a rollout.
    """
    pairs = {name: _Pair(graph, folder / f"{name}.onnx") for name, graph in graphs.items()}
    start, text = torch.from_numpy(frame)[None], torch.from_numpy(ids)[None]
    rollouts: list[Parity] = []
    for temperature in (0.0, 1.0):
        ours, theirs = (_Rollout(pairs, which, start, text, history) for which in ("torch", "onnx"))
        apart = abs(ours.agreement - theirs.agreement)
        if apart > WORST_AGREEMENT:
            raise ExportError(f"the exported text and pictures agree otherwise than in torch, by {apart:.3f}")
        rng = np.random.default_rng(0)
        played = [
            (int(rng.integers(actions)), torch.from_numpy(rng.random(noise_shape, dtype=np.float32)))
            for _ in range(STEPS)
        ]
        rollouts.append(_compare(ours, theirs, played, temperature, cache_shape))
    steps, ties, worst = zip(*rollouts, strict=True)
    return Parity(sum(steps), sum(ties), max(worst))


def _compare(
    ours: _Rollout,
    theirs: _Rollout,
    played: list[tuple[int, Tensor]],
    temperature: float,
    cache_shape: tuple[int, ...],
) -> Parity:
    """One rollout, by the action and the noise of every step."""
    worst = _grey_levels(ours, theirs)
    ties: list[int] = []
    for position, (action, noise) in enumerate(played):
        for rollout in (ours, theirs):
            rollout.step(position, action, noise, temperature, cache_shape)
        differing, digits = int((ours.tokens != theirs.tokens).sum()), ours.tokens.numel()
        if differing > max(1, TIE * digits):
            raise ExportError(
                f"the exported graphs differ from torch at step {position}: "
                f"{differing / digits:.2%} of the digits"
            )
        if differing:
            ties.append(position)
        if len(ties) > MOST_TIES:
            steps = ", ".join(map(str, ties))
            raise ExportError(f"the exported graphs differ from torch too often to be ties, at steps {steps}")
        for rollout in (ours, theirs):
            rollout.show(ours.tokens)
        worst = max(worst, _grey_levels(ours, theirs))
        if worst > WORST_FRAME:
            raise ExportError(
                f"the exported decoder differs from torch at step {position}: {worst:.2f} grey levels"
            )
    return Parity(len(played), len(ties), worst)


def _grey_levels(ours: _Rollout, theirs: _Rollout) -> float:
    return float((ours.frame.float() - theirs.frame.float()).abs().mean())
