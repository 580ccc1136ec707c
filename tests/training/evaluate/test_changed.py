"""What is read after a change of prompt, by hand."""

from __future__ import annotations

from typing import cast

import numpy as np

from training.evaluate.picture_reader import PictureReader
from training.evaluate.wording import PLAYED, Changed, score_changed


class TwoEyes:
    """Reads two attributes off the first two rows of pictures."""

    names = ("colour", "ground")

    def read(self, looks: np.ndarray) -> np.ndarray:
        return looks[..., :2, 0, 0].mean(1).round().astype(int)


def test_where_there_is_one_thing_to_say_nothing_else_is_to_be_kept() -> None:
    class Eyes:
        names = ("colour",)

        def read(self, looks: np.ndarray) -> np.ndarray:
            return looks[..., 0, 0, 0].mean(1).round().astype(int)[:, None]

    frames = np.zeros((3, 2, PLAYED, 4, 4, 3), np.uint8)
    frames[:, 1] = 1
    before, asked = np.zeros((3, 1), int), np.ones((3, 1), int)
    scores = score_changed(cast(PictureReader, Eyes()), Changed(frames, before, asked, []))
    assert scores["changed"]["mean"] == 1 and scores["kept_unasked"]["mean"] == 1
    assert "kept" not in scores and "others_kept" not in scores["by_attribute"]["colour"]


def test_what_changes_after_a_second_has_not_changed_within_one() -> None:
    frames = np.zeros((1, 3, PLAYED, 4, 4, 3), np.uint8)
    frames[:, 1, 20:, 0] = 1  # late
    frames[:, 2, 8:, :2] = 1  # in time, and the other one with it
    before, asked = np.zeros((1, 2), int), np.ones((1, 2), int)
    scores = score_changed(cast(PictureReader, TwoEyes()), Changed(frames, before, asked, []))
    assert scores["within_a_second"]["changed"]["mean"] == 0.5 and scores["changed"]["mean"] == 1
    assert scores["within_a_second"]["kept"]["mean"] == scores["kept"]["mean"] == 0.5


def test_within_a_second_is_held_against_the_same_second() -> None:
    frames = np.zeros((1, 3, PLAYED, 4, 4, 3), np.uint8)
    frames[:, 0, 20:, 0] = 1  # with the prompt left alone it changes too, but later
    before, asked = np.zeros((1, 2), int), np.ones((1, 2), int)
    scores = score_changed(cast(PictureReader, TwoEyes()), Changed(frames, before, asked, []))
    assert (scores["changed_unasked"]["mean"], scores["kept_unasked"]["mean"]) == (0.5, 0.5)
    early = scores["within_a_second"]
    assert (early["changed_unasked"]["mean"], early["kept_unasked"]["mean"]) == (0, 1)
