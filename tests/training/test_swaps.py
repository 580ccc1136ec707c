"""Captions with one thing said otherwise: one value at a time, nothing else touched."""

from pathlib import Path

import numpy as np
import torch

from genie.core.captions import CaptionTokenizer
from genie.core.phrases import Phrases
from training.swaps import Swaps
from training.train_text import learn_vocabulary

PHRASES = Phrases(
    templates=(("a {colour} alien on {ground}", 5),),
    values={
        "colour": {"red": (("red", 4),), "dark red": (("dark red", 2),), "blue": (("blue", 3),)},
        "ground": {"snow": (("snow", 4), ("white snow", 2)), "sand": (("pale sand", 3),)},
    },
)
CAPTIONS = ["a red alien on white snow", "A dark red alien", "a tired alien on pale sand", ""]


def told(tmp_path: Path, number: int, draws: int = 60) -> list[set[str]]:
    """The texts that each slot's swaps give; an empty set where nothing is swapped."""
    said = [*CAPTIONS, "a blue alien on snow"]
    tokenizer: CaptionTokenizer = learn_vocabulary(said, tmp_path / "tokenizer.json", 12)
    swaps, rng = Swaps(CAPTIONS, PHRASES, tokenizer), np.random.default_rng(0)
    ids, swapped = swaps.of(torch.full((draws,), number), rng)
    assert ids.shape == (draws, 2, 12) and swapped.shape == (draws, 2)
    known = {tuple(tokenizer.encode(text)): text for text in every_text()}
    return [
        {known[tuple(row.tolist())] for row, done in zip(ids[:, slot], swapped[:, slot], strict=True) if done}
        for slot in range(2)
    ]


def every_text() -> list[str]:
    colours, grounds = ("red", "dark red", "blue", "tired"), ("snow", "white snow", "pale sand")
    pairs = [f"a {colour} alien on {ground}" for colour in colours for ground in grounds]
    return [*pairs, *(f"a {colour} alien" for colour in colours)]


def test_one_value_is_swapped_for_each_other_in_any_wording(tmp_path: Path) -> None:
    colour, ground = told(tmp_path, 0)
    assert colour == {"a dark red alien on white snow", "a blue alien on white snow"}
    assert ground == {"a red alien on pale sand"}


def test_the_longest_phrase_is_what_is_said_and_the_rest_is_left(tmp_path: Path) -> None:
    colour, ground = told(tmp_path, 1)
    assert colour == {"a red alien", "a blue alien"}
    assert ground == set()


def test_a_phrase_inside_a_word_says_nothing(tmp_path: Path) -> None:
    colour, ground = told(tmp_path, 2)
    assert colour == set(), "tired is not red"
    assert ground == {"a tired alien on snow", "a tired alien on white snow"}
    assert told(tmp_path, 3) == [set(), set()]
