"""What is asked of a world in words: prompts worded as its captions are, every attribute named."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from genie.core.phrases import SLOT, Phrases

WORDINGS = 8  # of the most frequent templates that name everything


class Prompt(NamedTuple):
    """text, and what it names: int [attributes], numbers of values."""

    text: str
    named: np.ndarray


class Wording:
    """Words prompts out of a world's phrases; values are those to be asked for, by attribute, as numbered."""

    def __init__(self, phrases: Phrases, values: Mapping[str, Sequence[str]]) -> None:
        self.phrases, self.names = phrases, tuple(values)
        self.values = [tuple(own) for own in values.values()]
        whole = [text for text, _ in phrases.templates if set(SLOT.findall(text)) == set(self.names)]
        self.templates = whole[:WORDINGS]

    def prompt(self, named: np.ndarray, number: int) -> Prompt:
        """The prompt that names these values, in the wording of this number."""
        said = {
            name: self.phrases.values[name][values[place]][0][0]
            for name, values, place in zip(self.names, self.values, named, strict=True)
        }
        template = self.templates[number % len(self.templates)]
        return Prompt(SLOT.sub(lambda slot: said[slot[1]], template), np.asarray(named))

    def brief(self, place: int, value: int) -> str:
        """As little as a player says of one value: "snowy ground"; "blue alien", where "blue" needs it."""
        name = self.names[place]
        followers = Counter[str]()
        for template, count in self.phrases.templates:
            for word in re.findall(rf"\{{{name}\}}(?: (\w+))?", template):
                followers[word] += count
        usual, times = followers.most_common(1)[0]
        said = self.phrases.values[name][self.values[place][value]][0][0]
        return f"{said} {usual}" if " " not in said and usual and 2 * times > followers.total() else said
