"""Trains the judge on real clips only, of levels that neither a world nor its scoring uses."""

import dataclasses
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from genie.clips.frame_store import FrameStore
from training import processes
from training.degrade import degrade, haze, quality
from training.equal_keys import equal_keys
from training.judge import SPREAD, Judge, JudgeConfig
from training.levels import learned_from
from training.placement import channels_last
from training.windows import Window, WindowedStage, Windows, pixels

VALIDATION_WINDOWS = 1024
HELD_AT_ONCE = 16  # held keys in a batch, beside its windows
FEWEST, MOST = 2, 32  # values that an attribute may have to be read off pictures


@runtime_checkable
class PlayerPairs(Protocol):
    """What a world's source may offer beside its clips."""

    def player_pairs(self, *, split: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return `count` real frames uint8 [M, H, W, 3], and the same ones without the player's character."""


class HeldKeys:
    """Moments of the simulator, each gone on from under every key."""

    def __init__(self, before: np.ndarray, after: np.ndarray) -> None:
        """before uint8 [M, 2, H, W, 3], the moment itself last; after uint8 [M, A, F, H, W, 3]."""
        self.before, self.after = before, after
        self.same = torch.from_numpy(equal_keys(after))

    def windows(self, moments: np.ndarray, keys: np.ndarray) -> Tensor:
        """What is seen of each moment and key: uint8 [R, 2 + F, H, W, 3]."""
        return torch.from_numpy(np.concatenate((self.before[moments], self.after[moments, keys]), 1))


def visible_attributes(store: FrameStore) -> dict[str, list[str]]:
    """Attributes that are words, with 2 to 32 values, one of which every clip has."""
    known: dict[str, list[str]] = {}
    names = sorted({name for attributes in store.attributes for name in attributes})
    for name in names:
        values = [attributes.get(name) for attributes in store.attributes]
        words = sorted({value for value in values if isinstance(value, str)})
        if all(isinstance(value, str) for value in values) and FEWEST <= len(words) <= MOST:
            known[name] = words
    return known


class JudgeStage(WindowedStage[Judge]):
    """Actions named from windows and from held keys, and single pictures read: all at once."""

    name = "judge"

    def __init__(
        self,
        config: JudgeConfig,
        windows: Windows,
        device: torch.device,
        *,
        pairs: tuple[np.ndarray, np.ndarray] | None = None,
        held: HeldKeys | None = None,
        simulated: range | None = None,
    ) -> None:
        """pairs: real frames with and without the character, uint8 [M, H, W, 3] twice, if there are any.

        simulated: the levels that pairs and held keys are of.
        """
        self.windows, self.device, self.held, self.simulated = windows, device, held, simulated
        self.model = channels_last(Judge(config), device)
        self.pairs = None if pairs is None else torch.from_numpy(np.stack(pairs)).to(device)
        self.held_out = windows.held_out(VALIDATION_WINDOWS)
        self.attributes = {
            name: torch.tensor([values.index(clip[name]) for clip in windows.store.attributes]).to(device)
            for name, values in ((name, list(values)) for name, values in config.attributes.items())
        }

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def learned_from(self) -> dict[str, Any]:
        return learned_from(self.windows.store, self.simulated)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        window = self.windows.at(step)
        generator = torch.Generator().manual_seed(processes.own_seed(step))
        keys = window.actions[:, 1]
        logits = self.model.name(haze(pixels(window.frames), generator)).float()
        loss = F.cross_entropy(logits, keys, ignore_index=-1)
        figures = {"accuracy": (logits.argmax(-1) == keys).float().mean()}
        for part in (self._held_loss, self._presence_loss):
            more, told = part(step, generator)
            loss, figures = loss + more, figures | told
        more, told = self._picture_loss(self.model, window, generator)
        return loss + more, figures | told

    def _held_loss(self, step: int, generator: torch.Generator) -> tuple[Tensor | float, dict[str, Tensor]]:
        if self.held is None:
            return 0.0, {}
        rng = np.random.default_rng([8, step])
        moments = processes.share(rng.integers(len(self.held.before) * 9 // 10, size=HELD_AT_ONCE))
        keys = processes.share(rng.integers(self.model.config.actions, size=HELD_AT_ONCE))
        seen = haze(pixels(self.held.windows(moments, keys).to(self.device)), generator)
        right = self.held.same[moments, keys].to(self.device)
        return _equals_as_one(self.model.name_held(seen).float(), right)

    def _presence_loss(
        self, step: int, generator: torch.Generator
    ) -> tuple[Tensor | float, dict[str, Tensor]]:
        if self.pairs is None:
            return 0.0, {}
        kept = self.pairs.shape[1] * 9 // 10
        rows = processes.share(np.random.default_rng([7, step]).integers(kept, size=self.windows.batch // 2))
        frames = self.pairs[:, torch.from_numpy(rows).to(self.device)].flatten(0, 1)
        logits = self.model.look(frames).present
        wanted = (torch.arange(len(logits), device=self.device) < len(logits) // 2).float()
        told = {"presence": ((logits > 0) == (wanted > 0)).float().mean()}
        return F.binary_cross_entropy_with_logits(logits, wanted), told

    def _picture_loss(
        self, model: Judge, window: Window, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Quality and attributes, both read off frames that have been spoiled."""
        frames = pixels(window.frames[:, 0])
        spoiled = degrade(frames, generator)
        seen = model.look_at(spoiled)
        off = seen.quality - quality(spoiled, frames)
        loss = F.smooth_l1_loss(off / SPREAD, torch.zeros_like(off))
        figures = {"quality_off_db": off.abs().mean()}
        for name, logits in seen.attributes.items():
            wanted = self.attributes[name][window.clips]
            loss = loss + 0.3 * F.cross_entropy(logits, wanted)
            figures[name] = (logits.argmax(-1) == wanted).float().mean()
        return loss, figures

    def validate(self, model: Judge) -> dict[str, float]:
        keys = self.held_out.actions[:, 1]
        named = torch.cat([model(chunk) for chunk in self.held_out.frames.split(128)]).argmax(-1)
        figures = {"accuracy": float((named == keys).float().mean())}
        _, told = self._picture_loss(model, self.held_out, torch.Generator().manual_seed(-1))
        figures |= {name: float(value) for name, value in told.items()}
        if self.pairs is not None:
            present, absent = self.pairs[:, self.pairs.shape[1] * 9 // 10 :]
            for name, frames, there in (("present", present, True), ("absent", absent, False)):
                logits = torch.cat([model.look(chunk).present for chunk in frames.split(128)])
                figures[name] = float(((logits > 0) == there).float().mean())
        if self.held is not None:
            figures["held"] = self._held_accuracy(model, self.held)
        return figures

    def _held_accuracy(self, model: Judge, held: HeldKeys) -> float:
        moments = np.arange(len(held.before) * 9 // 10, len(held.before))
        hits = []
        for key in range(model.config.actions):
            for some in np.array_split(moments, max(1, len(moments) // 64)):
                seen = pixels(held.windows(some, np.full(len(some), key)).to(self.device))
                right = held.same[some][:, key].to(self.device)
                hits.append(right[torch.arange(len(some)), model.name_held(seen).argmax(-1)])
        return float(torch.cat(hits).float().mean())


def _equals_as_one(logits: Tensor, right: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of naming any of the keys that do the same, right bool [B, A], and how often one was."""
    likely = logits.log_softmax(-1)
    loss = -likely.masked_fill(~right, -torch.inf).logsumexp(-1).mean()
    named = logits.argmax(-1, keepdim=True)
    return loss, {"held": right.gather(1, named).float().mean()}
