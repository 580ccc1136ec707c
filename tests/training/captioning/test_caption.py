"""Captioning a dataset from end to end, with a captioner that says what it is told to."""

import dataclasses
import json
from pathlib import Path

import pytest

from genie.clips.clip_folder import ClipFolder
from genie.core.errors import ClipError, GenieError
from tests.training.captioning.conftest import Parrot
from training import caption as module
from training.__main__ import main
from training.caption import CaptionConfig, apply, propose, proposed
from training.captioning.captioner import cleaned
from training.captioning.proposals import Decision, Proposals


@pytest.fixture(autouse=True)
def teach(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "open_captioner", lambda name, device: parrot)


def lines(dataset: Path) -> list[dict]:
    text = (dataset / "train" / "metadata.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_captions_are_written_back_timed_with_where_they_came_from(dataset: Path) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot")
    assert propose(config) == (3, 0)
    assert apply(config, undecided=True) == 3
    entries = [clip.entry for clip in ClipFolder(dataset).clips("train")]
    assert [e.caption.split(";")[0] for e in entries] == ["a red ground", "a green ground", "a blue ground"]
    for line, entry in zip(lines(dataset), entries, strict=True):
        assert line["caption_from"] == "parrot" and line["theirs"] == {"kept": True}
        assert [t["from"] for t in line["captions"]] == ["parrot"] * len(entry.captions)
        assert entry.captions[-1].end == 24 and entry.captions[0].source == "parrot"
        assert "the view moves right" in line["caption"]
    before = (dataset / ".captions" / "metadata-before-train.jsonl").read_text(encoding="utf-8")
    assert all(json.loads(line)["caption"] == "a game" for line in before.splitlines())
    assert apply(config, undecided=True) == 0, "written once, nothing is left to do"


def test_what_has_been_captioned_is_not_captioned_again(dataset: Path, parrot: Parrot) -> None:
    propose(CaptionConfig(dataset=dataset, captioner="parrot", limit=2, enrich=False))
    assert len(parrot.asked) == 2
    torn = dataset / ".captions" / "proposals.jsonl"
    torn.write_bytes(torn.read_bytes()[:-9])  # killed while the second was being written
    propose(CaptionConfig(dataset=dataset, captioner="parrot", enrich=False))
    assert len(parrot.asked) == 4, "the second again, and the third"
    propose(CaptionConfig(dataset=dataset, captioner="parrot", enrich=False, again=True))
    assert len(parrot.asked) == 7


def test_a_captioner_that_says_nothing_leaves_the_caption_that_was(
    dataset: Path, parrot: Parrot, capsys: pytest.CaptureFixture[str]
) -> None:
    parrot.answer = lambda clip: "" if clip[..., 0].mean() > clip[..., 1].mean() else " \n?! "
    assert main(["caption", str(dataset), "--captioner", "parrot"]) == 0
    out = capsys.readouterr().out
    assert "for 3 clips the captioner said nothing of use" in out and "0 of 3 clips" in out
    assert [line["caption"] for line in lines(dataset)] == ["a game"] * 3


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
    assert apply(config, undecided=False) == 2
    told = [(line["caption"], line.get("caption_from")) for line in lines(dataset)]
    assert told == [("a red ground", "parrot"), ("a lawn", "person"), ("a game", None)]
    assert lines(dataset)[1]["captions"] == [{"start": 0, "end": 24, "text": "a mown lawn", "from": "person"}]


def test_what_was_decided_on_is_not_what_is_proposed_now(dataset: Path, parrot: Parrot) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    for number in range(2):
        decision = "edit" if number else "accept"
        said = {"caption": "a lawn", "captions": ("a lawn",)} if number else {}
        Proposals(dataset).decide(Decision(file=f"train/{number}.mp4", decision=decision, **said))  # type: ignore[arg-type]
    parrot.answer = lambda clip: "something else"
    propose(dataclasses.replace(config, again=True))
    assert Proposals(dataset).decisions == {}, "nobody has seen what is proposed now"
    assert apply(config, undecided=False) == 0


def test_clips_that_were_not_asked_for_keep_their_captions(dataset: Path) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    first = dataclasses.replace(config, limit=1)
    proposals, files = proposed(first)
    assert files == ["train/0.mp4"] and len(proposals.by_file) == 3
    assert apply(first, undecided=True) == 1
    assert [line["caption"] for line in lines(dataset)][1:] == ["a game"] * 2


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
    ],
)
def test_an_answer_is_cleaned_of_loops(said: str, kept: str) -> None:
    assert cleaned(said) == kept


def test_a_very_long_answer_is_cut(dataset: Path, parrot: Parrot) -> None:
    parrot.answer = lambda clip: " ".join(f"word{n}" for n in range(5000))
    propose(CaptionConfig(dataset=dataset, captioner="parrot", enrich=False))
    apply(CaptionConfig(dataset=dataset, captioner=None), undecided=True)
    assert all(900 < len(line["caption"]) <= 1000 for line in lines(dataset))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ({"file_name": "0.mp4", "caption": "x", "fps": 15}, "listed twice"),
        ({"file_name": "9.mp4", "caption": "x", "fps": 15}, "missing from the folder"),
        ({"file_name": "0.mp4", "fps": 15}, "caption is missing"),
        (
            {
                "file_name": "0.mp4",
                "caption": "x",
                "fps": 15,
                "captions": [{"start": 9, "end": 3, "text": "x"}],
            },
            "timed 9..3",
        ),
    ],
)
def test_a_broken_caption_file_is_one_line_and_nothing_is_touched(
    dataset: Path, line: dict, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    metadata = dataset / "train" / "metadata.jsonl"
    metadata.write_text(metadata.read_text() + json.dumps(line) + "\n")
    before = metadata.read_bytes()
    assert main(["caption", str(dataset), "--captioner", "parrot"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and complaint in err and "metadata.jsonl:4" in err
    assert metadata.read_bytes() == before


@pytest.mark.parametrize("name", ["proposals.jsonl", "decisions.jsonl"])
def test_damaged_proposals_are_named_by_their_line(dataset: Path, name: str) -> None:
    propose(CaptionConfig(dataset=dataset, captioner="parrot", enrich=False))
    with (dataset / ".captions" / name).open("a") as file:
        file.write('{"file": 7, "what": 1}\n')
    with pytest.raises(ClipError, match=rf"{name}:\d.*remove that line"):
        Proposals(dataset)


def test_a_decision_on_a_clip_nobody_captioned_is_refused(dataset: Path) -> None:
    with pytest.raises(ClipError, match="no captions are proposed"):
        Proposals(dataset).decide(Decision(file="train/0.mp4", decision="accept"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["--captioner", "parrot", "--limit", "0"], 2),
        (["--captioner", "parrot", "--seconds", "-1"], 2),
        (["--captioner", "parrot", "--split", "no"], 1),
    ],
)
def test_mistakes_on_the_command_line_are_one_line(
    dataset: Path, arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["caption", str(dataset), *arguments]) == code
    assert capsys.readouterr().err.count("\n") == 1


def test_a_captioner_that_fails_keeps_what_was_done(dataset: Path, parrot: Parrot) -> None:
    def fail(clip: object) -> str:
        if len(parrot.asked) == 3:
            raise GenieError("it broke")
        return "a fine ground"

    parrot.answer = fail
    with pytest.raises(GenieError):
        propose(CaptionConfig(dataset=dataset, captioner="parrot", enrich=False))
    assert len(Proposals(dataset).by_file) == 2
