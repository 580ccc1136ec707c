"""Captions with one thing said otherwise: what a picture must tell from its own caption."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genie.core.captions import CaptionTokenizer
from genie.core.phrases import Phrases


@dataclass(frozen=True, kw_only=True)
class _Said:
    """Where a caption says a slot's value: characters start..end, and the value."""

    start: int
    end: int
    value: str


class Swaps:
    """For captions of a dataset, the same ones with another value in one slot.

    Most pictures of a batch differ in all that there is to see, so that agreement with their captions is
    learned from what is large in them; against a caption that differs in one value alone, that one must be
    seen.
    """

    def __init__(self, captions: Sequence[str], phrases: Phrases, tokenizer: CaptionTokenizer) -> None:
        self.slots = tuple(phrases.values)
        self._captions, self._tokenizer = captions, tokenizer
        self._wordings = {
            slot: {value: [text for text, _ in said] for value, said in values.items()}
            for slot, values in phrases.values.items()
        }
        self._found = [_found(caption.lower(), phrases) for caption in captions]

    def of(self, numbers: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """For captions, by number [B]: ids [B, slots, length] with another value each, and where that is so.

        The second, [B, slots], is false where a caption does not say the slot, and nothing is swapped.
        """
        rows = [[self._swapped(int(number), slot, rng) for slot in self.slots] for number in numbers]
        ids = np.stack([[self._tokenizer.encode_caption(text) for text, _ in row] for row in rows])
        done = np.array([[is_swapped for _, is_swapped in row] for row in rows])
        return torch.from_numpy(ids).to(numbers.device), torch.from_numpy(done).to(numbers.device)

    def _swapped(self, number: int, slot: str, rng: np.random.Generator) -> tuple[str, bool]:
        caption, said = self._captions[number], self._found[number].get(slot)
        values = self._wordings[slot]
        others = [value for value in values if said is not None and value != said.value]
        if said is None or not others:
            return caption, False
        wordings = values[others[rng.integers(len(others))]]
        return caption[: said.start] + wordings[rng.integers(len(wordings))] + caption[said.end :], True


def _found(caption: str, phrases: Phrases) -> dict[str, _Said]:
    """What a caption says, by slot: the longest phrase that stands in it for itself."""
    found: dict[str, _Said] = {}
    for slot, values in phrases.values.items():
        said = [
            _Said(start=start, end=start + len(text), value=value)
            for value, wordings in values.items()
            for text, _ in wordings
            if (start := _place(caption, text)) >= 0
        ]
        if said:
            found[slot] = max(said, key=lambda phrase: phrase.end - phrase.start)
    return found


def _place(caption: str, text: str) -> int:
    """Where a phrase stands in a caption, no letter touching it; -1 where it does not."""
    start = caption.find(text)
    while start >= 0:
        end = start + len(text)
        if not (caption[start - 1 : start].isalnum() or caption[end : end + 1].isalnum()):
            return start
        start = caption.find(text, start + 1)
    return -1
