"""Stage 3: text and pictures learn to agree, so that captions have embeddings that say what is seen."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor

from genie.core.captions import SPECIAL_TOKENS, CaptionTokenizer
from genie.models.text import TextConfig, TextModel, pairs_of
from training import losses, processes
from training.windows import Window, WindowedStage, Windows, pixels

VALIDATION_PAIRS = 256


def learn_vocabulary(captions: Iterable[str], path: Path, length: int) -> CaptionTokenizer:
    """Write the word-level tokenizer.json of some captions, and return it."""
    words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.train_from_iterator(captions, trainers.WordLevelTrainer(special_tokens=list(SPECIAL_TOKENS)))
    path.parent.mkdir(parents=True, exist_ok=True)
    words.save(str(path))
    return CaptionTokenizer.load(path, length)


def caption_ids(captions: list[str], tokenizer: CaptionTokenizer, device: torch.device) -> Tensor:
    """Token ids of every caption of a store, and of the empty one at the end: [captions + 1, length]."""
    return torch.from_numpy(np.stack([tokenizer.encode(text) for text in [*captions, ""]])).to(device)


class TextStage(WindowedStage[TextModel]):
    """CLIP's contrast between frames and the captions that hold at them, and the words read back."""

    name = "text"

    def __init__(
        self, config: TextConfig, windows: Windows, tokenizer: CaptionTokenizer, device: torch.device
    ) -> None:
        self.windows = windows
        self.model = TextModel(config).to(device)
        self.ids = caption_ids(windows.store.captions, tokenizer, device)
        self.held_out = windows.held_out(VALIDATION_PAIRS)

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        # Every frame is held against the captions of all processes, as it would be in one.
        images, texts, ids = map(processes.gather, self._embed(self.model, self.windows.at(step)))
        same = (ids[:, None] == ids).all(-1)
        said = losses.said(self.model.read_back(texts), pairs_of(ids))
        loss = losses.agreement(images, texts, same, self.model.scale()) + said
        return loss, {"found": _found(images, texts, same), "said": said.detach()}

    def validate(self, model: TextModel) -> dict[str, float]:
        images, texts, ids = self._embed(model, self.held_out)
        found = _found(images, texts, (ids[:, None] == ids).all(-1))
        return {"found": found.item(), "said": losses.said(model.read_back(texts), pairs_of(ids)).item()}

    def _embed(self, model: TextModel, window: Window) -> tuple[Tensor, Tensor, Tensor]:
        ids = self.ids[window.captions[:, 0]]
        return model.look(pixels(window.frames[:, 0])), model(ids), ids


def _found(images: Tensor, texts: Tensor, same: Tensor) -> Tensor:
    """Share of frames whose own caption is the nearest of the batch."""
    nearest = (images @ texts.T).argmax(1)
    return same[torch.arange(len(same), device=same.device), nearest].float().mean()
