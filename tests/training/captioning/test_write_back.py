"""Writing captions back: what is written, what a person wrote and keeps, and what is taken back."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from genie.clips.clip_folder import ClipFolder
from tests.training.captioning.conftest import Parrot, lines
from training import caption as module
from training.__main__ import main
from training.caption import CaptionConfig, apply, propose, proposed
from training.captioning.proposals import Decision, Proposals


@pytest.fixture(autouse=True)
def teach(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "open_captioner", lambda name, device: parrot)


def correct(dataset: Path, number: int, **fields: object) -> None:
    """Change a clip's line by hand."""
    told = [json.dumps(line | (fields if n == number else {})) for n, line in enumerate(lines(dataset))]
    (dataset / "train" / "metadata.jsonl").write_text("\n".join(told) + "\n", encoding="utf-8")


def record_more(dataset: Path) -> None:
    """One more clip of the dataset, like the first."""
    train = dataset / "train"
    shutil.copy(train / "0.mp4", train / "3.mp4")
    line = {"file_name": "./3.mp4", "caption": "a new game", "fps": 15}
    with (train / "metadata.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def test_captions_are_written_back_timed_with_where_they_came_from(dataset: Path) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot")
    assert propose(config) == (3, 0, ())
    assert apply(config, undecided=True) == (3, 0)
    entries = [clip.entry for clip in ClipFolder(dataset).clips("train")]
    assert [e.caption.split(";")[0] for e in entries] == ["a red ground", "a green ground", "a blue ground"]
    for line, entry in zip(lines(dataset), entries, strict=True):
        assert line["caption_from"] == "parrot" and line["theirs"] == {"kept": True}
        assert [t["from"] for t in line["captions"]] == ["parrot"] * len(entry.captions)
        assert entry.captions[-1].end == 24 and entry.captions[0].source == "parrot"
        assert "the view moves right" in line["caption"]
    before = (dataset / ".captions" / "metadata-before-train.jsonl").read_text(encoding="utf-8")
    assert all(json.loads(line)["caption"] == "a game" for line in before.splitlines())
    assert apply(config, undecided=True) == (0, 0), "written once, nothing is left to do"


def test_only_what_a_person_accepted_or_edited_is_written_after_a_review(dataset: Path) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    proposals = Proposals(dataset)
    proposals.decide(Decision(file="train/0.mp4", decision="accept"))
    proposals.decide(
        Decision(file="train/1.mp4", decision="edit", caption="a lawn", captions=("a mown lawn",))
    )
    proposals.decide(Decision(file="train/2.mp4", decision="edit", caption="the sea", captions=("the sea",)))
    proposals.decide(Decision(file="train/2.mp4", decision="reject"))
    assert apply(config, undecided=False) == (2, 0)
    told = [(line["caption"], line.get("caption_from")) for line in lines(dataset)]
    assert told == [("a red ground", "parrot"), ("a lawn", "person"), ("a game", None)]
    assert lines(dataset)[1]["captions"] == [{"start": 0, "end": 24, "text": "a mown lawn", "from": "person"}]


def test_clips_that_were_not_asked_for_keep_their_captions(dataset: Path) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    first = dataclasses.replace(config, limit=1)
    proposals, files = proposed(first)
    assert files == ["train/0.mp4"] and len(proposals.by_file) == 3
    assert apply(first, undecided=True) == (1, 0)
    assert [line["caption"] for line in lines(dataset)][1:] == ["a game"] * 2


def test_what_a_person_corrected_stays_when_more_is_captioned(
    dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["caption", str(dataset), "--captioner", "parrot"]
    assert main(command) == 0
    timed = lines(dataset)[1]["captions"]
    correct(dataset, 0, caption="a fine red ground")
    correct(dataset, 1, captions=[timed[0] | {"text": "a lawn"}])
    record_more(dataset)
    for arguments in ([], ["--again"]):
        assert main([*command, *arguments]) == 0
        assert lines(dataset)[0]["caption"] == "a fine red ground"
        assert lines(dataset)[1]["captions"][0]["text"] == "a lawn"
        assert lines(dataset)[3]["caption"].startswith("a red ground")
        assert "2 clips have captions by a person" in capsys.readouterr().out
    before = (dataset / ".captions" / "metadata-before-train.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["caption"] for line in before.splitlines()] == ["a game"] * 3 + ["a new game"]


def test_what_a_person_edited_is_replaced_only_by_what_a_person_accepts(
    dataset: Path, parrot: Parrot
) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    for number, text in enumerate(("a lawn", "a meadow")):
        edit = Decision(file=f"train/{number}.mp4", decision="edit", caption=text, captions=(text,))
        Proposals(dataset).decide(edit)
    assert apply(config, undecided=True) == (3, 0)
    parrot.answer = lambda clip: "something else"
    propose(dataclasses.replace(config, again=True))
    assert apply(config, undecided=True) == (1, 2)
    Proposals(dataset).decide(Decision(file="train/1.mp4", decision="accept"))
    assert apply(config, undecided=False) == (1, 0)
    assert [line["caption"] for line in lines(dataset)] == ["a lawn", "something else", "something else"]


def test_a_file_named_by_another_path_gets_its_captions_too(dataset: Path) -> None:
    correct(dataset, 0, file_name="./0.mp4")
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    assert apply(config, undecided=True) == (3, 0)
    assert lines(dataset)[0]["caption"] == "a red ground" and lines(dataset)[0]["file_name"] == "./0.mp4"
    Proposals(dataset).decide(Decision(file="train/0.mp4", decision="reject"))
    assert apply(config, undecided=False) == (1, 0)


def test_another_edit_replaces_the_one_before(dataset: Path) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    for text in ("a lawn", "a meadow"):
        Proposals(dataset).decide(
            Decision(file="train/0.mp4", decision="edit", caption=text, captions=(text,))
        )
        assert apply(config, undecided=False) == (1, 0)
        assert lines(dataset)[0]["caption"] == text


@pytest.mark.parametrize("decision", ["accept", "edit", None])
def test_who_rejects_what_is_written_gets_the_former_captions_back(
    dataset: Path, decision: str | None
) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    former = lines(dataset)
    propose(config)
    if decision is not None:
        said = {"caption": "a lawn", "captions": ("a lawn",)} if decision == "edit" else {}
        Proposals(dataset).decide(Decision(file="train/0.mp4", decision=decision, **said))  # type: ignore[arg-type]
    assert apply(config, undecided=True) == (3, 0)
    Proposals(dataset).decide(Decision(file="train/0.mp4", decision="reject"))
    assert apply(config, undecided=False) == (1, 0)
    assert lines(dataset)[0] == former[0]
    assert apply(config, undecided=False) == (0, 0)


def test_what_a_person_corrected_after_all_is_not_taken_back(dataset: Path) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    apply(config, undecided=True)
    correct(dataset, 0, caption="a lawn")
    Proposals(dataset).decide(Decision(file="train/0.mp4", decision="reject"))
    apply(config, undecided=False)
    assert lines(dataset)[0]["caption"] == "a lawn"
