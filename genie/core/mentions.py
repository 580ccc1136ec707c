"""Which of a world's phrases a text means, whole or in part."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise, takewhile

from genie.core.function_words import FUNCTION_WORDS
from genie.core.phrases import SLOT, Phrases, words_of

ARTICLES = frozenset(("a", "an", "the", "some"))
_ENOUGH = 0.3  # evidence for a phrase: 1 is one word that only this value's phrases have, where it belongs
_OUT_OF_PLACE = 0.6  # what evidence counts that does not stand where the slot does
_CROSSED = 0.6  # share of all pairs of words that must be said for the others to be known
_SLACK = 2  # words between those of a phrase
_WHOLE = 0.5  # what a phrase said in full counts beside the words themselves
_OWNED = 0.5  # of the share of values that the slot which has a word most often has it for
_COMMON = 0.3  # of a slot's values have a word that names the slot rather than a value: ground, walls, floor


@dataclass(frozen=True, kw_only=True)
class Said:
    """`phrases` by slot; `more` others that are there word for word, of slots that have one; `rest` the words
    that are part of none, those that stood together together; `lost` what is said in words of phrases and is
    no phrase's; whether everything is said and in full."""

    phrases: dict[str, str]
    more: tuple[str, ...]
    rest: tuple[tuple[str, ...], ...]
    lost: tuple[str, ...]
    is_exact: bool


@dataclass(frozen=True, kw_only=True)
class _Phrase:
    slot: str
    text: str
    words: tuple[str, ...]


class Mentions:
    """Finds phrases in texts: first those that are there word for word, then those whose rarer words are."""

    def __init__(self, phrases: Phrases) -> None:
        self._slots = tuple(phrases.values)
        self._counts = {slot: len(values) for slot, values in phrases.values.items()}
        self._phrases: list[_Phrase] = []
        self._values = {
            (slot, text): value
            for slot, values in phrases.values.items()
            for value, said in values.items()
            for text, _ in said
        }
        self._weights: dict[str, dict[str, float]] = {}
        for slot, values in phrases.values.items():
            spread: Counter[str] = Counter()
            for said in values.values():
                spread.update({word for text, _ in said for word in words_of(text)})
                self._phrases += [_phrase(slot, text) for text, _ in said]
            # 1 for a word that only one value is described with, near 0 for one that all are; 0 for a comma.
            total = math.log(len(values) + 1)
            self._weights[slot] = {
                word: math.log((len(values) + 1) / count) / total if _has_content(word) else 0.0
                for word, count in spread.items()
            }
            for text in composed([text for said in values.values() for text, _ in said]):
                self._phrases.append(_phrase(slot, text))
                self._values[slot, text] = text
        self._longest_first = sorted(self._phrases, key=lambda phrase: -len(phrase.words))
        self._before, self._after = _neighbours(phrases)
        # Of each word that is part of phrases or follows them in captions: the share of each slot's values.
        self._shares = _shares(phrases, self._after)

    def value(self, slot: str, phrase: str) -> str:
        """The value that a phrase says in a slot."""
        return self._values[slot, phrase]

    def phrase(self, slot: str, value: str) -> str:
        """The most frequent phrase for a value of a slot."""
        return next(text for (s, text), v in self._values.items() if (s, v) == (slot, value))

    def tells_apart(self, word: str) -> bool:
        """Whether some slot's values are told apart by the word."""
        return any(weights.get(word, 0.0) > 0 for weights in self._weights.values())

    def find(self, words: Sequence[str]) -> Said:
        """Find what the words of a text (see `words_of`) mean, each word meaning one thing at most."""
        free = [True] * len(words)
        found: dict[str, str] = {}
        more: list[str] = []
        present = set(words)
        for phrase in self._longest_first:
            if not present.issuperset(phrase.words):
                continue
            size = len(phrase.words)
            for i in range(len(words) - size + 1):
                if tuple(words[i : i + size]) != phrase.words or not all(free[i : i + size]):
                    continue
                if phrase.slot not in found and (size > 1 or self._in_place(phrase.slot, words, i, i + 1)):
                    found[phrase.slot] = phrase.text
                elif phrase.slot in found and size > 1:
                    more.append(phrase.text)
                else:
                    continue
                free[i : i + size] = [False] * size
        is_exact = len(found) == len(self._slots) > 0
        while len(found) < len(self._slots):
            guesses = [
                self._guess(phrase, words, free) for phrase in self._phrases if phrase.slot not in found
            ]
            guesses.sort(key=lambda guess: -guess[0])
            likely = takewhile(lambda guess: guess[0] >= _ENOUGH, guesses)
            best = next((guess for guess in likely if self._fits(*guess[1:], words, free)), None)
            if best is None:
                break
            _, phrase, used = best
            found[phrase.slot] = phrase.text
            for i in used:
                free[i] = False
        runs = groupby(zip(words, free, strict=True), key=lambda one: one[1])
        rest = tuple(tuple(word for word, _ in run) for is_free, run in runs if is_free)
        lost = self._lost(words, free)
        return Said(phrases=found, more=tuple(more), rest=rest, lost=lost, is_exact=is_exact)

    def _guess(
        self, phrase: _Phrase, words: Sequence[str], free: Sequence[bool]
    ) -> tuple[float, _Phrase, list[int]]:
        """How far the words speak for a phrase, and the places of those that do."""
        weights = self._weights[phrase.slot]
        said = [i for i, word in enumerate(words) if free[i] and word in phrase.words and weights[word] > 0]
        # What stands apart speaks of different things: "an alien on grass, green hills" is no green grass.
        reach = len(phrase.words) + _SLACK
        parts = list(accumulate(not word[0].isalnum() for word in words))
        near = (
            {words[j]: j for j in reversed(said) if i <= j < i + reach and parts[i] == parts[j]} for i in said
        )
        first = max(near, key=lambda words: sum(weights[word] for word in words), default={})
        used = sorted(first.values())
        spoken = sum(weights[word] for word in first)
        if not spoken:
            return 0.0, phrase, used
        side_by_side = any(b - a == 1 for a, b in pairwise(used))
        in_place = side_by_side or any(self._in_place(phrase.slot, words, i, i + 1) for i in used)
        whole = spoken / sum(weights[word] for word in set(phrase.words))
        return (spoken + _WHOLE * whole) * (1 if in_place else _OUT_OF_PLACE), phrase, used

    def _fits(self, phrase: _Phrase, used: Sequence[int], words: Sequence[str], free: Sequence[bool]) -> bool:
        """Whether the words that speak for a phrase belong to its slot, and are said of nothing else.

        "Yellow ground" speaks of no yellow alien, and "a blue carpet" of no blue water: what follows a word
        is what it is said of.
        """
        for i in used:
            if i + 1 == len(words) or i + 1 in used or not _has_content(words[i + 1]):
                continue
            names_another = words[i + 1] in self._shares and not self._is_common(phrase.slot, words[i + 1])
            if names_another or not free[i + 1]:
                return False
        return any(self._owns(phrase.slot, words[i]) for i in used)

    def _is_common(self, slot: str, word: str) -> bool:
        """Whether the word says which slot is meant, and not which of its values."""
        share = self._shares[word].get(slot, 0.0)
        return share >= _COMMON and share * self._counts[slot] > 1

    def _owns(self, slot: str, word: str) -> bool:
        """Whether no other slot has the word much more often."""
        shares = self._shares[word]
        return shares.get(slot, 0.0) >= _OWNED * max(shares.values())

    def _lost(self, words: Sequence[str], free: Sequence[bool]) -> tuple[str, ...]:
        """What is said in words that tell values apart, not all of which are part of something found."""
        lost = []
        for has_content, group in groupby(range(len(words)), key=lambda i: _has_content(words[i])):
            places = list(group)
            if has_content and any(
                free[i]
                and self.tells_apart(words[i])
                and not any(self._is_common(slot, words[i]) for slot in self._slots)
                for i in places
            ):
                lost.append(" ".join(words[i] for i in places))
        return tuple(lost)

    def _in_place(self, slot: str, words: Sequence[str], start: int, end: int) -> bool:
        """Whether a neighbour of words [start, end) is one that the slot has in the captions."""
        while start and words[start - 1] in ARTICLES:
            start -= 1
        before = words[start - 1] if start else None
        after = words[end] if end < len(words) else None
        return before in self._before[slot] or after in self._after[slot]


def _phrase(slot: str, text: str) -> _Phrase:
    return _Phrase(slot=slot, text=text, words=tuple(words_of(text)))


def _has_content(word: str) -> bool:
    return word[0].isalnum() and word not in FUNCTION_WORDS


def _shares(phrases: Phrases, after: dict[str, set[str]]) -> dict[str, dict[str, float]]:
    shares: dict[str, dict[str, float]] = {}
    for slot, values in phrases.values.items():
        spread = Counter(
            word for said in values.values() for word in {w for text, _ in said for w in words_of(text)}
        )
        for word, count in spread.items():
            shares.setdefault(word, {})[slot] = count / len(values)
        for word in filter(_has_content, after[slot]):
            shares.setdefault(word, {})[slot] = 1.0  # "alien" after the colours of aliens
    return shares


def composed(texts: Sequence[str]) -> list[str]:
    """The phrases of two words that are missing where nearly all others are said that could be.

    Who knows a red ball, a red box and a blue box knows what a blue ball is, seen or not.
    """
    articles: dict[str, str] = {}
    pairs = set()
    for text in texts:
        words = words_of(text)
        start = words[0] in ARTICLES
        if len(words) == start + 2:
            pairs.add((words[start], words[start + 1]))
            articles[words[start]] = words[0] + " " if start else ""
    firsts, seconds = sorted({a for a, _ in pairs}), sorted({b for _, b in pairs})
    if min(len(firsts), len(seconds)) < 2 or len(pairs) < _CROSSED * len(firsts) * len(seconds):
        return []
    return [f"{articles[a]}{a} {b}" for a in firsts for b in seconds if (a, b) not in pairs]


def _neighbours(phrases: Phrases) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The words that stand before and after each slot in the templates."""
    before: dict[str, set[str]] = {slot: set() for slot in phrases.values}
    after: dict[str, set[str]] = {slot: set() for slot in phrases.values}
    for text, _ in phrases.templates:
        parts = SLOT.split(text)  # words, slot, words, slot, ..., words
        for n in range(1, len(parts), 2):
            left, right = words_of(parts[n - 1]), words_of(parts[n + 1])
            before[parts[n]].update(word for word in left[-1:] if word.isalnum() and word not in ARTICLES)
            after[parts[n]].update(word for word in right[:1] if word.isalnum() and word not in ARTICLES)
    return before, after
