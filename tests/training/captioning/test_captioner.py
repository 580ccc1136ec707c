"""What is made of a captioner's answer."""

import pytest

from training.captioning.captioner import cleaned

GREEN = "a small green alien stands on the sandy ground near water. "


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a fox\n on  snow ", "a fox on snow"),
        ("a fox a fox a fox a fox on snow in the winter sun", "a fox on snow in the winter sun"),
        ("the the the the", ""),
        ("go go go", ""),
        ("no no, not twice", "no no, not twice"),
        ("", ""),
        ("...", ""),
        (GREEN * 6 + "a small green", GREEN.strip()),
        (f"so it is. {GREEN * 2}", f"so it is. {GREEN.strip()}"),
        ("a fox a fox a fox a fox on snow a", "a fox on snow a"),
        ("狐狸" * 400, ""),
        ("一只狐狸站在雪地上。" * 30, "一只狐狸站在雪地上。"),
        ("ha" * 300, ""),
        ("0" * 90, ""),
        ("10000 coins, 2000000 in all", "10000 coins, 2000000 in all"),
        ("a fox on snow" + "w" * 50, "a fox on snow"),
    ],
)
def test_an_answer_is_cleaned_of_loops(said: str, kept: str) -> None:
    assert cleaned(said) == kept
