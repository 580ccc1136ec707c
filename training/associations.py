"""Finds the words that say an attribute's values, by the company they keep.

Words say a value when they stand in captions of that value and in hardly any others. Around such a core
belong the other words that are hardly ever said but of this attribute: "walls of" with "red brick". Nothing
here knows any world's words.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from genie.core.function_words import FUNCTION_WORDS
from training.substitutions import OFTEN, Captioned, Found, Place, Words

LEAST = 6  # captions that have a core
ARTICLES = {"a", "an"}
LONGEST = 3  # words of a core
PURE = 0.97  # share of a core's captions that have its value
RARE = 0.5  # largest share of captions that a value may have: what is nearly always so is said by every word
TOLD = 0.5  # share of the captions that say an attribute
OWN = 0.9  # share of a word's uses that are next to an attribute's cores
NEAR = 3  # words between a core and what is next to it


def associations(captions: Sequence[Captioned]) -> Found:
    """The phrases that say the attributes which most captions speak of, and in how many captions they do."""
    spans = [{caption.words[i:j] for i, j in _spans(caption.words)} for caption in captions]
    counts = Counter(span for own in spans for span in own)
    often = {span: count for span, count in counts.items() if count >= LEAST}
    found: Found = {}
    for name in sorted(captions[0].attributes) if captions else ():
        value_of = _pure(captions, spans, often, name)
        cores = [_cores(caption, value_of, name) for caption in captions]
        if sum(bool(own) for own in cores) >= TOLD * len(captions):
            wide = _completed(captions, _around(captions, cores, _owned(captions, cores)))
            found[name] = _counted(captions, wide)
    return found


def _pure(
    captions: Sequence[Captioned], spans: Sequence[set[Words]], often: dict[Words, int], name: str
) -> dict[Words, str]:
    """The words that are hardly said but where the attribute has one value, and which value that is."""
    shares = Counter(value for caption in captions for value in caption.attributes[name])
    beside: dict[Words, Counter[str]] = {}
    for caption, own in zip(captions, spans, strict=True):
        for span in own & often.keys():
            beside.setdefault(span, Counter()).update(caption.attributes[name])
    best = {span: held.most_common(1)[0] for span, held in beside.items()}
    return {
        span: value
        for span, (value, count) in best.items()
        if count >= PURE * often[span] and shares[value] <= RARE * len(captions)
    }


def _cores(caption: Captioned, value_of: dict[Words, str], name: str) -> list[Place]:
    """Where the caption says values that it has, as shortly as can be."""
    spans = ((i, j, value_of.get(caption.words[i:j])) for i, j in _spans(caption.words))
    pure = [Place(i, j, value) for i, j, value in spans if value in caption.attributes[name]]
    return [
        core
        for core in pure
        if not any(core.start <= i and j <= core.end and j - i < core.end - core.start for i, j, _ in pure)
    ]


def _owned(captions: Sequence[Captioned], cores: Sequence[list[Place]]) -> set[str]:
    """The words that hardly stand anywhere but next to cores."""
    said, near = Counter[str](), Counter[str]()
    for caption, own in zip(captions, cores, strict=True):
        for place, word in enumerate(caption.words):
            said[word] += 1
            near[word] += any(
                max(i - place, place - j + 1) <= NEAR
                and _unbroken(caption.words, min(i, place), max(j, place))
                for i, j, _ in own
            )
    return {word for word, count in near.items() if count >= max(LEAST, OWN * said[word])} - FUNCTION_WORDS


def _around(
    captions: Sequence[Captioned], cores: Sequence[list[Place]], owned: set[str]
) -> list[list[Place]]:
    """The cores with what is owned around them, over one small word at most."""
    wider = []
    for caption, own in zip(captions, cores, strict=True):
        belongs = [word in owned for word in caption.words]
        for i, j, _ in own:
            belongs[i:j] = [True] * (j - i)
        small = [word in FUNCTION_WORDS for word in caption.words]
        for place in range(1, len(small) - 1):
            belongs[place] |= small[place] and belongs[place - 1] and belongs[place + 1]
        places = []
        for start, end in _runs(belongs):
            within = {value for i, j, value in own if start <= i and j <= end}
            if len(within) == 1:
                places.append(Place(start, end, within.pop()))
        wider.append(places)
    return wider


def _completed(captions: Sequence[Captioned], places: Sequence[list[Place]]) -> list[list[Place]]:
    """The places with the words beside them that are theirs: a value's own, or nearly always there."""
    for side in (-1, 1) * LONGEST:
        by_word: dict[str, Counter[str]] = {}
        by_words: dict[Words, Counter[str]] = {}
        for caption, own in zip(captions, places, strict=True):
            for place in own:
                word = _beside(caption.words, place, side)
                by_word.setdefault(word, Counter())[place.value] += 1
                by_words.setdefault(caption.words[place.start : place.end], Counter())[word] += 1
        usual = OFTEN * sum(values.total() for values in by_word.values())
        telling = {word for word, values in by_word.items() if _nearly_all(values)} - FUNCTION_WORDS
        always = {(words, word) for words, beside in by_words.items() for word in _nearly_all(beside)}
        here = {word for _, word in always}
        shared = {word for word in here if by_word[word].total() >= usual}
        if here >= ARTICLES:  # which of them it is depends on the phrase, so that it is part of the phrase
            shared -= ARTICLES
        always = {(words, word) for words, word in always if word not in shared}
        places = [
            [_joined(caption.words, place, side, telling, always) for place in own]
            for caption, own in zip(captions, places, strict=True)
        ]
    return list(places)


def _nearly_all(counts: Counter[str]) -> list[str]:
    """What was counted nearly always, if anything was."""
    return [most for most, count in counts.items() if count >= max(LEAST, OWN * counts.total())]


def _joined(
    words: Words, place: Place, side: int, telling: set[str], always: set[tuple[Words, str]]
) -> Place:
    word = _beside(words, place, side)
    if word and (word in telling or (words[place.start : place.end], word) in always):
        return place._replace(start=place.start - 1) if side < 0 else place._replace(end=place.end + 1)
    return place


def _beside(words: Words, place: Place, side: int) -> str:
    """The word before (side -1) or after (side 1) a place, "" where there is none."""
    word = "".join(words[place.start - 1 : place.start] if side < 0 else words[place.end : place.end + 1])
    return word if word[:1].isalnum() else ""


def _runs(belongs: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where words in a row belong."""
    start = 0
    for value, group in groupby(belongs):
        end = start + sum(1 for _ in group)
        if value:
            yield start, end
        start = end


def _counted(captions: Sequence[Captioned], places: Sequence[list[Place]]) -> dict[str, Counter[Words]]:
    found: dict[str, Counter[Words]] = {}
    for caption, own in zip(captions, places, strict=True):
        for i, j, value in own:
            found.setdefault(value, Counter())[caption.words[i:j]] += 1
    return found


def _unbroken(words: Words, start: int, end: int) -> bool:
    return all(word[0].isalnum() for word in words[start:end])


def _spans(words: Words) -> Iterator[tuple[int, int]]:
    """Every span of words that could be a core: none reaches over a small word or a punctuation mark."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
            if words[end - 1] in FUNCTION_WORDS or not words[end - 1][0].isalnum():
                break
            yield start, end
