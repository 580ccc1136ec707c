"""Film strips show the clips that the rule says, and the frames that were predicted."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import numpy as np
import pytest

from genie.clips.png import read_png
from training.evaluate.examples import by_rule, telling_moment
from training.evaluate.held import Held
from training.pages.motion import motion_picture
from training.pages.picture import difference, film
from training.pages.strip import clip_strips, held_strip, key_strip, runs

SIDE = 16


def flat(*values: int) -> np.ndarray:
    """Frames of one grey each: uint8 [T, 16, 16, 3]."""
    return np.stack([np.full((SIDE, SIDE, 3), value, np.uint8) for value in values])


def shown(picture: str, folder: Path) -> np.ndarray:
    """The frames in a film, read back from the page: uint8 [T, H, W, 3]."""
    (data,) = re.findall(r"base64,([^\"]+)", picture)
    (folder / "film.png").write_bytes(base64.b64decode(data))
    row = read_png(folder / "film.png")
    return row.reshape(SIDE, -1, SIDE, 3).swapaxes(0, 1)


def test_the_rule_takes_the_best_the_lower_median_and_the_worst() -> None:
    assert by_rule(np.array([3.0, 9.0, 1.0, 5.0])) == {"Best": 1, "Median": 0, "Worst": 2}
    assert by_rule(np.array([3.0, 9.0, 1.0])) == {"Best": 1, "Median": 0, "Worst": 2}
    assert by_rule(np.array([2.0, 2.0, 2.0])) == {"Best": 0, "Median": 1, "Worst": 0}


def test_a_clip_is_shown_as_truth_over_model_over_difference(tmp_path: Path) -> None:
    frames = np.stack([flat(0, 0, 0, 10, 20, 30, 40)] * 3)
    futures = np.stack([flat(20, 30, 41), flat(80, 90, 41), flat(25, 35, 45)])  # errors 1, much, 5
    actions = np.zeros((3, 6), int)
    actions[:, -1] = 1
    best, median, worst = clip_strips(frames, futures, actions, ["a", "b", "c"], ("noop", "jump"))
    assert best.title.startswith("Best: clip 0 of 3, ") and median.title.startswith("Median: clip 2")
    assert worst.title.startswith("Worst: clip 1") and "“b”; keys: noop x2, jump" in worst.note
    assert worst.groups[0].columns == ("last seen", "+1", "+2", "+3")
    truth, model, apart = (shown(row.pictures[0], tmp_path) for row in worst.rows)
    assert truth[:, 0, 0, 0].tolist() == [10, 20, 30, 40]
    assert model[:, 0, 0, 0].tolist() == [10, 80, 90, 41]
    assert apart[:, 0, 0, 0].tolist() == [0, 120, 120, 2]
    assert worst.rows[1].under[1:] == ("12.6 dB", "12.6 dB", "48.1 dB")


def test_keys_are_shown_where_they_differ_and_truth_beside_the_model(tmp_path: Path) -> None:
    futures = np.zeros((3, 2, 8, SIDE, SIDE, 3), np.uint8)
    for moment, apart in enumerate((0, 40, 80)):  # at the first, both keys do the same
        futures[moment, 1] = apart
    imagined = futures.copy()
    imagined[1] += 1
    imagined[2] += 50
    assert telling_moment(futures, imagined) == 2, "the lower median of the two at which keys differ"
    imagined[1] += 100
    assert telling_moment(futures, imagined) == 1
    past = np.zeros((3, 4, SIDE, SIDE, 3), np.uint8)
    strip = key_strip(past, futures, imagined, ["a", "b", "c"], ("noop", "jump"))
    assert [row.name for row in strip.rows] == ["noop", "jump"]
    start, truth, model = (shown(picture, tmp_path) for picture in strip.rows[1].pictures)
    assert (
        start.max() == 0
        and truth[:, 0, 0, 0].tolist() == [40] * 3
        and model[:, 0, 0, 0].tolist() == [141] * 3
    )


def test_one_start_is_shown_under_each_action(tmp_path: Path) -> None:
    held = Held(flat(7)[0], np.stack([flat(*range(1, 11)), flat(*range(11, 21))]))
    strip = held_strip(held, ("a", "b"), title="t", note="")
    assert shown(strip.rows[1].pictures[0], tmp_path)[:, 0, 0, 0].tolist() == [7, 12, 14, 16, 18, 20]


def test_differences_have_no_sign_and_do_not_wrap() -> None:
    a, b = flat(0, 250, 10)[:, 0, 0, 0], flat(200, 0, 13)[:, 0, 0, 0]
    assert difference(a, b).tolist() == difference(b, a).tolist() == [255, 255, 6]


def test_alternative_texts_are_escaped() -> None:
    assert "<script>" not in film(flat(0), alt='"><script>')


@pytest.mark.parametrize(("names", "said"), [(["a", "a", "b", "a"], "a x2, b, a"), ([], "")])
def test_runs_of_keys_are_said_once(names: list[str], said: str) -> None:
    assert runs(names) == said


def test_arrows_point_where_things_go() -> None:
    field = np.zeros((2, 8, 8))
    field[0], field[1, :, 4:] = 3.0, 4.0  # right everywhere, and down in the right half
    svg = motion_picture(field, shown=(128, 128), alt="")
    strokes = re.findall(r"M(-?[\d.]+) (-?[\d.]+)L(-?[\d.]+) (-?[\d.]+)M", svg)
    assert len(strokes) == 64
    moves = [(float(x2) - float(x1), float(y2) - float(y1)) for x1, y1, x2, y2 in strokes]
    assert moves[0] == pytest.approx((0.6 * 14.4, 0), abs=0.2)
    assert moves[7] == pytest.approx((0.6 * 14.4, 0.8 * 14.4), abs=0.2), "the longest nearly reaches the next"
    assert motion_picture(np.zeros((2, 8, 8)), shown=(128, 128), alt="").count("<circle") == 64
