"""Whether captions say the attributes that are true: what SPICE asks, with the simulator's word for truth.

A caption is read with the phrases of the world it speaks of (see training/phrases.py). Attributes that no
caption tells apart, because they look alike, count as one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genie.core.mentions import Mentions
from genie.core.phrases import Phrases, words_of


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How attributes were said.

    accuracy by attribute: the share of captions that say the true value; named: the share that say any value;
    precision and recall over all attributes of all captions, and f1 of the two, as SPICE has it.
    """

    accuracy: dict[str, float]
    named: dict[str, float]
    precision: float
    recall: float

    @property
    def mean(self) -> float:
        """Accuracy over all attributes."""
        return sum(self.accuracy.values()) / max(1, len(self.accuracy))

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


class AttributeReader:
    """Reads attributes off captions; `examples` are true captions, with the attributes they are true of.

    Attributes that have several values at once are not read: a caption may say any of them, and none is owed.
    """

    def __init__(self, phrases: Phrases, examples: Sequence[tuple[str, Mapping[str, object]]]) -> None:
        self.slots = tuple(
            slot for slot in phrases.values if all(isinstance(facts[slot], str) for _, facts in examples)
        )
        self._mentions = Mentions(phrases)
        # Which of the values that can be told apart each attribute's own value belongs to.
        seen: dict[tuple[str, str], Counter[str]] = {}
        for caption, attributes in examples:
            for slot, value in self.read(caption).items():
                seen.setdefault((slot, str(attributes[slot])), Counter())[value] += 1
        self._group = {key: values.most_common(1)[0][0] for key, values in seen.items()}

    def read(self, caption: str) -> dict[str, str]:
        """The values that a caption says, by attribute."""
        said = self._mentions.find(words_of(caption)).phrases
        return {slot: self._mentions.value(slot, text) for slot, text in said.items() if slot in self.slots}

    def truth(self, attributes: Mapping[str, object]) -> dict[str, str]:
        """The values, of those that can be told apart, that a clip's attributes stand for."""
        found = ((slot, self._group.get((slot, str(attributes.get(slot))))) for slot in self.slots)
        return {slot: value for slot, value in found if value is not None}

    def agreement(self, captions: Sequence[str], attributes: Sequence[Mapping[str, object]]) -> Agreement:
        """Hold captions against the attributes of what they describe."""
        right: Counter[str] = Counter()
        said: Counter[str] = Counter()
        there: Counter[str] = Counter()
        for caption, facts in zip(captions, attributes, strict=True):
            told, truth = self.read(caption), self.truth(facts)
            for slot, value in truth.items():
                there[slot] += 1
                said[slot] += slot in told
                right[slot] += told.get(slot) == value
        return Agreement(
            accuracy={slot: right[slot] / there[slot] for slot in self.slots if there[slot]},
            named={slot: said[slot] / there[slot] for slot in self.slots if there[slot]},
            precision=right.total() / max(1, said.total()),
            recall=right.total() / max(1, there.total()),
        )
