"""Proposals, and the clips that they are of: those that were looked at, and none that came in their place."""

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from genie.clips.video import write_video
from genie.core.errors import ClipError
from tests.training.captioning.conftest import COLOURS, Parrot, lines, scene
from training import caption as module
from training.__main__ import main
from training.caption import CaptionConfig, apply
from training.captioning.proposals import FOLDER, Decision, Proposal, Proposals


@pytest.fixture(autouse=True)
def teach(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "open_captioner", lambda name, device: parrot)


def remade(dataset: Path, *, frames: int = 24) -> None:
    """The split made again, with other clips under the same names and the same thin captions."""
    train = dataset / "train"
    told = []
    for number, colour in enumerate(reversed(COLOURS)):
        write_video(train / f"{number}.mp4", scene(colour, frames, step=2), fps=15)
        told.append({"file_name": f"{number}.mp4", "caption": "a game", "fps": 15, "frames": frames})
    (train / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in told))


@pytest.mark.parametrize("frames", [24, 16])
def test_what_was_proposed_for_another_clip_of_the_same_name_is_not_taken(
    dataset: Path, parrot: Parrot, frames: int, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["caption", str(dataset), "--captioner", "parrot", "--no-enrich"]
    assert main(command) == 0
    remade(dataset, frames=frames)
    for again in ([], ["--again"]):
        assert main([*command, *again]) == 0
        assert "by a person" not in capsys.readouterr().out
    captions = [line["caption"] for line in lines(dataset)]
    assert captions == ["a blue ground", "a green ground", "a red ground"]
    Proposals(dataset).decide(Decision(file="train/0.mp4", decision="reject"))
    apply(CaptionConfig(dataset=dataset, captioner=None), undecided=False)
    assert lines(dataset)[0] | {"frames": 0} == {
        "file_name": "0.mp4",
        "caption": "a game",
        "fps": 15,
        "frames": 0,
    }, "its own line, and not that of the clip before it"


def test_decisions_on_what_older_versions_proposed_still_count(dataset: Path) -> None:
    old = Proposal(file="train/0.mp4", old="a game", caption="a fox", captions=(), source="parrot")
    told = {name: value for name, value in dataclasses.asdict(old).items() if name != "video"}
    (dataset / FOLDER).mkdir()
    (dataset / FOLDER / "proposals.jsonl").write_text(json.dumps(told) + "\n")
    about = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
    decision = {"file": "train/0.mp4", "decision": "accept", "about": about}
    (dataset / FOLDER / "decisions.jsonl").write_text(json.dumps(decision) + "\n")
    assert apply(CaptionConfig(dataset=dataset, captioner=None), undecided=False) == (1, 0)


def test_a_proposal_that_does_not_fit_its_clip_blames_no_sound_line(dataset: Path) -> None:
    long = Proposal(file="train/0.mp4", old="a game", caption="x", captions=((0, 99, "x"),), source="parrot")
    Proposals(dataset).add(long)
    with pytest.raises(ClipError, match=r"^train/0\.mp4: .*caption it with --again"):
        apply(CaptionConfig(dataset=dataset, captioner=None), undecided=True)
