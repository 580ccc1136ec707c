"""Captions as the text encoder reads them: whole words, lower case, as fixed-length rows of ids."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genie.core.errors import BundleError, PromptError
from genie.core.phrases import text_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PAD, UNKNOWN, BEGIN, END = 0, 1, 2, 3
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[BOS]", "[EOS]")
LONGEST_PROMPT = 1000


class CaptionTokenizer:
    """A word-level `tokenizers` file together with the row length that a text encoder takes."""

    def __init__(self, tokenizer: Tokenizer, length: int) -> None:
        """Wrap a `Tokenizer` whose first four ids are [PAD] [UNK] [BOS] [EOS]; BundleError otherwise."""
        if [tokenizer.token_to_id(token) for token in SPECIAL_TOKENS] != [PAD, UNKNOWN, BEGIN, END]:
            raise BundleError(
                f"The tokenizer's first tokens are not {' '.join(SPECIAL_TOKENS)}: export it again."
            )
        if length < 2:
            raise BundleError(
                f"A caption length of {length} leaves no room for words: export the bundle again."
            )
        self._tokenizer = tokenizer
        self.length = length

    @classmethod
    def load(cls, path: Path | str, length: int) -> CaptionTokenizer:
        """Read a tokenizer.json; rows will be `length` ids long. BundleError for a file that is not one."""
        return cls(read_tokenizer(path), length)

    @property
    def size(self) -> int:
        """How many ids there are."""
        return self._tokenizer.get_vocab_size()

    @property
    def words(self) -> frozenset[str]:
        """The words that captions were made of."""
        return frozenset(self._tokenizer.get_vocab()) - set(SPECIAL_TOKENS)

    def encode(self, text: str) -> np.ndarray:
        """Return the int64 row [length] for a caption: [BOS] words [EOS], then [PAD].

        An empty text is legal; a text of more words than fit is cut, [EOS] kept. Raises PromptError for a
        text of over 1,000 characters or something that is not text.
        """
        words = self._tokenizer.encode(checked_prompt(text).lower(), add_special_tokens=False).ids
        row = np.full(self.length, PAD, np.int64)
        used = [BEGIN, *words[: self.length - 2], END]
        row[: len(used)] = used
        return row

    def encode_caption(self, text: str) -> np.ndarray:
        """Return the row of a clip's caption, which may be of any length: `encode` of its beginning."""
        return self.encode(text[:LONGEST_PROMPT])

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text that ids stand for, up to the first [EOS]; [PAD], [UNK] and [BOS] say nothing."""
        words = []
        for id_ in ids:
            if id_ == END:
                break
            word = self._tokenizer.id_to_token(int(id_))
            if word is not None and id_ > END:
                words.append(word)
        return re.sub(r"(\w) (['\u2019-]) (?=\w)", r"\1\2", text_of(words))

    def unknown(self, text: str) -> list[str]:
        """Return the words of a caption that the model was never shown, in order, each once."""
        lowered = checked_prompt(text).lower()
        coded = self._tokenizer.encode(lowered, add_special_tokens=False)
        pairs = zip(coded.ids, coded.offsets, strict=True)
        return list(dict.fromkeys(lowered[start:end] for id_, (start, end) in pairs if id_ == UNKNOWN))


def read_tokenizer(path: Path | str) -> Tokenizer:
    """Read a file of `tokenizers`. Raises BundleError for a file that is not one."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exception
        raise BundleError(f"{Path(path).name} is not a tokenizer file ({error}): export it again.") from None


def checked_prompt(text: str) -> str:
    """Return `text` if it can be a prompt; PromptError when it is over 1,000 characters or not text."""
    if not isinstance(text, str):
        raise PromptError(f"A prompt is text, not {type(text).__name__}.")
    if len(text) > LONGEST_PROMPT:
        raise PromptError(
            f"The prompt has {len(text):,} characters: {LONGEST_PROMPT:,} at most, please shorten it."
        )
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise PromptError("The prompt holds characters that are not valid text: please type it again.")
    return text
