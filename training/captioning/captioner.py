"""What every captioner is to the rest: something with a name that says what clips show."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from genie.core.captions import LONGEST_PROMPT
from genie.core.errors import GenieError
from genie.core.phrases import PHRASES, Phrases
from genie.worlds.catalog import world_paths

MOST_WORDS_REPEATED = 100  # of a phrase that is looked for: more would hardly fit into a caption twice
LONG_PHRASE = 9  # words: nobody says so many twice on end
MOST_WORDS_LEFT, MOST_LETTERS_LEFT = 4, 4  # of nothing but a loop, said once
SHORTEST_RUN = 12  # letters: "10000" is none
_RUN = re.compile(r"(\S{1,40}?)\1{5,}")
CHECKPOINT = "captioner/checkpoint.pt"
EMBEDDED = "embedded"
"""The name of every captioner that `train captioner` made."""


class ClipCaptioner(Protocol):
    """Says what clips show."""

    @property
    def name(self) -> str:
        """What stands beside its captions, to say where they came from."""

    def describe(self, clips: Sequence[np.ndarray], known: str = "") -> list[str]:
        """A caption for each of some clips, uint8 [T, H, W, 3] with T of 1 or more; it may be empty.

        known: a caption that all of them came with, for who can read.
        """


def embedded_folder(name: str) -> Path | None:
    """The run folder that `name` is, or the folder of the world of that id, if it holds a captioner."""
    folders = (Path(name), world_paths().get(name))
    return next((folder for folder in folders if folder and (folder / CHECKPOINT).is_file()), None)


def source_of(name: str) -> str:
    """The name that the captioner which `open_captioner` opens will have."""
    return EMBEDDED if embedded_folder(name) else name


def phrases_of(name: str) -> Phrases | None:
    """What the captions are made of that a captioner learned from, where that is known."""
    folder = embedded_folder(name)
    file = folder and folder / "captioner" / PHRASES
    return Phrases.load(file) if file and file.is_file() else None


def open_captioner(name: str, device: str = "auto") -> ClipCaptioner:
    """A captioner by name: a folder that `train captioner` wrote, a world that has one, or a model of
    `transformers`.

    Raises GenieError, saying what to do, for a model that cannot be had.
    """
    if folder := embedded_folder(name):
        from training.captioning.embedded import EmbeddedCaptioner

        return EmbeddedCaptioner(folder, device)
    if name in world_paths():
        raise GenieError(
            f"{name} brings no captioner: train one with  python -m training train captioner {name} ..., and "
            "name its run folder"
        )
    from training.captioning.pretrained import PretrainedCaptioner

    return PretrainedCaptioner(name, device)


def cleaned(text: str) -> str:
    """What is left of a model's answer: one line without loops, "" where it said nothing of use.

    A phrase said three times on end, or more, is said once, and so is a long one said twice; what nothing but
    loops is left of is nothing.
    """
    text = " ".join(text.replace("\0", " ").split())
    short = _RUN.sub(_once, text)  # before words are told apart: not every language parts them by blanks
    if short != text and len(short) <= MOST_LETTERS_LEFT:
        return ""
    words = short.split()
    kept: list[str] = []
    looped = False
    i = 0
    while i < len(words):
        size, times = _loop(words, i)
        phrase = words[i : i + size]
        kept += phrase
        i += size * times
        if times > 1:
            looped = True
            if words[i:] == phrase[: len(words) - i]:
                break  # the last time it was cut short
    said = " ".join(kept)[:LONGEST_PROMPT].strip()
    if not re.search(r"\w", said) or (looped and len(kept) <= MOST_WORDS_LEFT):
        return ""
    return said


def _once(run: re.Match[str]) -> str:
    return run[1] if len(run[0]) >= SHORTEST_RUN else run[0]


def _loop(words: list[str], start: int) -> tuple[int, int]:
    """Length and count of what is repeated from `start` on: (1, 1) for a word that starts no loop."""
    for size in range(1, min(MOST_WORDS_REPEATED, len(words) - start) + 1):
        phrase = words[start : start + size]
        times = 1
        while words[start + times * size : start + (times + 1) * size] == phrase:
            times += 1
        if times >= (3 if size < LONG_PHRASE else 2):
            return size, times
    return 1, 1
