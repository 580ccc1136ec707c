"""Spans of clips with the caption that holds in them, for what learns to say captions."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from training import processes
from training.read_ahead import ReadAhead
from training.windows import VALIDATION_EVERY


class SpanBatch(NamedTuple):
    """frames uint8 [B, T, H, W, 3], spread over each span; captions [B], which of `Spans.texts` holds."""

    frames: Tensor
    captions: Tensor


class Spans:
    """Every span with one caption: clips with theirs, up to their first change of look, and the parts that
    timed captions cover."""

    def __init__(
        self, store: FrameStore, *, frames: int, batch: int, seed: int, device: torch.device
    ) -> None:
        self.store, self.frames, self.batch, self.seed, self.device = store, frames, batch, seed, device
        self.texts = list(dict.fromkeys([*store.captions, *store.clip_captions]))
        number = {text: i for i, text in enumerate(self.texts)}
        parts, changed = [], store.changed()
        for clip, caption in enumerate(store.clip_captions):
            first, last = int(store.starts[clip]), int(store.starts[clip + 1])
            parts.append((clip, first, _true_until(changed, first, last), number[caption]))
            turns = np.flatnonzero(np.diff(store.caption_of[first:last])) + first + 1
            for start, end in zip([first, *turns], [*turns, last], strict=True):
                end = _true_until(changed, int(start), int(end))
                parts.append((clip, start, end, number[store.captions[store.caption_of[start]]]))
        table = np.array([part for part in parts if self.texts[part[3]].strip()], np.int64).reshape(-1, 4)
        captioned, rank = np.unique(table[:, 0], return_inverse=True)
        if len(captioned) < 2:
            raise ClipError("there must be at least two captioned clips to learn from: caption them first")
        held_out = rank % VALIDATION_EVERY == 0
        self.training, self.validation = table[~held_out], table[held_out]
        self.ahead = ReadAhead(self._drawn)

    def at(self, step: int) -> SpanBatch:
        """This process's share of the training batch of a step."""
        return self.ahead.at(step)

    def _drawn(self, step: int) -> SpanBatch:
        rng = np.random.default_rng([self.seed, step])
        return self.read(self.training[processes.share(rng.integers(len(self.training), size=self.batch))])

    def read(self, table: np.ndarray) -> SpanBatch:
        """The frames and captions of rows of `training` or `validation`."""
        rows = np.stack([spread(start, end, self.frames) for _, start, end, _ in table])
        frames = torch.from_numpy(self.store.frames[rows])
        return SpanBatch(frames.to(self.device), torch.from_numpy(table[:, 3].copy()).to(self.device))


def _true_until(changed: np.ndarray, start: int, end: int) -> int:
    """Where the caption of frames [start, end) is true no longer: at the first of `changed` within."""
    following = int(np.searchsorted(changed, start, side="right"))
    return min(end, int(changed[following])) if following < len(changed) else end


def spread(start: int, end: int, count: int) -> np.ndarray:
    """`count` frame numbers spread evenly over [start, end), the first and the last among them."""
    return np.linspace(start, end - 1, count).round().astype(np.int64)
