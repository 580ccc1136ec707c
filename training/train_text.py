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
from genie.models.tokenizer import Tokenizer as VideoTokenizer
from training import losses, processes
from training.swaps import Swaps
from training.windows import Window, WindowedStage, Windows, pixels

VALIDATION_PAIRS = 256


def learn_vocabulary(captions: Iterable[str], path: Path, length: int) -> CaptionTokenizer:
    """Write the word-level tokenizer.json of some captions, and return it."""
    words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    words.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.train_from_iterator(captions, trainers.WordLevelTrainer(special_tokens=list(SPECIAL_TOKENS)))
    path.parent.mkdir(parents=True, exist_ok=True)
    words.save(str(path))
    return CaptionTokenizer.load(path, length)


def caption_ids(captions: list[str], tokenizer: CaptionTokenizer, device: torch.device) -> Tensor:
    """Token ids of every caption of a store, and of the empty one at the end: [captions + 1, length]."""
    return torch.from_numpy(np.stack([tokenizer.encode_caption(text) for text in [*captions, ""]])).to(device)


class TextStage(WindowedStage[TextModel]):
    """CLIP's contrast between frames and the captions that hold at them, and the words read back.

    With `swaps`, a picture is also held against its own caption with one value swapped. With a `tokenizer`
    half of the pictures are as it renders them, for so is all that is seen in play. With `keep_meaning` the
    texts' embeddings stay what they are, and only what is seen in pictures is learned.
    """

    name = "text"

    def __init__(
        self,
        config: TextConfig,
        windows: Windows,
        vocabulary: CaptionTokenizer,
        device: torch.device,
        *,
        swaps: Swaps | None = None,
        tokenizer: VideoTokenizer | None = None,
        keep_meaning: bool = False,
    ) -> None:
        self.windows, self.swaps, self.keep_meaning = windows, swaps, keep_meaning
        self.tokenizer = tokenizer
        self.model = TextModel(config).to(device)
        if keep_meaning:
            self.model.requires_grad_(False)
            for half in self.model.picture_half():
                half.requires_grad_(True)
        self.ids = caption_ids(windows.store.captions, vocabulary, device)
        self.held_out = windows.held_out(VALIDATION_PAIRS)

    def config(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model.config)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        # Every frame is held against the captions of all processes, as it would be in one.
        window = self.windows.at(step)
        own_images, own_texts, own_ids = self._embed(self.model, window, len(window.frames) // 2)
        images, texts, ids = map(processes.gather, (own_images, own_texts, own_ids))
        same = (ids[:, None] == ids).all(-1)
        loss = losses.agreement(images, texts, same, self.model.scale())
        told = {"found": _found(images, texts, same)}
        if not self.keep_meaning:
            said = losses.said(self.model.read_back(texts), pairs_of(ids))
            loss, told["said"] = loss + said, said.detach()
        if self.swaps is not None:
            rng = np.random.default_rng([self.windows.seed, 55, step, processes.rank()])
            apart = self._told_apart(self.swaps, window, own_images, own_texts, rng)
            loss, told["apart"] = loss + apart, apart.detach()
        return loss, told

    def _told_apart(
        self, swaps: Swaps, window: Window, images: Tensor, texts: Tensor, rng: np.random.Generator
    ) -> Tensor:
        ids, swapped = swaps.of(window.captions[:, 0], rng)
        others = self.model(ids.flatten(0, 1)).unflatten(0, swapped.shape)
        agree = torch.einsum("bse,be->bs", others, images)
        return losses.told_apart((texts * images).sum(-1), agree, swapped, self.model.scale())

    def validate(self, model: TextModel) -> dict[str, float]:
        images, texts, ids = self._embed(model, self.held_out)
        found = _found(images, texts, (ids[:, None] == ids).all(-1))
        return {"found": found.item(), "said": losses.said(model.read_back(texts), pairs_of(ids)).item()}

    def _embed(self, model: TextModel, window: Window, rendered: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings of a window's pictures, so many of them rendered, and of its captions; their ids."""
        ids, frames = self.ids[window.captions[:, 0]], pixels(window.frames[:, 0])
        if rendered and self.tokenizer is not None:
            with torch.no_grad():
                shown = self.tokenizer.decode(self.tokenizer.encode(frames[:rendered]))
            frames = torch.cat((shown, frames[rendered:]))
        return model.look(frames), model(ids), ids


def _found(images: Tensor, texts: Tensor, same: Tensor) -> Tensor:
    """Share of frames whose own caption is the nearest of the batch."""
    nearest = (images @ texts.T).argmax(1)
    return same[torch.arange(len(same), device=same.device), nearest].float().mean()
