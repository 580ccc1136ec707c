"""An extra stage: a small captioner learns to say what clips show, in the wording of their captions."""

import dataclasses
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genie.core.captions import CaptionTokenizer
from genie.models.captioner import Captioner, CaptionerConfig
from training.placement import channels_last
from training.spans import Spans
from training.stage import Stage
from training.windows import pixels

VALIDATION_SPANS = 64
CAPTIONED_FRAMES = 4  # how many frames of a span are looked at


class CaptionerStage(Stage[Captioner]):
    """Captions word by word; those as long as half of all, or longer, count as rich, the others as brief."""

    name = "captioner"

    def __init__(
        self, config: CaptionerConfig, spans: Spans, tokenizer: CaptionTokenizer, device: torch.device
    ) -> None:
        self.spans, self.tokenizer = spans, tokenizer
        self.model = channels_last(Captioner(config), device)
        self.ids = torch.from_numpy(np.stack([tokenizer.encode_caption(text) for text in spans.texts])).to(
            device
        )
        lengths = (self.ids != 0).sum(1)
        self.rich = (lengths >= lengths.median()).long()

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    @property
    def length(self) -> int:
        return self.spans.frames

    def waited(self) -> float:
        return self.spans.ahead.waited

    def close(self) -> None:
        self.spans.ahead.close()

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        batch = self.spans.at(step)
        loss = self.model(pixels(batch.frames), self.ids[batch.captions], self.rich[batch.captions])
        return loss, {}

    def validate(self, model: Captioner) -> dict[str, float]:
        table = self.spans.validation
        rows = np.random.default_rng(977).permutation(len(table))[:VALIDATION_SPANS]
        batch = self.spans.read(table[np.sort(rows)])
        loss = model(pixels(batch.frames), self.ids[batch.captions], self.rich[batch.captions])
        return {"held_out_loss": float(loss)}
