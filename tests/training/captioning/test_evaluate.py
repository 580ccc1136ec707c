"""The report on a captioner: what is scored, and what cannot be."""

import json
from pathlib import Path

import pytest

from genie.core.phrases import Phrases
from tests.training.captioning.conftest import COLOURS, Parrot
from training.captioning import evaluate as module
from training.captioning.evaluate import EvaluateCaptionsConfig, evaluate_captions, table

GROUNDS = {"ground": {colour: ((f"a {colour} ground", 9),) for colour in COLOURS}}


@pytest.fixture(autouse=True)
def teach(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "open_captioner", lambda name, device: parrot)


def evaluated(dataset: Path, phrases: Phrases, **fields: object) -> dict:
    """The report on the dataset's clips; `fields` are what the first clip's line says otherwise."""
    metadata = dataset / "train" / "metadata.jsonl"
    lines = [json.loads(line) for line in metadata.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line |= {"caption": f"a {line['attributes']['ground']} ground", "captions": []}
    lines[0] |= fields
    metadata.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    phrases.save(dataset / "phrases.json")
    config = EvaluateCaptionsConfig(
        dataset=dataset, captioner="parrot", split="train", phrases=dataset / "phrases.json"
    )
    return evaluate_captions(config)


def test_a_clip_without_the_attributes_leaves_the_others_scored(dataset: Path) -> None:
    phrases = Phrases(templates=(("{ground}", 9),), values=GROUNDS)
    found = evaluated(dataset, phrases, attributes={})
    assert found["clips"] == 3 and found["attributes"]["clips"] == 2
    assert found["attributes"]["accuracy"] == {"ground": 1}
    assert "ground said truly: 100.0%" in table(found)


@pytest.mark.parametrize("values", [{}, {"thing": {"key": (("a blue key", 9),)}}])
def test_where_there_is_nothing_to_score_no_score_is_given(dataset: Path, values: dict) -> None:
    found = evaluated(dataset, Phrases(templates=(("a red ground", 9),), values=values))
    assert "attributes" not in found and "%" not in table(found)
