"""Finds the words that say an attribute's values, by substitution.

Captions that are equal but for one span, of clips that differ in one attribute alone, say that attribute's
values in that span (after van Zaanen, "ABL: Alignment-Based Learning", COLING 2000). Nothing here knows any
world's words.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from genie.clips.changes import attributes_at
from genie.clips.frame_store import FrameStore
from genie.core.phrases import words_of

Words = tuple[str, ...]
Found = dict[str, dict[str, Counter[Words]]]
"""How often each phrase was seen to say a value: by attribute, by value."""

MOST_VALUES = 200  # an attribute with more is a name or a number of something, not a kind
MOST_CAPTIONS = 12_000
MOST_ALIKE = 40  # captions compared of those that share a context
LONGEST_PHRASE = 12
OFTEN = 0.75


@dataclass(frozen=True, kw_only=True)
class Captioned:
    """A caption's words and the attributes of what it is true of: their values, mostly one each."""

    words: Words
    attributes: Mapping[str, frozenset[str]]


class Place(NamedTuple):
    """Where a caption says a value: words [start, end)."""

    start: int
    end: int
    value: str


def substitutions(captions: Sequence[Captioned]) -> Found:
    """The phrases that say the attributes which the captions speak of, and how often they were exchanged."""
    every = set(captions[0].attributes) if captions else set()
    if not every:
        return {}
    return _substituted(captions, _told(_substituted(captions, every)))


def captions_of(store: FrameStore) -> list[Captioned]:
    """The distinct captions of a store's clips, at most MOST_CAPTIONS, with the attributes that hold then."""
    names = _kinds(store.attributes)
    seen: dict[tuple[Any, ...], Captioned] = {}
    for clip, attributes in enumerate(store.attributes):
        rows = slice(store.starts[clip], store.starts[clip + 1])
        timed, first = np.unique(store.caption_of[rows], return_index=True)
        texts = [(store.clip_captions[clip], 0)]
        texts += [(store.captions[i], frame) for i, frame in zip(timed, first.tolist(), strict=True)]
        for text, frame in texts:
            held = attributes_at(attributes, frame)
            own = {name: values_of(held.get(name)) for name in names}
            words = tuple(words_of(text))
            if all(own.values()):
                seen.setdefault((words, *own.values()), Captioned(words=words, attributes=own))
    every = [caption for caption in seen.values() if caption.words]
    chosen = np.random.default_rng(0).permutation(len(every))[:MOST_CAPTIONS]
    return [every[i] for i in np.sort(chosen)]


def values_of(attribute: object) -> frozenset[str]:
    """The values of an attribute: a text is one, a list of texts or of {name: text} several, all else 0."""
    if isinstance(attribute, str):
        return frozenset((attribute,))
    things = attribute if isinstance(attribute, list) else []
    told = [" ".join(thing.values()) if _is_told(thing) else thing for thing in things]
    return frozenset(told) if all(isinstance(thing, str) for thing in told) else frozenset()


def _is_told(thing: object) -> bool:
    return isinstance(thing, dict) and all(isinstance(value, str) for value in thing.values())


def _kinds(attributes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The attributes that are words, and take a handful of values: those that most clips have together.

    Clips of another origin may have others, and must not cost these theirs.
    """
    values: dict[str, set[str]] = {}
    for one in attributes:
        for name, value in one.items():
            if re.fullmatch(r"\w+", name) and (own := values_of(value)):
                values.setdefault(name, set()).update(own)
    kinds = [name for name, found in values.items() if 2 <= len(found) <= MOST_VALUES]
    together = Counter(
        tuple(sorted(name for name in kinds if values_of(one.get(name)))) for one in attributes
    )
    most = max(((count, names) for names, count in together.items()), default=(0, ()))
    return list(most[1])


def _substituted(captions: Sequence[Captioned], names: set[str]) -> Found:
    """The spans in which captions differ whose attributes, of those named, differ in one alone."""
    found: Found = {}
    for spans in _same_contexts(captions):
        for n, (first, i, j) in enumerate(spans):
            one, phrase = captions[first], captions[first].words[i:j]
            for second, k, m in spans[:n]:
                other, rival = captions[second], captions[second].words[k:m]
                if phrase[0] == rival[0] or phrase[-1] == rival[-1]:
                    continue  # a shorter span would do
                differing = [a for a in names if other.attributes[a] != one.attributes[a]]
                if len(differing) == 1 and all(len(x.attributes[differing[0]]) == 1 for x in (one, other)):
                    values = found.setdefault(differing[0], {})
                    for own, said in ((one, phrase), (other, rival)):
                        (value,) = own.attributes[differing[0]]
                        values.setdefault(value, Counter())[said] += 1
    return found


def _same_contexts(captions: Sequence[Captioned]) -> Iterator[list[tuple[int, int, int]]]:
    """Groups of spans (caption, start, end) that have the same words before them and the same after."""
    keys, spans = [], []
    for number, caption in enumerate(captions):
        words = caption.words
        before = [hash(words[:i]) for i in range(len(words) + 1)]
        after = [hash(words[i:]) for i in range(len(words) + 1)]
        for i, j in spans_of(words):
            keys.append(hash((before[i], after[j])))
            spans.append((number, i, j))
    hashes = np.array(keys, np.int64)
    order = np.argsort(hashes, kind="stable")
    bounds = np.concatenate([[0], np.flatnonzero(np.diff(hashes[order])) + 1, [len(order)]])
    shared = np.flatnonzero(np.diff(bounds) > 1)
    for start, end in zip(bounds[shared].tolist(), bounds[shared + 1].tolist(), strict=True):
        yield [spans[i] for i in order[start : min(end, start + MOST_ALIKE)].tolist()]


def _told(found: Found) -> set[str]:
    """The attributes that the captions speak of: those where what is said for a value is said of no other.

    Two values may share all their phrases (they look alike); most of an attribute's values may not.
    """
    told = set()
    for name, values in found.items():
        best = [min(said.items(), key=lambda one: (-one[1], one[0])) for said in values.values()]
        sure = [count > OFTEN * sum(other[p] for other in values.values()) for p, count in best]
        if sum(sure) > len(values) / 2:
            told.add(name)
    return told


def spans_of(words: Words) -> Iterator[tuple[int, int]]:
    """Every span of words [start, end) that could be a phrase."""
    for i in range(len(words)):
        for j in range(i + 1, min(i + LONGEST_PHRASE, len(words)) + 1):
            if j - i < len(words):
                yield i, j
