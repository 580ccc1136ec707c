"""How well captions agree with true ones: the four scores that captioning is measured by.

All work offline. BLEU is sacrebleu's, ROUGE-L Google's, METEOR nltk's with exact and stem matches (synonyms
would need a download); CIDEr-D is our own, because no kept library has it without Java.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genie.core.phrases import words_of

LONGEST_GRAM = 4
SIGMA = 6.0  # words; how quickly CIDEr-D punishes another length


@dataclass(frozen=True, kw_only=True)
class CaptionScores:
    """Scores of some captions: bleu, meteor and rouge_l from 0 to 1, cider from 0 to 10."""

    bleu: float
    meteor: float
    rouge_l: float
    cider: float


class _NoSynonyms:
    """Stands for WordNet where it is not: no word has a synonym."""

    def synsets(self, word: str, *_: object, **__: object) -> list[object]:
        return []


class _Words:
    """Stands for rouge_score's own tokenizer, which knows no letters but a to z."""

    def tokenize(self, text: str) -> list[str]:
        return words_of(text)


def score(said: Sequence[str], true: Sequence[Sequence[str]]) -> CaptionScores:
    """Score captions against one or more true ones each. Raises ValueError for none at all."""
    if not said or len(said) != len(true) or not all(true):
        raise ValueError(f"{len(said)} captions and {len(true)} lists of true ones cannot be compared")
    from nltk.translate.meteor_score import meteor_score
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics.bleu import BLEU

    most = max(map(len, true))
    # sacrebleu wants the references by number, None where a caption has fewer.
    columns: list[Any] = [[one[n] if n < len(one) else None for one in true] for n in range(most)]
    bleu = BLEU(lowercase=True).corpus_score(list(said), columns).score / 100
    pairs = list(zip(said, true, strict=True))
    meteor = [
        meteor_score([words_of(t) for t in one], words_of(s), wordnet=_NoSynonyms()) for s, one in pairs
    ]
    rouge = RougeScorer(["rougeL"], tokenizer=_Words())
    longest = [max(rouge.score(t, s)["rougeL"].fmeasure for t in one) for s, one in pairs]
    return CaptionScores(
        bleu=bleu,
        meteor=sum(meteor) / len(meteor),
        rouge_l=sum(longest) / len(longest),
        cider=cider(said, true),
    )


def cider(said: Sequence[str], true: Sequence[Sequence[str]]) -> float:
    """CIDEr-D (Vedantam et al., CVPR 2015), mean over the captions: words weigh the less the more common."""
    grams = [[_grams(words_of(t)) for t in one] for one in true]
    spread: Counter[tuple[str, ...]] = Counter()
    for one in grams:
        spread.update({gram for reference in one for gram in reference})
    weight = {gram: math.log(len(true) / count) for gram, count in spread.items()}
    unseen = math.log(len(true))
    total = 0.0
    for text, references in zip(said, grams, strict=True):
        own = _grams(words_of(text))
        total += sum(_likeness(own, one, weight, unseen) for one in references) / len(references)
    return 10 * total / len(said)


def _grams(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(
        tuple(words[i : i + n]) for n in range(1, LONGEST_GRAM + 1) for i in range(len(words) - n + 1)
    )


def _likeness(
    own: Counter[tuple[str, ...]],
    other: Counter[tuple[str, ...]],
    weight: dict[tuple[str, ...], float],
    unseen: float,
) -> float:
    """Cosine of two captions' weighed grams, clipped, mean over the lengths of gram; 0 to 1."""
    apart = sum(n for g, n in own.items() if len(g) == 1) - sum(n for g, n in other.items() if len(g) == 1)
    total = 0.0
    for size in range(1, LONGEST_GRAM + 1):
        a = {g: n * weight.get(g, unseen) for g, n in own.items() if len(g) == size}
        b = {g: n * weight[g] for g, n in other.items() if len(g) == size}
        lengths = math.hypot(*a.values()) * math.hypot(*b.values())
        if lengths:
            total += sum(min(a[g], b[g]) * b[g] for g in a.keys() & b.keys()) / lengths
    return total / LONGEST_GRAM * math.exp(-(apart**2) / (2 * SIGMA**2))
