"""Captions over time: what holds of the whole clip, what of its parts, and what moves."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from genie.core.mentions import Mentions
from genie.core.phrases import Phrases, text_of, words_of
from training.captioning.captioner import ClipCaptioner, cleaned
from training.captioning.motion import motion_phrase, segments, view_shifts


class Timed(NamedTuple):
    """`text` is true of frames start .. end - 1."""

    start: int
    end: int
    text: str


class Described(NamedTuple):
    """A caption of a whole clip and timed ones that cover it; both empty where nothing of use was said."""

    caption: str
    captions: tuple[Timed, ...]


def describe(
    frames: np.ndarray, captioner: ClipCaptioner, *, shortest: int, phrases: Phrases | None, enrich: bool
) -> Described:
    """Caption a clip, uint8 [T, H, W, 3].

    With `enrich` it is cut where its motion changes, into parts of `shortest` frames or more that are looked
    at one by one; what the subject and the place are is what most of these looks agree on; and the view's
    motion is told.
    """
    if not enrich:
        text = cleaned(captioner.describe([frames])[0])
        return Described(text, (Timed(0, len(frames), text),) if text else ())
    shifts = view_shifts(frames)
    parts = segments(shifts, len(frames), shortest)
    looks = [frames, *(frames[start:end] for start, end in parts)] if len(parts) > 1 else [frames]
    said = [cleaned(text) for text in captioner.describe(looks)]
    if phrases is not None and phrases.values:
        said = agreed(said, Mentions(phrases))
    whole, rest = said[0], said[1:] or said
    if not whole:
        return Described("", ())
    timed = []
    for (start, end), text in zip(parts, rest, strict=True):
        moved = motion_phrase(frames[start:end], shifts[start : end - 1])
        timed.append(Timed(start, end, _joined(text or whole, moved)))
    return Described(_joined(whole, motion_phrase(frames, shifts)), tuple(timed))


def agreed(said: Sequence[str], mentions: Mentions) -> list[str]:
    """The captions of one clip, each attribute said as most of them say it."""
    found = [mentions.find(words_of(text)).phrases for text in said]
    votes: dict[str, Counter[str]] = {}
    for phrases in found:
        for slot, phrase in phrases.items():
            votes.setdefault(slot, Counter())[mentions.value(slot, phrase)] += 1
    mended = []
    for text, phrases in zip(said, found, strict=True):
        words = words_of(text)
        for slot, phrase in phrases.items():
            value, count = votes[slot].most_common(1)[0]
            if mentions.value(slot, phrase) != value and count > votes[slot].total() / 2:
                words = _exchanged(words, words_of(phrase), words_of(mentions.phrase(slot, value)))
        mended.append(text_of(words) if words != words_of(text) else text)
    return mended


def _exchanged(words: list[str], old: list[str], new: list[str]) -> list[str]:
    for i in range(len(words) - len(old) + 1):
        if words[i : i + len(old)] == old:
            return [*words[:i], *new, *words[i + len(old) :]]
    return words


def _joined(text: str, motion: str) -> str:
    return f"{text.rstrip(' .')}; {motion}" if motion else text
