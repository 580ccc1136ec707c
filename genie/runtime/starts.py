"""The frames a world may be entered from, and which of them a prompt means."""

from __future__ import annotations

import math
import re
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from genie.core.errors import BundleError
from genie.runtime.noise import choose

NEARLY = 0.75
"""Starts that fit a prompt this well, of how well the best one does, are all fit to start from."""


class Starts:
    """Start frames uint8 [S, height, width, 3], and a caption for each."""

    def __init__(self, frames: np.ndarray, captions: tuple[str, ...]) -> None:
        self.frames = frames
        self.captions = captions
        self._words = [_words(caption) for caption in captions]
        spread = Counter(word for words in self._words for word in words)
        # A word that is in every caption tells no start from another, and weighs nothing.
        self._weights = {word: math.log(len(captions) / count) for word, count in spread.items()}

    @classmethod
    def load(cls, file: Path, frame_size: tuple[int, int]) -> Starts:
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
        return cls(frames, tuple(str(caption) for caption in captions))

    def choose(self, prompt: str, seed: int) -> int:
        """Return the number of a start frame that fits the prompt.

        That is one whose caption shares the most words with it, rare words counting for more; of those that
        fit about as well as the best, the seed chooses.
        """
        asked = _words(prompt)
        fits = [sum(self._weights[word] for word in sorted(words & asked)) for words in self._words]
        best = [i for i, fit in enumerate(fits) if fit >= NEARLY * max(fits)]
        return best[choose(seed, len(best))]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))
