"""Finds the words that say an attribute's values, by the company they keep.

Words say a value when they stand in captions of that value and in hardly any others. Around such a core
belong the other words that are hardly ever said but of this attribute: "walls of" with "red brick". Nothing
here knows any world's words.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from genie.core.function_words import FUNCTION_WORDS
from training.substitutions import OFTEN, Captioned, Found, Words

LEAST = 6  # captions that have a core
LONGEST = 3  # words of a core
PURE = 0.97  # share of a core's captions that have its value
RARE = 0.5  # largest share of captions that a value may have: what is nearly always so is said by every word
TOLD = 0.6  # share of the captions that say an attribute
OWN = 0.9  # share of a word's uses that are next to an attribute's cores
NEAR = 3  # words between a core and what is next to it

Core = tuple[int, int]
"""Where a core stands in a caption: words [start, end)."""


def associations(captions: Sequence[Captioned]) -> Found:
    """The phrases that say the attributes which most captions speak of, and in how many captions they do."""
    spans = [{caption.words[i:j] for i, j in _spans(caption.words)} for caption in captions]
    counts = Counter(span for own in spans for span in own)
    often = {span for span, count in counts.items() if count >= LEAST}
    found: Found = {}
    for name in sorted(captions[0].attributes) if captions else ():
        value_of = _pure(captions, spans, often, name)
        cores = [_cores(caption, value_of, name) for caption in captions]
        if sum(bool(own) for own in cores) >= TOLD * len(captions):
            wide = _completed(captions, _around(captions, cores, _owned(captions, cores)), name)
            found[name] = _counted(captions, wide, name)
    return found


def _pure(
    captions: Sequence[Captioned], spans: Sequence[set[Words]], often: set[Words], name: str
) -> dict[Words, str]:
    """The words that are hardly said but where the attribute has one value, and which value that is."""
    shares = Counter(caption.attributes[name] for caption in captions)
    beside: dict[Words, Counter[str]] = {}
    for caption, own in zip(captions, spans, strict=True):
        for span in own & often:
            beside.setdefault(span, Counter())[caption.attributes[name]] += 1
    best = {span: held.most_common(1)[0] for span, held in beside.items()}
    return {
        span: value
        for span, (value, count) in best.items()
        if count >= PURE * beside[span].total() and shares[value] <= RARE * len(captions)
    }


def _cores(caption: Captioned, value_of: dict[Words, str], name: str) -> list[Core]:
    """Where the caption says its value, as shortly as can be."""
    value = caption.attributes[name]
    pure = [(i, j) for i, j in _spans(caption.words) if value_of.get(caption.words[i:j]) == value]
    return [(i, j) for i, j in pure if not any(i <= k and m <= j and m - k < j - i for k, m in pure)]


def _owned(captions: Sequence[Captioned], cores: Sequence[list[Core]]) -> set[str]:
    """The words that hardly stand anywhere but next to cores."""
    said, near = Counter[str](), Counter[str]()
    for caption, own in zip(captions, cores, strict=True):
        for place, word in enumerate(caption.words):
            said[word] += 1
            near[word] += any(
                max(i - place, place - j + 1) <= NEAR
                and _unbroken(caption.words, min(i, place), max(j, place))
                for i, j in own
            )
    return {word for word, count in near.items() if count >= max(LEAST, OWN * said[word])} - FUNCTION_WORDS


def _around(captions: Sequence[Captioned], cores: Sequence[list[Core]], owned: set[str]) -> list[list[Core]]:
    """The cores with what is owned around them, over one small word at most."""
    wider = []
    for caption, own in zip(captions, cores, strict=True):
        belongs = [word in owned for word in caption.words]
        for i, j in own:
            belongs[i:j] = [True] * (j - i)
        small = [word in FUNCTION_WORDS for word in caption.words]
        for place in range(1, len(small) - 1):
            belongs[place] |= small[place] and belongs[place - 1] and belongs[place + 1]
        runs = _runs(belongs)
        wider.append([run for run in runs if any(run[0] <= i and j <= run[1] for i, j in own)])
    return wider


def _completed(captions: Sequence[Captioned], spans: Sequence[list[Core]], name: str) -> list[list[Core]]:
    """The spans with the words beside them that are theirs: a value's own, or nearly always there."""
    for side in (-1, 1) * LONGEST:
        by_word: dict[str, Counter[str]] = {}
        by_words: dict[Words, Counter[str]] = {}
        for caption, own in zip(captions, spans, strict=True):
            for i, j in own:
                word = _beside(caption.words, (i, j), side)
                by_word.setdefault(word, Counter())[caption.attributes[name]] += 1
                by_words.setdefault(caption.words[i:j], Counter())[word] += 1
        usual = OFTEN * sum(values.total() for values in by_word.values())
        telling = {word for word, values in by_word.items() if _nearly_all(values)} - FUNCTION_WORDS
        always = {(words, word) for words, beside in by_words.items() for word in _nearly_all(beside)}
        always = {(words, word) for words, word in always if by_word[word].total() < usual}
        spans = [
            [_joined(caption.words, span, side, telling, always) for span in own]
            for caption, own in zip(captions, spans, strict=True)
        ]
    return list(spans)


def _nearly_all(counts: Counter[str]) -> list[str]:
    """What was counted nearly always, if anything was."""
    return [most for most, count in counts.items() if count >= max(LEAST, OWN * counts.total())]


def _joined(words: Words, span: Core, side: int, telling: set[str], always: set[tuple[Words, str]]) -> Core:
    i, j = span
    word = _beside(words, span, side)
    if word and (word in telling or (words[i:j], word) in always):
        return (i - 1, j) if side < 0 else (i, j + 1)
    return span


def _beside(words: Words, span: Core, side: int) -> str:
    """The word before (side -1) or after (side 1) a span, "" where there is none."""
    word = "".join(words[span[0] - 1 : span[0]] if side < 0 else words[span[1] : span[1] + 1])
    return word if word[:1].isalnum() else ""


def _runs(belongs: Sequence[bool]) -> Iterator[Core]:
    """Where words in a row belong."""
    start = 0
    for value, group in groupby(belongs):
        end = start + sum(1 for _ in group)
        if value:
            yield start, end
        start = end


def _counted(
    captions: Sequence[Captioned], spans: Sequence[list[Core]], name: str
) -> dict[str, Counter[Words]]:
    found: dict[str, Counter[Words]] = {}
    for caption, own in zip(captions, spans, strict=True):
        for i, j in own:
            found.setdefault(caption.attributes[name], Counter())[caption.words[i:j]] += 1
    return found


def _unbroken(words: Words, start: int, end: int) -> bool:
    return all(word[0].isalnum() for word in words[start:end])


def _spans(words: Words) -> Iterator[Core]:
    """Every span of words that could be a core: none reaches over a small word or a punctuation mark."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
            if words[end - 1] in FUNCTION_WORDS or not words[end - 1][0].isalnum():
                break
            yield start, end
