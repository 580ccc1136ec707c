"""The scores: equal captions score best, strange ones nothing, and CIDEr as worked out by hand."""

import math

import pytest

from training.captioning.scores import cider, score

TRUE = [["a red fox on snow"], ["a green fox on grass"], ["the sea at night"]]


def test_equal_captions_score_best() -> None:
    best = score([one[0] for one in TRUE], TRUE)
    assert best.bleu == pytest.approx(1)
    assert best.rouge_l == pytest.approx(1)
    assert best.meteor > 0.98
    assert best.cider == pytest.approx(10)


@pytest.mark.parametrize("text", ["красная лиса на снегу", "κόκκινη αλεπού στο χιόνι", "बर्फ पर लाल लोमड़ी"])
def test_equal_captions_score_best_in_any_script(text: str) -> None:
    assert score([text], [[text]]).rouge_l == pytest.approx(1)


def test_captions_that_share_nothing_score_nothing() -> None:
    worst = score(["zebra crossing"] * 3, TRUE)
    assert (worst.meteor, worst.rouge_l, worst.cider) == (0, 0, 0)
    assert worst.bleu < 0.05


def test_a_caption_half_right_lies_between_and_order_counts() -> None:
    half = score(["a red fox on grass", "a green fox on snow", "the sea at noon"], TRUE)
    mixed = score(["snow on fox red a", "grass on fox green a", "night at sea the"], TRUE)
    for name in ("bleu", "meteor", "rouge_l", "cider"):
        assert 0.05 < getattr(half, name) < getattr(score([t[0] for t in TRUE], TRUE), name)
        assert getattr(mixed, name) < getattr(half, name)


def test_the_best_of_several_true_captions_counts() -> None:
    more = [[*one, "something else altogether"] for one in TRUE]
    assert score([one[0] for one in TRUE], more).rouge_l == pytest.approx(1)


def test_an_empty_caption_scores_nothing() -> None:
    assert score(["", "", ""], TRUE).cider == 0


@pytest.mark.parametrize(("said", "true"), [([], []), (["a"], []), (["a"], [[]])])
def test_nothing_cannot_be_scored(said: list[str], true: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        score(said, true)


def test_cider_as_worked_out_by_hand() -> None:
    # Two images; "a" is in both, so it weighs log(2/2) = 0; "fox" and "cat" weigh log 2.
    # Of "a fox": unigrams a, fox -> 0, w; the bigram "a fox" -> w. Said "a fox": each cosine is 1.
    # There are no grams of 3 or 4 words, so two of four lengths count: 10 * (1 + 1) / 4 = 5.
    assert cider(["a fox", "a cat"], [["a fox"], ["a cat"]]) == pytest.approx(5)
    # "fox" against "a fox": the unigram's cosine is 1, no bigram, one word fewer.
    shorter = 10 * (1 / 4) * math.exp(-1 / 72)
    assert cider(["fox", "cat"], [["a fox"], ["a cat"]]) == pytest.approx(shorter)
    # Saying a word twice is clipped: min(2w, w) * w / (2w * w) = 1/2.
    twice = 10 * (1 / 2) / 4
    assert cider(["fox fox", "cat cat"], [["a fox"], ["a cat"]]) == pytest.approx(twice)
