"""What worlds are scored on is recorded where it is missing, the same everywhere, and never twice."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from genie.clips.clip_folder import ClipFolder
from genie.clips.metadata import FILE_NAME
from genie.core.errors import ClipError, GenieError
from genie.worlds import find
from training import held_out
from training import record as record_module
from training.guard import only_one
from training.held_out import record_held_out
from training.record import RecordConfig, Report

WORLDS = Path(__file__).parents[1] / "scripted_worlds"


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENIE_WORLDS", str(WORLDS))
    monkeypatch.setattr(held_out, "HELD_OUT", {"test": 3, "unseen": 2})
    monkeypatch.setattr(held_out, "LABELLED", 2)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dataset_lacks_nothing_afterwards_and_is_the_same_everywhere(tmp_path: Path) -> None:
    for name in ("one", "two"):
        record_held_out(find("sprite"), tmp_path / name)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    folder = ClipFolder(tmp_path / "one")
    assert [len(folder.clips(split)) for split in ("test", "train")] == [3, 2]


def test_a_world_that_withholds_combinations_is_asked_for_clips_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {}

    def noted(config: RecordConfig, report: Report) -> Path:
        asked[config.split] = config.clips
        (config.out / config.split).mkdir(parents=True)
        return config.out / config.split

    monkeypatch.setattr(held_out, "record", noted)
    world = find("sprite")
    record_held_out(world, tmp_path / "sprite")
    assert asked == {"test": 3, "train": 2}
    withholding = dataclasses.replace(world, splits={**world.splits, "unseen": range(4000, 4100)})
    asked.clear()
    record_held_out(withholding, tmp_path / "other clips")
    assert asked == {"test": 3, "train": 2}, "what training has seen, nothing there can tell"
    asked.clear()
    (tmp_path / "own clips" / "train").mkdir(parents=True)
    (tmp_path / "own clips" / "train" / FILE_NAME).write_text("{}\n" * 3)
    record_held_out(withholding, tmp_path / "own clips")
    assert asked == {"test": 3, "unseen": 2}


def test_clips_recorded_for_their_labels_are_not_taken_for_what_a_world_learned_from(tmp_path: Path) -> None:
    world = find("sprite")
    withholding = dataclasses.replace(world, splits={**world.splits, "unseen": range(4000, 4100)})
    record_held_out(world, tmp_path)
    before = files(tmp_path)
    record_held_out(withholding, tmp_path)
    assert files(tmp_path) == before


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    record_held_out(find("sprite"), tmp_path)
    before = files(tmp_path)
    record_held_out(find("sprite"), tmp_path)
    assert files(tmp_path) == before


def test_a_recording_that_was_cut_is_no_split_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_module, "CHUNK", 2)
    monkeypatch.setattr(record_module, "cores", lambda: 1)
    real = held_out.record

    def cut(config: RecordConfig, report: Report) -> Path:
        def kill(done: int, total: int) -> None:
            if done == 3:
                raise KeyboardInterrupt

        return real(config, kill)

    monkeypatch.setattr(held_out, "record", cut)
    with pytest.raises(KeyboardInterrupt):
        record_held_out(find("sprite"), tmp_path / "data")
    assert not (tmp_path / "data").exists()
    assert len(ClipFolder(tmp_path / "data.part")) == 2
    monkeypatch.setattr(held_out, "record", real)
    record_held_out(find("sprite"), tmp_path / "data")
    record_held_out(find("sprite"), tmp_path / "whole")
    assert files(tmp_path / "data") == files(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "whole"]


def test_what_an_interrupted_recording_left_is_recorded_again(tmp_path: Path) -> None:
    begun = tmp_path / "data" / "test" / "000"
    begun.mkdir(parents=True)
    (begun / "000000.mp4").write_bytes(b"half")
    record_held_out(find("sprite"), tmp_path / "data")
    record_held_out(find("sprite"), tmp_path / "whole")
    assert files(tmp_path / "data") == files(tmp_path / "whole")


def test_a_dataset_with_one_metadata_for_all_splits_is_left_alone(tmp_path: Path) -> None:
    lines = []
    for split in ("train", "test"):
        (tmp_path / "data" / split).mkdir(parents=True)
        (tmp_path / "data" / split / "0.mp4").write_bytes(b"a clip")
        lines.append({"file_name": f"{split}/0.mp4", "caption": "a clip", "fps": 15, "split": split})
    (tmp_path / "data" / FILE_NAME).write_text("".join(json.dumps(line) + "\n" for line in lines))
    before = files(tmp_path)
    record_held_out(find("sprite"), tmp_path / "data")
    assert files(tmp_path) == before


def test_a_users_own_files_are_never_recorded_over(tmp_path: Path) -> None:
    own = tmp_path / "data" / "test" / "holiday.mp4"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"the sea")
    with pytest.raises(ClipError, match=r"holiday\.mp4 is no clip of a recording.*move it elsewhere"):
        record_held_out(find("sprite"), tmp_path / "data")
    assert files(tmp_path) == {"data/test/holiday.mp4": b"the sea"}, "before anything was recorded"


def test_two_at_once_do_not_take_each_others_recording(tmp_path: Path) -> None:
    part = tmp_path / "data.part"
    with only_one(part), pytest.raises(GenieError, match="another recording is running"):
        record_held_out(find("sprite"), tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_what_somebody_recorded_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, theirs = held_out.record, tmp_path / "data" / "test"

    def slow(config: RecordConfig, report: Report) -> Path:
        if config.split == "test":
            theirs.mkdir(parents=True)
            (theirs / FILE_NAME).write_text("hours of work")
        return real(config, report)

    monkeypatch.setattr(held_out, "record", slow)
    record_held_out(find("sprite"), tmp_path / "data")
    assert (theirs / FILE_NAME).read_text() == "hours of work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
    assert (tmp_path / "data" / "train" / FILE_NAME).is_file()


def test_what_somebody_is_recording_is_not_replaced(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "data" / "test"),
        pytest.raises(GenieError, match="another recording is running"),
    ):
        record_held_out(find("sprite"), tmp_path / "data")
