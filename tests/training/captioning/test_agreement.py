"""Attributes read off captions and held against the truth."""

import pytest

from genie.core.phrases import Phrases
from training.captioning.agreement import AttributeReader

SAID = Phrases(
    templates=(("a {creature} fox on {ground}", 9), ("on {ground} a {creature} fox", 5)),
    values={
        "creature": {"red": (("red", 9),), "green": (("green", 8),)},
        "ground": {"ice": (("white ice", 7),), "grass": (("green grass", 9), ("grassy ground", 6))},
    },
)
RED_ON_SNOW = {"creature": "red", "ground": "snow", "level": 7}
GREEN_ON_GRASS = {"creature": "green", "ground": "grass", "level": 8}


@pytest.fixture
def reader() -> AttributeReader:
    examples = [
        ("a red fox on white ice", RED_ON_SNOW),  # snow and ice look alike
        ("a red fox on white ice", {"creature": "red", "ground": "ice"}),
        ("on grassy ground a green fox", GREEN_ON_GRASS),
    ]
    return AttributeReader(SAID, examples)


def test_true_captions_agree_in_all(reader: AttributeReader) -> None:
    found = reader.agreement(
        ["on white ice a red fox", "a green fox on green grass"], [RED_ON_SNOW, GREEN_ON_GRASS]
    )
    assert found.accuracy == {"creature": 1, "ground": 1}
    assert (found.precision, found.recall, found.f1, found.mean) == pytest.approx((1, 1, 1, 1))


def test_what_is_wrong_and_what_is_left_out_differ(reader: AttributeReader) -> None:
    found = reader.agreement(["a green fox on white ice", "a green fox"], [RED_ON_SNOW, GREEN_ON_GRASS])
    assert found.accuracy == {"creature": 0.5, "ground": 0.5}
    assert found.named == {"creature": 1, "ground": 0.5}
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 4)
    assert found.f1 == pytest.approx(4 / 7)


def test_nothing_said_agrees_in_nothing(reader: AttributeReader) -> None:
    found = reader.agreement(["", "a zebra"], [RED_ON_SNOW, GREEN_ON_GRASS])
    assert (found.mean, found.f1) == (0, 0)


def test_an_attribute_that_nobody_knows_is_not_counted(reader: AttributeReader) -> None:
    found = reader.agreement(["a red fox"], [{"creature": "red"}])
    assert found.accuracy == {"creature": 1}


def test_of_things_of_which_there_are_several_none_is_owed() -> None:
    things = {"thing": {"ball red": (("a red ball", 5),), "key blue": (("a blue key", 5),)}}
    said = Phrases(templates=SAID.templates, values={**SAID.values, **things})
    facts = RED_ON_SNOW | {"thing": [{"kind": "ball", "colour": "red"}, {"kind": "key", "colour": "blue"}]}
    reader = AttributeReader(said, [("a red fox on white ice, a blue key", facts)])
    found = reader.agreement(["a red fox on white ice, a red ball"], [facts])
    assert found.accuracy == {"creature": 1, "ground": 1}
    assert (found.precision, found.recall) == (1, 1)
