"""Finds what captions are made of: templates with slots, and the phrases that go there."""

from collections import Counter
from collections.abc import Mapping, Sequence

from genie.clips.frame_store import FrameStore
from genie.core.function_words import FUNCTION_WORDS
from genie.core.phrases import SLOT, Phrases, Said, text_of, words_of
from training.associations import associations
from training.substitutions import OFTEN, Captioned, Found, Place, Words, captions_of, spans_of, substitutions

LEAST_EVIDENCE = 3
COMMON_TEMPLATES = 40  # kept all; of the rarer ones, one for each set of words
MOST_TEMPLATES = 600
NEARLY_ALWAYS = 0.9
SURE = 12  # captions that have a phrase
SHORTER_IF = 0.85  # of two phrases, one within the other, how often the shorter must be seen of the longer

Cut = dict[str, Place]
"""Where a caption says each attribute, and what it says."""


def find_phrases(store: FrameStore) -> Phrases:
    """The phrases of a dataset's captions; without attributes the captions themselves are the templates.

    Where captions come in pairs that differ in one thing, substitution says exactly which words name it.
    Where much varies at once there are no such pairs. So both are tried; what explains more is taken.
    """
    captions = captions_of(store)
    ways = (_phrased(captions, find(captions)) for find in (substitutions, associations))
    return max(ways, key=_explained)


def _explained(phrases: Phrases) -> int:
    """How many slots the captions have that the templates fit."""
    return sum(count * len(SLOT.findall(text)) for text, count in phrases.templates)


def _phrased(captions: Sequence[Captioned], found: Found) -> Phrases:
    cuts = [cut(caption, found) for caption in captions]
    found = with_their_own_words(captions, cuts)
    cuts = _in_usual_places(captions, [cut(caption, found) for caption in captions])
    return _counted(captions, cuts)


def cut(caption: Captioned, found: Found) -> Cut:
    """Where a caption says its attributes: the best attested phrases first, none over another.

    Of two phrases, one within the other, the shorter is taken unless it is clearly the rarer.
    """
    mine = [
        (name, value, values[value])
        for name, values in found.items()
        for value in sorted(caption.attributes[name])
        if value in values
    ]
    places = [
        (said[caption.words[i:j]], name, Place(i, j, value))
        for i, j in spans_of(caption.words)
        for name, value, said in mine
        if said[caption.words[i:j]] >= LEAST_EVIDENCE
    ]
    cuts: Cut = {}
    for count, name, place in sorted(places, key=lambda place: (-place[0], place[1:])):
        inner = [
            other
            for n, a, other in places
            if a == name and place.start <= other.start <= other.end <= place.end and n > SHORTER_IF * count
        ]
        best = min(inner, key=lambda other: (other.end - other.start, other))
        free = all(best.end <= other.start or other.end <= best.start for other in cuts.values())
        if name not in cuts and free:
            cuts[name] = best
    return cuts


def with_their_own_words(captions: Sequence[Captioned], cuts: Sequence[Cut]) -> Found:
    """The phrases cut out, each with the word before it and the one after where these are its own and not the
    slot's: an article, or the ground of "sandy ground"."""
    by_slot: dict[tuple[str, int], Counter[str]] = {}
    by_phrase: dict[tuple[str, int, Words], Counter[str]] = {}
    for caption, spans in zip(captions, cuts, strict=True):
        for name, place in spans.items():
            phrase = caption.words[place.start : place.end]
            for side in (-1, 1):
                word = _beside(caption.words, place, side)
                by_slot.setdefault((name, side), Counter())[word] += 1
                by_phrase.setdefault((name, side, phrase), Counter())[word] += 1

    def own(name: str, side: int, phrase: Words) -> Words:
        words = by_phrase[name, side, phrase]
        word, count = words.most_common(1)[0]
        usual = by_slot[name, side]
        is_own = count > NEARLY_ALWAYS * words.total() and usual[word] < OFTEN * usual.total()
        if side > 0:  # phrases seen rarely are followed by the same words by chance
            is_own = is_own and count >= SURE and word.isalnum() and word not in FUNCTION_WORDS
        return (word,) if word and is_own else ()

    found: Found = {}
    for caption, spans in zip(captions, cuts, strict=True):
        for name, (start, end, value) in spans.items():
            phrase = caption.words[start:end]
            whole = (*own(name, -1, phrase), *phrase, *own(name, 1, phrase))
            found.setdefault(name, {}).setdefault(value, Counter())[whole] += 1
    return found


def _beside(words: Words, place: Place, side: int) -> str:
    """The word before a place (side -1) or after it, "" where there is none."""
    at = place.start - 1 if side < 0 else place.end
    return words[at] if 0 <= at < len(words) else ""


def _in_usual_places(captions: Sequence[Captioned], cuts: Sequence[Cut]) -> list[Cut]:
    """The cuts without those of phrases that do not go where the slot's other phrases go."""
    places: dict[str, Counter[tuple[str, str]]] = {}
    by_phrase: dict[tuple[str, Words], Counter[tuple[str, str]]] = {}
    for caption, spans in zip(captions, cuts, strict=True):
        for name, (start, end, _) in spans.items():
            words = ("", *caption.words, "")
            place = words[start], words[end + 1]
            places.setdefault(name, Counter())[place] += 1
            by_phrase.setdefault((name, caption.words[start:end]), Counter())[place] += 1
    usual = {
        key: sum(places[key[0]][place] for place in own) > places[key[0]].total() / 2
        for key, own in by_phrase.items()
    }
    return [
        {a: place for a, place in spans.items() if usual[a, caption.words[place.start : place.end]]}
        for caption, spans in zip(captions, cuts, strict=True)
    ]


def _counted(captions: Sequence[Captioned], cuts: Sequence[Cut]) -> Phrases:
    """The templates that fit many phrases, and the phrases that were seen in them."""
    uses: dict[str, list[tuple[Captioned, Cut]]] = {}
    for caption, spans in zip(captions, cuts, strict=True):
        uses.setdefault(_template(caption.words, spans), []).append((caption, spans))
    slots = {name for spans in cuts for name in spans}
    kept = {t: used for t, used in uses.items() if not slots or _is_general(used, slots)}
    said: Found = {}
    for used in kept.values():
        for caption, spans in used:
            for name, (start, end, value) in spans.items():
                said.setdefault(name, {}).setdefault(value, Counter())[caption.words[start:end]] += 1
    values = {name: merged for name, phrases in sorted(said.items()) if (merged := _merged(phrases))}
    usable = {t: len(used) for t, used in kept.items() if values.keys() >= set(SLOT.findall(t))}
    return Phrases(templates=_varied(_most_said(usable, len(usable))), values=values)


def _template(words: Words, spans: Cut) -> str:
    parts = list(words)
    for name, (start, end, _) in sorted(spans.items(), key=lambda item: -item[1].start):
        parts[start:end] = ["{" + name + "}"]
    return text_of(parts)


def _varied(templates: Said) -> Said:
    """The templates without those that only order the words of a more frequent one anew."""
    kept: dict[frozenset[str], tuple[str, int]] = {}
    for text, count in templates[COMMON_TEMPLATES:]:
        kept.setdefault(frozenset(words_of(SLOT.sub(" ", text))) - FUNCTION_WORDS, (text, count))
    common = [
        frozenset(words_of(SLOT.sub(" ", text))) - FUNCTION_WORDS for text, _ in templates[:COMMON_TEMPLATES]
    ]
    rare = [said for words, said in kept.items() if words not in common]
    return (*templates[:COMMON_TEMPLATES], *rare)[:MOST_TEMPLATES]


def _is_general(used: Sequence[tuple[Captioned, Cut]], slots: set[str]) -> bool:
    """Whether a template goes with several values of all: what it has no slot for it does not say."""
    if len(used) < LEAST_EVIDENCE:
        return False
    for name in slots:
        said = Counter(value for caption, _ in used for value in caption.attributes[name])
        if said.most_common(1)[0][1] > OFTEN * len(used):
            return False
    return True


def _merged(values: Mapping[str, Counter[Words]]) -> dict[str, Said]:
    """Phrases by value; values that share one look alike, and go by the name of the first of them."""
    leader = {value: value for value in values}
    for first in sorted(values):
        for second in sorted(values):
            shared = values[first].keys() & values[second].keys()
            if first < second and any(
                min(values[first][p], values[second][p]) >= LEAST_EVIDENCE for p in shared
            ):
                old, new = leader[second], leader[first]
                leader = {value: new if lead == old else lead for value, lead in leader.items()}
    said: dict[str, Counter[Words]] = {}
    for value, phrases in sorted(values.items()):
        said.setdefault(leader[value], Counter()).update(phrases)
    return {
        value: _most_said({text_of(list(p)): n for p, n in phrases.items() if n >= LEAST_EVIDENCE}, 12)
        for value, phrases in said.items()
        if max(phrases.values()) >= LEAST_EVIDENCE
    }


def _most_said(counts: Mapping[str, int], most: int) -> Said:
    return tuple(sorted(counts.items(), key=lambda said: (-said[1], said[0]))[:most])
