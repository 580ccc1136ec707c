"""What a world makes of a prompt: the words it understands, and the wording it was trained on."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cached_property

from genie.core.captions import LONGEST_PROMPT, CaptionTokenizer, checked_prompt
from genie.core.function_words import FUNCTION_WORDS
from genie.core.mentions import ARTICLES, Mentions
from genie.core.phrases import SLOT, Phrases, text_of, words_of
from genie.core.spelling import nearest_word


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a prompt is read.

    `asked` is the text as typed and `told` what the model is told for it; `understood` and `unknown` are the
    words of `asked` that the world's captions do and do not have, each once, in order; `corrected` pairs of a
    word and the known one it was read as; `unmet` what was asked for in known words and is not told, because
    nothing here is so ("purple sky", where skies are known but none is purple).
    """

    asked: str
    told: str
    understood: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    unmet: tuple[str, ...] = ()

    @property
    def is_expanded(self) -> bool:
        """Whether the model is told something other than what was typed."""
        return self.told != self.asked

    @property
    def note(self) -> str:
        """One line for the user: how the prompt is read, and what in it says nothing to the world; or ""."""
        said = [f'the prompt is read as "{self.told}"'] if self.is_expanded else []
        if not self.lost:
            return "".join(said)
        return "; ".join([*said, self.lost]) if said else f"in the prompt, {self.lost}"

    @property
    def lost(self) -> str:
        """What of the prompt the world cannot show, and why; or ""."""
        parts = {"not understood": self.unknown, "not in this world": self.unmet}
        return "; ".join(f"{why}: {', '.join(words)}" for why, words in parts.items() if words)


class PromptReader:
    """Reads prompts for one world, out of its tokenizer's words and, if it has them, its phrases."""

    def __init__(self, captions: CaptionTokenizer, phrases: Phrases | None) -> None:
        self._captions = captions
        self._words = captions.words
        self._phrases = phrases
        self.mentions = Mentions(phrases) if phrases else None
        """Finds what a text says, where it is known what captions are made of."""

    def read(self, text: str, *, beside: str = "", expand: bool = True) -> Reading:
        """Read a prompt; PromptError for what is none.

        With `expand`, what it leaves open is taken from `beside`, a caption or prompt of the same world, and
        all of it is worded as the captions are. A prompt that is worded so already or that is empty stays as
        it is, and so does every prompt of a world without phrases. One of which nothing is understood changes
        nothing of what is beside it.
        """
        words = list(dict.fromkeys(word for word in words_of(checked_prompt(text)) if _means_something(word)))
        corrected, unknown = {}, []
        for word in words:
            if self._captions.unknown(word):
                near = nearest_word(word, self._words)
                if near:
                    corrected[word] = near
                else:
                    unknown.append(word)
        told, unmet = text, tuple[str, ...]()
        if expand and self.mentions is not None:
            told, unmet = self._expanded(text, beside, corrected, frozenset(unknown))
        return Reading(
            asked=text,
            told=told,
            understood=tuple(word for word in words if word not in unknown),
            unknown=tuple(unknown),
            corrected=tuple(corrected.items()),
            unmet=unmet,
        )

    def _expanded(
        self, text: str, beside: str, corrected: dict[str, str], unknown: frozenset[str]
    ) -> tuple[str, tuple[str, ...]]:
        """What is told for a text, and what of it is not met."""
        assert self._phrases is not None and self.mentions is not None
        words = [corrected.get(word, word) for word in words_of(text) if word not in unknown]
        if not any(_means_something(word) for word in words):
            return beside if unknown and beside else text, ()
        said = self.mentions.find(words)
        if said.is_exact and not unknown and not corrected:
            return text, ()
        there = self.mentions.find(words_of(beside)).phrases
        phrases = {**there, **said.phrases}
        for slot, phrase in there.items():  # "a cave" is any cave: the one that is there stays
            if {word for word in words_of(said.phrases.get(slot, "")) if word in words} <= {
                *words_of(phrase)
            }:
                phrases[slot] = phrase
        rest = {word for run in said.rest for word in run if _means_something(word)}
        template = self._template(rest, said.phrases.keys(), phrases.keys())
        if template is None:
            return text_of(words) if corrected else text, ()
        told = SLOT.sub(lambda slot: phrases[slot[1]], template)
        known = {word for run in said.rest for word in run if self.mentions.tells_apart(word)}
        more = _unsaid(said.rest, {*words_of(told), *known})
        return ", ".join([told, *said.more, *map(text_of, more)])[:LONGEST_PROMPT], said.lost

    def _template(self, rest: set[str], said: Set[str], known: Set[str]) -> str | None:
        """The template that says what is said and most of what is known, with the most of the words.

        Of equals, the one with the least words beside them. None where nothing does, or too little is known.
        """
        assert self._phrases is not None
        usual = self._usual
        best, most = None, (0, 0, 0)
        whole = not self._phrases.values
        for text, _ in self._phrases.templates:
            own = {word for word in words_of(SLOT.sub(" ", text)) if _means_something(word)}
            slots = set(SLOT.findall(text))
            if not (slots <= known and said | usual <= slots):
                continue
            more, less = len(own & rest), len(own - rest)
            fit = (0, more, -less) if whole else (len(slots), more - less, 0)
            if best is None or fit > most:
                best, most = text, fit
        return None if whole and most[1] < len(rest) else best

    @cached_property
    def _usual(self) -> frozenset[str]:
        """The slots that most captions fill: a wording without them is no whole description."""
        assert self._phrases is not None
        spread = Counter[str]()
        for text, count in self._phrases.templates:
            spread.update(dict.fromkeys(SLOT.findall(text), count))
        every = sum(count for _, count in self._phrases.templates)
        return frozenset(slot for slot, count in spread.items() if count > every / 2)


def _unsaid(rest: tuple[tuple[str, ...], ...], told: set[str]) -> Iterator[list[str]]:
    """What was asked for and is not told, in the words that it was asked in."""
    for run in rest:
        new = [n for n, word in enumerate(run) if _means_something(word) and word not in told]
        if new:
            first = new[0] - (new[0] > 0 and run[new[0] - 1] in ARTICLES)
            yield list(run[first : new[-1] + 1])


def _means_something(word: str) -> bool:
    return word not in FUNCTION_WORDS and not all(unicodedata.category(c).startswith("P") for c in word)
