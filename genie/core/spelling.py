"""Words that were meant: a known word in another form, or misspelled by one slip."""

from __future__ import annotations

from collections.abc import Collection

_ENDINGS = ("ing", "ish", "ed", "es", "er", "ly", "en", "y", "s", "d", "e")
_SHORTEST_STEM = 3
_SHORTEST_MISSPELLED = 4


def nearest_word(word: str, known: Collection[str]) -> str | None:
    """Return the known word that `word` is another form of, or one slip of the fingers away from.

    A slip is a letter left out, added, or two swapped. A letter in place of another is no slip: "store" is
    not "stone" misspelled, but a word of its own.
    """
    forms = _stems(word)
    alike = [other for other in known if forms & _stems(other)]
    if not alike and len(word) >= _SHORTEST_MISSPELLED:
        slips = _slips(word)
        alike = [other for other in known if other in slips or word in _slips(other)]
    return min(alike, key=lambda other: (abs(len(other) - len(word)), other), default=None)


def _stems(word: str) -> set[str]:
    stems = {word}
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            stems.add(stem)
            if stem[-1] == stem[-2]:  # runn-ing
                stems.add(stem[:-1])
    return stems


def _slips(word: str) -> set[str]:
    """Every word made by leaving out a letter or swapping two neighbours."""
    shorter = {word[:i] + word[i + 1 :] for i in range(len(word))}
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    return {slip for slip in shorter | swapped if len(slip) >= _SHORTEST_STEM}
