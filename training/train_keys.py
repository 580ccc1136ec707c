"""Between stages 2 and 4: which latent code a key means, from a few labelled transitions."""

import dataclasses
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.draft import Drafter
from genie.models.latent_action import Glance, came_true, stacked
from training.stage import Stage
from training.windows import VALIDATION_EVERY, pixels, steady_starts

VALIDATION_LABELS = 2000


def labelled_starts(store: FrameStore, history: int, *, validation: bool) -> np.ndarray:
    """First frames of all steady windows of history + 1 frames whose last transition has a known key."""
    rows, changed = [], store.changed()
    for clip, (first, last) in enumerate(zip(store.starts[:-1], store.starts[1:], strict=True)):
        if (clip % VALIDATION_EVERY == 0) == validation:
            starts = np.arange(first, last - history)
            known = starts[store.actions[starts + history - 1] >= 0]
            rows.append(steady_starts(known, history + 1, changed))
    return np.concatenate(rows) if rows else np.empty(0, np.int64)


class KeysStage(Stage):
    """Which key is betrayed by which code: what a key is to mean in play follows from that.

    It learns from how likely each code is to have been taken, not from the best one alone: a key moves the
    picture by half a pixel, and which of two near codes wins in one transition is mostly chance.
    The map is solved for, in one go; its single step only writes it down. No more than `labels` labelled
    transitions are ever read.
    """

    name = "keys"
    model: ActionMap

    def __init__(
        self,
        keys: int,
        store: FrameStore,
        drafter: Drafter,
        labels: int,
        device: torch.device,
        seed: int = 0,
    ) -> None:
        self.drafter, self.device = drafter, device
        rng = np.random.default_rng(seed)
        self.rows = self._read(store, labels, rng, validation=False)
        self.held_out = self._read(store, VALIDATION_LABELS, rng, validation=True)
        codes = drafter.latent_action.config.codes
        self.model = ActionMap(ActionMapConfig(keys=keys, codes=codes, squares=True)).to(device)
        glance, pressed, taken = self.rows
        self.model.fit(pressed, glance, taken)

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        glance, keys, taken = self.rows
        return self.model.surprise(keys, glance, taken), {}

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Nats that a key is worth with its code known, and unknown; how many codes keys mean."""
        assert isinstance(model, ActionMap)
        glance, keys, taken = self.held_out
        known = torch.bincount(self.rows[1], minlength=model.config.keys).float() + 1
        chance = (known / known.sum()).log()[keys]
        return {
            "surprise": float(model.surprise(keys, glance, taken)),
            "surprise_without_codes": float(-chance.mean()),
            "codes_meant": float(len(model.meant(keys, glance).unique())),
        }

    @torch.no_grad()
    def _read(
        self, store: FrameStore, count: int, rng: np.random.Generator, *, validation: bool
    ) -> tuple[Glance, Tensor, Tensor]:
        """A glance at the pasts, keys [R], and how likely each code was taken [R, C], `count` times."""
        tokenizer, latent_action = self.drafter.tokenizer, self.drafter.latent_action
        history = self.drafter.history
        starts = labelled_starts(store, history, validation=validation)
        if not len(starts) and validation:
            raise ClipError(
                "no clip that is kept for validation has labelled actions: label some of the 1st, the 101st, "
                "the 201st and so on, too"
            )
        if not len(starts):
            raise ClipError(
                "no clip has labelled actions, so keys cannot be mapped: train the others, and export --codes"
            )
        starts = np.sort(rng.choice(starts, min(count, len(starts)), replace=False))
        parts = []
        for chunk in np.array_split(starts, max(1, len(starts) // 200)):
            frames = torch.from_numpy(store.frames[chunk[:, None] + np.arange(history + 1)]).to(self.device)
            seen = tokenizer.decode(tokenizer.encode(pixels(frames[:, :history]).flatten(0, 1)))  # as in play
            past, following = stacked(seen.unflatten(0, (-1, history))), pixels(frames[:, history])
            glance = latent_action.glance(latent_action.past(past))  # as in play
            parts.append((*glance, came_true(latent_action.errors(past, following))))
        keys = torch.from_numpy(store.actions[starts + history - 1].astype(np.int64)).to(self.device)
        motion, likely, taken = (torch.cat(part) for part in zip(*parts, strict=True))
        return Glance(motion, likely), keys, taken
