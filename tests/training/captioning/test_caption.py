"""Captioning a dataset from end to end, with a captioner that says what it is told to."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from genie.core.errors import ClipError, GenieError
from tests.support.full_disk import full_beyond
from tests.training.captioning.conftest import Parrot, lines
from training import caption as module
from training.__main__ import main
from training.caption import CaptionConfig, apply, propose
from training.captioning.proposals import FOLDER, Decision, Proposals
from training.guard import only_one
from training.interruption import STOPPED


@pytest.fixture(autouse=True)
def teach(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "open_captioner", lambda name, device: parrot)


def test_what_has_been_captioned_is_not_captioned_again(dataset: Path, parrot: Parrot) -> None:
    propose(CaptionConfig(dataset=dataset, captioner="parrot", limit=2, enrich=False))
    assert len(parrot.asked) == 2
    assert parrot.told == [line["caption"] for line in lines(dataset)[:2]], "what is known is told"
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
    assert apply(config, undecided=False) == (0, 0)


def test_another_captioner_captions_all_and_the_same_one_what_it_said_nothing_of(
    dataset: Path, parrot: Parrot
) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    parrot.answer = lambda clip: "" if len(parrot.asked) == 3 else "a ground"
    propose(config)
    propose(config)
    assert len(parrot.asked) == 4
    parrot.name = "another"
    propose(dataclasses.replace(config, captioner="another"))
    assert len(parrot.asked) == 7
    assert {made.source for made in Proposals(dataset).by_file.values()} == {"another"}


def test_captioning_again_goes_on_where_it_was_stopped(dataset: Path, parrot: Parrot) -> None:
    again = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False, again=True)
    propose(dataclasses.replace(again, again=False))

    def stop(clip: object) -> str:
        if len(parrot.asked) == 6:
            raise GenieError("it was stopped")
        return "a new ground"

    parrot.answer = stop
    with pytest.raises(GenieError):
        propose(again)
    assert [made.caption for made in Proposals(dataset).by_file.values()].count("a new ground") == 2
    propose(again)
    assert len(parrot.asked) == 7, "the third alone"
    propose(again)
    assert len(parrot.asked) == 10, "that had come to its end"


def test_ctrl_c_leaves_the_dataset_as_it_was_and_the_same_command_goes_on(
    dataset: Path, parrot: Parrot, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(clip: object) -> str:
        if len(parrot.asked) == 2:
            raise KeyboardInterrupt
        return "a new ground"

    before, command = lines(dataset), ["caption", str(dataset), "--captioner", "parrot", "--no-enrich"]
    parrot.answer = stop
    assert main(command) == 130
    told = capsys.readouterr()
    assert told.out == "" and told.err.splitlines()[-1] == STOPPED and "Traceback" not in told.err
    assert lines(dataset) == before
    assert [path.name for path in (dataset / ".captions").iterdir()] == ["proposals.jsonl"]
    assert list(Proposals(dataset).by_file) == ["train/0.mp4"]
    assert main(command) == 0
    assert len(parrot.asked) == 4, "the second again, and the third"
    assert [line["caption"] for line in lines(dataset)] == ["a new ground"] * 3


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


def test_two_at_once_are_refused(dataset: Path, parrot: Parrot) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    with only_one(dataset / FOLDER), pytest.raises(GenieError, match="another captioning is running"):
        propose(config)
    propose(config)
    for folder, what in ((dataset / FOLDER, "captioning"), (dataset / "train", "command")):
        with only_one(folder), pytest.raises(GenieError, match=f"another {what} is running"):
            apply(config, undecided=True)
    assert apply(config, undecided=True) == (3, 0)


def test_a_mistyped_dataset_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="no such folder"):
        propose(CaptionConfig(dataset=tmp_path / "dat", captioner="parrot"))
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_a_full_disk_cut_short_takes_no_other_with_it(dataset: Path) -> None:
    propose(CaptionConfig(dataset=dataset, captioner="parrot", enrich=False))
    proposals = Proposals(dataset)
    proposals.decide(Decision(file="train/0.mp4", decision="accept"))
    size = (dataset / FOLDER / "decisions.jsonl").stat().st_size
    with full_beyond(size + 9), pytest.raises(OSError, match="too large"):
        proposals.decide(Decision(file="train/1.mp4", decision="accept"))
    proposals.decide(Decision(file="train/2.mp4", decision="accept"))
    assert list(Proposals(dataset).decisions) == ["train/0.mp4", "train/2.mp4"]


def test_a_clip_that_cannot_be_read_is_named_and_all_others_are_captioned(
    dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (dataset / "train" / "0.mp4").write_text("no video")
    assert main(["caption", str(dataset), "--captioner", "parrot", "--no-enrich"]) == 1
    told = capsys.readouterr()
    assert "2 of 2 clips have new captions" in told.out
    left, error = told.err.splitlines()[-2:]
    assert left.startswith("left out: ") and "metadata.jsonl:1: " in left and "take that line out" in left
    assert error == "error: 1 clips were left out; all others are captioned"
    assert [line["caption"] for line in lines(dataset)] == ["a game", "a green ground", "a blue ground"]


def test_what_a_captioner_made_up_is_no_caption_that_a_clip_came_with(dataset: Path, parrot: Parrot) -> None:
    config = CaptionConfig(dataset=dataset, captioner="parrot", enrich=False)
    propose(config)
    apply(config, undecided=True)
    metadata = dataset / "train" / "metadata.jsonl"
    told = lines(dataset)
    told[1] |= {"caption": "a lawn", "caption_from": "person"}
    metadata.write_text("".join(json.dumps(line) + "\n" for line in told))
    propose(dataclasses.replace(config, again=True))
    assert parrot.told[3:] == ["a game", "a lawn", "a game"]
    shutil.rmtree(dataset / FOLDER)
    propose(config)
    assert parrot.told[6:] == ["", "a lawn", ""]
    apply(config, undecided=True)
    propose(dataclasses.replace(config, again=True))
    assert parrot.told[9:] == ["", "a lawn", ""]
