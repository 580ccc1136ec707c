"""Between stages 2 and 4: which latent code a key means, from a few labelled transitions."""

import dataclasses
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.latent_action import LatentActionModel
from training.loop import Stage
from training.train_latent_action import split_transition
from training.windows import VALIDATION_EVERY

VALIDATION_LABELS = 2000


def labelled_starts(store: FrameStore, history: int, *, validation: bool) -> np.ndarray:
    """First frames of all windows of history + 1 frames whose last transition has a known key."""
    rows = []
    for clip, (first, last) in enumerate(zip(store.starts[:-1], store.starts[1:], strict=True)):
        if (clip % VALIDATION_EVERY == 0) == validation:
            starts = np.arange(first, last - history)
            rows.append(starts[store.actions[starts + history - 1] >= 0])
    return np.concatenate(rows) if rows else np.empty(0, np.int64)


class KeysStage(Stage):
    """A small classifier, from key and what the past looks like to the code the transition was given.

    Only `labels` labelled transitions are ever read; the latent action model itself stays as it is.
    """

    name = "keys"

    def __init__(
        self,
        keys: int,
        store: FrameStore,
        latent_action: LatentActionModel,
        labels: int,
        batch: int,
        device: torch.device,
        seed: int = 0,
    ) -> None:
        self.latent_action, self.batch, self.device, self.seed = latent_action, batch, device, seed
        rng = np.random.default_rng(seed)
        self.rows = self._read(store, labels, rng, validation=False)
        self.held_out = self._read(store, VALIDATION_LABELS, rng, validation=True)
        features = self.rows[0]
        config = ActionMapConfig(keys=keys, codes=latent_action.config.codes, features=features.shape[1])
        self.model = ActionMap(config).to(device)
        self.model.mean.copy_(features.mean(0))
        self.model.deviation.copy_(features.std(0).clamp(min=1e-3))

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        features, keys, codes = self.rows
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        rows = torch.randint(len(codes), (self.batch,), generator=generator).to(self.device)
        # Features are noised: a thousand examples in a thousand dimensions would be learned by heart.
        noise = torch.randn(self.batch, features.shape[1], generator=generator)
        seen = features[rows] + 0.5 * features.std(0) * noise.to(self.device)
        logits = self.model(keys[rows], seen)
        return F.cross_entropy(logits.float(), codes[rows]), {"accuracy": _accuracy(logits, codes[rows])}

    def validate(self, model: nn.Module) -> dict[str, float]:
        assert isinstance(model, ActionMap)
        features, keys, codes = self.held_out
        by_key = torch.stack(
            [torch.bincount(codes[keys == k], minlength=model.config.codes) for k in range(model.config.keys)]
        )
        return {
            "accuracy": float(_accuracy(model(keys, features), codes)),
            "accuracy_of_a_table": float((by_key.argmax(1)[keys] == codes).float().mean()),
        }

    @torch.no_grad()
    def _read(
        self, store: FrameStore, count: int, rng: np.random.Generator, *, validation: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Features [R, F], keys [R] and inferred codes [R] of `count` labelled transitions."""
        history = self.latent_action.config.history
        starts = labelled_starts(store, history, validation=validation)
        if not len(starts):
            raise ClipError(
                "no clip has labelled actions: keys cannot be mapped; train with latent codes alone"
            )
        starts = np.sort(rng.choice(starts, min(count, len(starts)), replace=False))
        parts = []
        for chunk in np.array_split(starts, max(1, len(starts) // 200)):
            frames = torch.from_numpy(store.frames[chunk[:, None] + np.arange(history + 1)]).to(self.device)
            past, following = split_transition(frames)
            parts.append((self.latent_action.features(past), self.latent_action.infer(past, following)))
        keys = torch.from_numpy(store.actions[starts + history - 1].astype(np.int64)).to(self.device)
        return torch.cat([f for f, _ in parts]), keys, torch.cat([c for _, c in parts])


def _accuracy(logits: Tensor, codes: Tensor) -> Tensor:
    return (logits.argmax(-1) == codes).float().mean()
