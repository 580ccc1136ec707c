"""The frames a world may be entered from, and which of them a prompt means."""

from __future__ import annotations

import math
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from genie.core.errors import BundleError
from genie.core.mentions import Mentions
from genie.core.phrases import words_of
from genie.runtime.noise import shuffle

NEARLY = 0.75
"""Starts that share this much with a prompt, of what the best one does, are all fit to start from."""


class Starts:
    """Start frames uint8 [S, height, width, 3], and a caption for each.

    `mentions` finds what captions say, in worlds that know what theirs are made of.
    """

    def __init__(
        self, frames: np.ndarray, captions: tuple[str, ...], mentions: Mentions | None = None
    ) -> None:
        self.frames = frames
        self.captions = captions
        self._mentions = mentions
        self._said = lru_cache(maxsize=64)(self._find)  # a prompt is asked about more than once

    @classmethod
    def load(cls, file: Path, frame_size: tuple[int, int], mentions: Mentions | None = None) -> Starts:
        """Read the .npz of arrays `frames` and `captions`; BundleError names a file that is anything else."""
        try:
            with np.load(file, allow_pickle=False) as arrays:
                frames, captions = arrays["frames"], arrays["captions"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise BundleError(
                f"{file} does not hold start frames ({error}): export the bundle again."
            ) from None
        shape = (len(captions) if captions.ndim else 0, *frame_size, 3)
        if frames.dtype != np.uint8 or frames.shape != shape or captions.dtype.kind != "U" or not len(frames):
            raise BundleError(f"{file} does not hold captioned start frames: export the bundle again.")
        return cls(frames, tuple(str(caption) for caption in captions), mentions)

    def choose(self, prompt: str, seed: int) -> int:
        """Return the number of the start frame that fits the prompt best; see `ranked`."""
        return self.ranked(prompt, seed)[0]

    def ranked(self, prompt: str, seed: int) -> list[int]:
        """Return the numbers of all start frames, those that fit the prompt best first.

        That is those whose captions say the most of what the prompt says, counted by how much there is to
        choose from: of many backgrounds the one that is asked for is not made as easily as one of a few
        colours. Where what captions are made of is not known, it is those that share the most words with
        the prompt, rare words counting for more. Among those that fit alike the seed chooses.
        """
        asked = self._said(prompt)
        if asked:
            fits = [
                sum(self._choice[slot] for slot, value in asked.items() if shown.get(slot) == value)
                for shown in self._shown
            ]
        else:
            words = _words(prompt)
            shared = [sum(self._weights[word] for word in sorted(own & words)) for own in self._words]
            enough = NEARLY * max(shared)
            fits = [min(fit, enough) for fit in shared]
        return sorted(shuffle(seed, len(fits)), key=lambda number: -fits[number])

    def lacks(self, prompt: str, number: int) -> bool:
        """Whether a start frame is known not to show something that the prompt names."""
        return not self._said(prompt).items() <= self._shown[number].items()

    @cached_property
    def _shown(self) -> list[Mapping[str, str]]:
        return [self._said(caption) for caption in self.captions]

    @cached_property
    def _choice(self) -> Mapping[str, float]:
        """How much there is to choose from in each slot."""
        values: dict[str, set[str]] = {}
        for shown in self._shown:
            for slot, value in shown.items():
                values.setdefault(slot, set()).add(value)
        return {slot: math.log(1 + len(own)) for slot, own in values.items()}

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [_words(caption) for caption in self.captions]

    @cached_property
    def _weights(self) -> Mapping[str, float]:
        # A word that is in every caption tells no start from another, and weighs nothing.
        spread = Counter(word for words in self._words for word in words)
        return {word: math.log(len(self.captions) / count) for word, count in spread.items()}

    def _find(self, text: str) -> Mapping[str, str]:
        """The values that a text names, by slot."""
        if self._mentions is None:
            return {}
        found = self._mentions.find(words_of(text)).phrases
        return {slot: self._mentions.value(slot, phrase) for slot, phrase in found.items()}


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))
