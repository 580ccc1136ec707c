from pathlib import Path

import numpy as np
import pytest

from genie.core.captions import BEGIN, END, PAD, UNKNOWN, CaptionTokenizer
from genie.core.errors import BundleError, PromptError
from tests.support.tiny_bundle import WORDS, write_tokenizer


@pytest.fixture
def captions(tmp_path: Path) -> CaptionTokenizer:
    write_tokenizer(tmp_path / "tokenizer.json")
    return CaptionTokenizer.load(tmp_path / "tokenizer.json", length=6)


def test_words_become_ids_between_begin_and_end(captions: CaptionTokenizer) -> None:
    red, sprite = (4 + WORDS.index(word) for word in ("red", "sprite"))
    row = captions.encode("Red  SPRITE!")
    assert row.dtype == np.int64
    assert row.tolist() == [BEGIN, red, sprite, UNKNOWN, END, PAD]
    assert captions.size == 4 + len(WORDS)


def test_an_empty_caption_and_a_long_one(captions: CaptionTokenizer) -> None:
    assert captions.encode("").tolist() == [BEGIN, END, PAD, PAD, PAD, PAD]
    assert captions.encode(" \n ").tolist() == captions.encode("").tolist()
    assert captions.encode("red " * 50).tolist()[-1] == END
    assert UNKNOWN not in captions.encode("red " * 50)


def test_the_caption_of_a_clip_may_be_of_any_length(captions: CaptionTokenizer) -> None:
    long = "red " * 400
    assert captions.encode_caption(long).tolist() == captions.encode("red " * 50).tolist()
    assert captions.encode_caption("red").tolist() == captions.encode("red").tolist()


def test_a_special_token_in_a_prompt_is_only_a_word(captions: CaptionTokenizer) -> None:
    assert END not in captions.encode("[EOS] red")[:2]


def test_unknown_words_are_told_apart(captions: CaptionTokenizer) -> None:
    assert captions.unknown("a Red dragon on Naïve dragon snow") == ["dragon", "naïve"]
    assert captions.unknown("red sprite") == []


@pytest.mark.parametrize("prompt", ["x" * 1001, None, b"red", "\ud800"])
def test_what_cannot_be_a_prompt_is_refused(captions: CaptionTokenizer, prompt: object) -> None:
    with pytest.raises(PromptError):
        captions.encode(prompt)  # type: ignore[arg-type]
    with pytest.raises(PromptError):
        captions.unknown(prompt)  # type: ignore[arg-type]


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(BundleError, match=r"tokenizer\.json"):
        CaptionTokenizer.load(tmp_path / "tokenizer.json", length=6)


def test_a_tokenizer_without_the_special_tokens_is_refused(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models

    Tokenizer(models.WordLevel({"red": 0, "[UNK]": 1}, unk_token="[UNK]")).save(str(tmp_path / "t.json"))
    with pytest.raises(BundleError, match=r"\[PAD\]"):
        CaptionTokenizer.load(tmp_path / "t.json", length=6)
