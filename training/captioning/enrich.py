"""Captions over time: what holds of the whole clip, what of its parts, and what moves."""

from collections.abc import Sequence, Set
from typing import NamedTuple

import numpy as np

from genie.core.captions import LONGEST_PROMPT
from genie.core.mentions import Mentions, Said
from genie.core.phrases import Phrases, text_of, words_of
from training.captioning.captioner import ClipCaptioner, cleaned
from training.captioning.motion import motion_phrase, segments, view_shifts, without_motion


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
    frames: np.ndarray,
    captioner: ClipCaptioner,
    *,
    shortest: int,
    phrases: Phrases | None,
    enrich: bool,
    known: str = "",
) -> Described:
    """Caption a clip, uint8 [T, H, W, 3], that came with the caption `known`.

    With `enrich` it is cut where its motion changes, into parts of `shortest` frames or more that are looked
    at one by one; where the looks before and after a part agree on what it is not, that counts as misseen;
    and the view's motion is told.
    """
    if not enrich:
        text = cleaned(captioner.describe([frames], known)[0])
        return Described(text, (Timed(0, len(frames), text),) if text else ())
    shifts = view_shifts(frames)
    parts = segments(shifts, len(frames), shortest)
    looks = [frames, *(frames[start:end] for start, end in parts)] if len(parts) > 1 else [frames]
    said = [cleaned(text) for text in captioner.describe(looks, known)]
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
    """The captions of a clip and of its parts, each part's attributes as both its neighbours say them alike.

    A look that changes for good is left as it is, and so are attributes of which a look says several values.
    """
    found = [mentions.find(words_of(text)) for text in said]
    several = {slot for one in found for slot in _several(one, mentions)}
    values = [{slot: mentions.value(slot, text) for slot, text in one.phrases.items()} for one in found]
    mended = list(said)
    for n in range(2, len(said) - 1):
        before, own, after = values[n - 1 : n + 2]
        words = words_of(said[n])
        for slot in own.keys() & before.keys() & after.keys() - several:
            if before[slot] == after[slot] != own[slot]:
                new = mentions.phrase(slot, before[slot])
                words = _exchanged(words, words_of(found[n].phrases[slot]), words_of(new))
        if words != words_of(said[n]):
            mended[n] = text_of(words)
    return mended


def _several(said: Said, mentions: Mentions) -> Set[str]:
    """The attributes of which a caption says several values, word for word."""
    return {slot for slot in said.phrases for text in said.more if _is_of(slot, text, mentions)}


def _is_of(slot: str, text: str, mentions: Mentions) -> bool:
    try:
        mentions.value(slot, text)
    except KeyError:
        return False
    return True


def _exchanged(words: list[str], old: list[str], new: list[str]) -> list[str]:
    for i in range(len(words) - len(old) + 1):
        if words[i : i + len(old)] == old:
            return [*words[:i], *new, *words[i + len(old) :]]
    return words


def _joined(text: str, motion: str) -> str:
    if not motion:
        return text
    said = without_motion(text)[: LONGEST_PROMPT - len(motion) - 2].rstrip(" .")
    return f"{said}; {motion}" if said else motion
