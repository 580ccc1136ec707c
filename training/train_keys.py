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
from genie.models.draft import Drafter
from genie.models.latent_action import Glance, regrets, stacked
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
    """From a key and the motion under way to the code that foretells best what the key does there.

    It learns the regret of every code, not only which one was best: a key moves the picture by half a pixel,
    and which of two near codes wins in one transition is mostly chance, while their mean regrets lie apart.
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
        self.model = ActionMap(ActionMapConfig(keys=keys, codes=drafter.latent_action.config.codes)).to(
            device
        )
        glance, pressed, regret = self.rows
        self.model.fit(pressed, glance, regret)

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        glance, keys, regret = self.rows
        foretold = self.model.foretold(keys, glance)
        return F.mse_loss(foretold, regret), {"regret": _mean_at(regret, foretold.argmin(-1))}

    def validate(self, model: nn.Module) -> dict[str, float]:
        """The mean regret of the codes chosen, and of those that a table by key, or no key, would choose."""
        glance, keys, regret = self.held_out
        _, told, known = self.rows
        every = known.mean(0)
        table = torch.stack(
            [
                known[told == key].mean(0) if (told == key).any() else every
                for key in range(self.model.config.keys)
            ]
        )
        chosen = model(keys, glance).argmin(-1)
        return {
            "regret": float(_mean_at(regret, chosen)),
            "regret_of_a_table": float(_mean_at(regret, table.argmin(1)[keys])),
            "regret_without_keys": float(regret[:, every.argmin()].mean()),
            "codes_chosen": float(len(chosen.unique())),
        }

    @torch.no_grad()
    def _read(
        self, store: FrameStore, count: int, rng: np.random.Generator, *, validation: bool
    ) -> tuple[Glance, Tensor, Tensor]:
        """A glance at the pasts, keys [R] and regrets [R, C] of `count` labelled transitions."""
        tokenizer, latent_action = self.drafter.tokenizer, self.drafter.latent_action
        history = self.drafter.history
        starts = labelled_starts(store, history, validation=validation)
        if not len(starts):
            raise ClipError(
                "no clip has labelled actions: keys cannot be mapped; train with latent codes alone"
            )
        starts = np.sort(rng.choice(starts, min(count, len(starts)), replace=False))
        parts = []
        for chunk in np.array_split(starts, max(1, len(starts) // 200)):
            frames = torch.from_numpy(store.frames[chunk[:, None] + np.arange(history + 1)]).to(self.device)
            seen = tokenizer.decode(tokenizer.encode(pixels(frames[:, :history]).flatten(0, 1)))  # as in play
            past, following = stacked(seen.unflatten(0, (-1, history))), pixels(frames[:, history])
            glance = latent_action.glance(latent_action.past(past))  # as in play
            parts.append((*glance, regrets(latent_action.errors(past, following))))
        keys = torch.from_numpy(store.actions[starts + history - 1].astype(np.int64)).to(self.device)
        motion, expected, regret = (torch.cat(part) for part in zip(*parts, strict=True))
        return Glance(motion, expected), keys, regret


def _mean_at(regret_RC: Tensor, codes_R: Tensor) -> Tensor:
    return regret_RC.gather(1, codes_R[:, None]).mean()
