"""Trains the judge of attributes: real pictures only, of levels that no world and no scoring uses."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from genie.clips.changes import attributes_at, changes_of
from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from training import processes
from training.attribute_judge import AttributeJudge, AttributeJudgeConfig
from training.degrade import degrade
from training.levels import learned_from, with_levels_of
from training.loop_config import LoopConfig
from training.phrases import find_phrases
from training.placement import channels_last
from training.stage import Stage
from training.windows import VALIDATION_EVERY, pixels

VALIDATION_FRAMES = 1024
FEWEST, MOST = 2, 200  # values that an attribute may have to be told apart
EYE = "picture.see."  # where a judge keeps the layers that an attribute judge can begin with
Batch = tuple[Tensor, dict[str, Tensor]]


class TrainedEye(NamedTuple):
    """The first layers of a trained judge's look at single pictures, and what that judge learned from."""

    layers: int
    weights: dict[str, Tensor]
    learned_from: dict[str, Any]


def eye_of_judge(state: Mapping[str, Any]) -> TrainedEye:
    """The eye in a judge's checkpoint; its motion is not read."""
    layers = 2 + state["config"]["blocks"]  # unshuffled pixels, a convolution, blocks
    weights = {
        name.removeprefix(EYE): weight
        for name, weight in state["average"].items()
        if name.startswith(EYE) and int(name.removeprefix(EYE).split(".")[0]) < layers
    }
    return TrainedEye(layers, weights, state["learned_from"])


def spoken_attributes(store: FrameStore) -> dict[str, list[str]]:
    """What the store's captions speak of, by name, with all the values that its clips have."""
    spoken = sorted(find_phrases(store).values)
    every = {name: [one[name] for one in store.attributes if name in one] for name in spoken}
    known = {name: sorted(set(own)) for name, own in every.items() if all(isinstance(v, str) for v in own)}
    return {name: values for name, values in known.items() if FEWEST <= len(values) <= MOST}


def attribute_numbers(store: FrameStore, name: str, values: Sequence[str]) -> np.ndarray:
    """The number of the value that holds at each frame: int64 [N], -1 where it is none of these."""
    number = {value: i for i, value in enumerate(values)}
    found = np.empty(len(store.frames), np.int64)
    for clip, attributes in enumerate(store.attributes):
        first, last = store.starts[clip], store.starts[clip + 1]
        for start in (0, *(frame for frame, _ in changes_of(attributes))):
            held = attributes_at(attributes, start).get(name)
            found[first + start : last] = number.get(str(held), -1)
    return found


class AttributesStage(Stage[AttributeJudge]):
    """Attributes named off single frames, half of which are spoiled as worlds spoil them."""

    name = "attributes"

    def __init__(
        self,
        config: AttributeJudgeConfig,
        store: FrameStore,
        loop: LoopConfig,
        device: torch.device,
        *,
        eye: TrainedEye | None = None,
    ) -> None:
        """eye: of a trained judge of the same sizes, to begin with.

        Raises ClipError where captions speak of nothing, or clips are too few to keep some out.
        """
        if not config.attributes:
            raise ClipError("the captions of these clips speak of no attribute: there is none to name")
        self.store, self.loop, self.device = store, loop, device
        self.model = channels_last(AttributeJudge(config), device)
        self.eye = eye
        if eye is not None:
            self.model.see[: eye.layers].load_state_dict(eye.weights)
        self.numbers = {name: attribute_numbers(store, name, v) for name, v in config.attributes.items()}
        clip_of = np.repeat(np.arange(len(store.starts) - 1), np.diff(store.starts))
        known = np.all([numbers >= 0 for numbers in self.numbers.values()], axis=0)
        kept_out = clip_of % VALIDATION_EVERY == 0
        self.rows, self.held_out = np.flatnonzero(known & ~kept_out), np.flatnonzero(known & kept_out)
        if not len(self.rows) or not len(self.held_out):
            raise ClipError(f"the judge needs more than {VALIDATION_EVERY} clips with attributes")

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def learned_from(self) -> dict[str, Any]:
        own = learned_from(self.store)
        return own if self.eye is None else with_levels_of(own, self.eye.learned_from)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        rng = np.random.default_rng([self.loop.seed, step])
        drawn = rng.integers(len(self.rows), size=self.loop.batch)
        frames, truth = self._read(self.rows[processes.share(drawn)])
        generator = torch.Generator().manual_seed(processes.own_seed(step))
        half = len(frames) // 2
        seen = torch.cat((degrade(frames[:half], generator), frames[half:])) if half else frames
        told = self.model.look_at(seen)
        loss = torch.stack([F.cross_entropy(logits, truth[name]) for name, logits in told.items()]).sum()
        return loss, _accuracy(told, truth)

    def validate(self, model: AttributeJudge) -> dict[str, float]:
        rng = np.random.default_rng([0, 977])
        rows = self.held_out[rng.integers(len(self.held_out), size=VALIDATION_FRAMES)]
        frames, truth = self._read(rows)
        pieces = [model.look_at(piece) for piece in frames.split(128)]
        told = {name: torch.cat([piece[name] for piece in pieces]) for name in truth}
        return {name: float(share) for name, share in _accuracy(told, truth).items()}

    def _read(self, rows: np.ndarray) -> Batch:
        frames = pixels(torch.from_numpy(self.store.frames[rows]).to(self.device))
        truth = {name: torch.from_numpy(of[rows]).to(self.device) for name, of in self.numbers.items()}
        return frames, truth


def _accuracy(told: Mapping[str, Tensor], truth: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: (logits.argmax(-1) == truth[name]).float().mean() for name, logits in told.items()}
