"""A clip folder tells the truth or is refused, with the file and the line named."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genie.clips import frame_store
from genie.clips.clip_folder import ClipFolder
from genie.clips.frame_store import UNKNOWN, FrameStore
from genie.clips.metadata import ClipEntry, TimedCaption, parse_entry
from genie.clips.video import write_video
from genie.core.errors import ClipError

NAMES = ["noop", "go"]
LENGTHS = (7, 5, 9)


def _clip(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (LENGTHS[number], 12, 20, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three clips: with actions and timed captions; with neither; of another split."""
    lines: list[dict[str, Any]] = []
    for i, length in enumerate(LENGTHS):
        write_video(tmp_path / f"{i}.mp4", _clip(i), fps=15)
        lines.append({"file_name": f"{i}.mp4", "caption": f"clip {i}", "fps": 15, "frames": length})
    timed = [{"start": 2, "end": 5, "text": "middle"}]
    lines[0] |= {"actions": "0.txt", "action_names": NAMES, "captions": timed, "attributes": {"level": 3}}
    lines[2] |= {"split": "test"}
    (tmp_path / "0.txt").write_text("go\nnoop\ngo\ngo\nnoop\nnoop\n")
    _write(tmp_path, lines)
    return tmp_path


def _write(folder: Path, lines: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "metadata.jsonl").write_text(text, encoding="utf-8")


def _timed(start: int, end: int, text: str) -> dict[str, Any]:
    return {"start": start, "end": end, "text": text}


def _change(folder: Path, line: int, **changes: Any) -> None:
    lines = [json.loads(text) for text in (folder / "metadata.jsonl").read_text().splitlines()]
    lines[line] |= changes
    _write(folder, lines)


def test_an_entry_round_trips_through_its_line() -> None:
    entry = ClipEntry(
        file_name="a/b.mp4",
        caption="größe\u2028x",
        fps=15.0,
        frames=9,
        actions="a/b.txt",
        action_names=("noop",),
        captions=(TimedCaption(start=0, end=9, text="t"),),
        attributes={"level": 3},
        source="s",
        seed=1,
        split="test",
    )
    assert "\n" not in entry.to_json()
    assert parse_entry(entry.to_json(), "here:1") == entry


def test_the_store_holds_every_frame_action_and_caption(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    store = FrameStore.open(folder, "train", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    assert store.starts.tolist() == [0, 7, 12]
    np.testing.assert_array_equal(store.frames, np.concatenate([_clip(0), _clip(1)]))
    assert isinstance(store.frames, np.memmap)
    assert store.actions.tolist() == [1, 0, 1, 1, 0, 0] + [UNKNOWN] * 6
    texts = [store.captions[i] for i in store.caption_of]
    assert texts == ["clip 0"] * 2 + ["middle"] * 3 + ["clip 0"] * 2 + ["clip 1"] * 5
    assert store.action_names == ("noop", "go")
    assert store.attributes == [{"level": 3}, {}]
    assert FrameStore.open(folder, "test").starts.tolist() == [0, 9]


def test_the_store_is_reused_until_the_dataset_changes(folder: Path) -> None:
    first = FrameStore.open(folder, "train")
    built: list[int] = []
    again = FrameStore.open(folder, "train", progress=lambda done, total: built.append(done))
    assert not built
    assert again.hash == first.hash
    (folder / "0.txt").write_text("noop\n" * 6)
    changed = FrameStore.open(folder, "train")
    assert changed.hash != first.hash
    assert changed.actions[:6].tolist() == [0] * 6
    assert len(list((folder / ".frames").glob("train-*"))) == 1


def test_what_a_kill_left_of_a_store_is_cleared_away_and_nothing_that_lives(folder: Path) -> None:
    (folder / ".frames").mkdir()
    torn, living = (folder / ".frames" / f"train-{letter * 16}.tmp-x" for letter in "ab")
    for work in (torn, living):
        work.mkdir()
        (work / "frames.bin").write_bytes(b"frames")
    for path in (torn / "frames.bin", torn):
        os.utime(path, (0, 0))
    store = FrameStore.open(folder, "train")
    assert not torn.exists() and living.exists() and len(store.starts) == 3


def test_who_builds_a_store_that_is_there_already_leaves_it_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = frame_store._build
    kept: list[Path] = []

    def also_by_another(home: Path, *rest: Any) -> None:
        built(home, *rest)
        (home / "codes").touch()  # which the other has found meanwhile
        built(home, *rest)
        kept.append(home / "codes")

    monkeypatch.setattr(frame_store, "_build", also_by_another)
    assert len(FrameStore.open(folder, "train").starts) == 3
    assert kept[0].exists() and len(list((folder / ".frames").iterdir())) == 1


def test_clips_of_two_frame_rates_are_one_line(folder: Path) -> None:
    lines = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    lines[1]["fps"] = 30
    _write(folder, lines)
    with pytest.raises(ClipError, match=r"1.mp4: 30 frames a second, and other clips have 15"):
        FrameStore.open(folder, "train")


def test_a_shared_cache_keeps_the_stores_of_other_datasets(folder: Path, tmp_path_factory: Any) -> None:
    other, cache = tmp_path_factory.mktemp("other"), tmp_path_factory.mktemp("cache")
    write_video(other / "x.mp4", _clip(1), fps=15)
    _write(other, [{"file_name": "x.mp4", "caption": "x", "fps": 15}])
    built: list[int] = []
    for _ in range(2):
        for dataset in (folder, other):
            FrameStore.open(dataset, "train", cache=cache, progress=lambda done, total: built.append(done))
    assert built == [1, 2, 1]
    (cache / "file").touch()
    with pytest.raises(ClipError, match="cannot keep"):
        FrameStore.open(folder, "train", cache=cache / "file")


def test_a_full_cache_is_named_with_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("1234 requested and 56 written")  # as numpy tells it

    monkeypatch.setattr(frame_store, "_decode", full)
    with pytest.raises(ClipError, match=r"\(the disk is full\): make room, or give another --cache"):
        FrameStore.open(folder, "train")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file_name": "gone.mp4"}, "gone.mp4 is missing"),
        ({"file_name": "1.mp4"}, "listed twice"),
        ({"file_name": "../0.mp4"}, "inside the clip folder"),
        ({"file_name": "/etc/passwd"}, "inside the clip folder"),
        ({"caption": None}, "caption is missing"),
        ({"caption": 3}, "caption must be a string"),
        ({"fps": 0}, "fps"),
        ({"fps": "15"}, "fps"),
        ({"frames": 0}, "at least one"),
        ({"frames": 7.5}, "whole number"),
        ({"actions": "gone.txt"}, "gone.txt is missing"),
        ({"captions": [{"start": 4, "end": 2, "text": "x"}]}, "start must be below end"),
        ({"captions": [{"start": 0, "end": 8, "text": "x"}]}, "clip of 7 frames"),
        ({"captions": [{"start": -1, "end": 2, "text": "x"}]}, "start must be below end"),
        ({"captions": [{"start": 0, "end": 2}]}, "start, end, text"),
        (
            {"captions": [_timed(4, 7, "late"), _timed(0, 5, "early")]},
            r"two captions of 0\.mp4 are true at once: 0\.\.5 'early' and 4\.\.7 'late'",
        ),
        ({"captions": [_timed(2, 5, "x")] * 2}, r"true at once: 2\.\.5 'x' and 2\.\.5 'x'"),
        ({"attributes": [1]}, "attributes"),
        ({"attributes": {"score": float("nan")}}, "cannot be written again"),
        ({"attributes": {"score": float("inf")}}, "cannot be written again"),
        ({"attributes": {"score": "\ud83d"}}, "cannot be written again"),
        ({"caption": "half \ud83d"}, "cannot be written again"),
    ],
)
def test_a_bad_line_is_named(folder: Path, changes: dict[str, Any], words: str) -> None:
    _change(folder, 0, **changes)
    with pytest.raises(ClipError, match=words) as caught:
        ClipFolder(folder)
    assert "metadata.jsonl:" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_video_that_no_line_names_is_found(folder: Path) -> None:
    assert ClipFolder(folder).unlisted() == []
    for hidden in (".cutting", ".frames"):
        (folder / hidden).mkdir()
        (folder / hidden / "3.mp4").touch()
    (folder / "more").mkdir()
    for name in ("more/4.mp4", "3.mp4"):
        (folder / name).touch()
    assert ClipFolder(folder).unlisted() == [folder / "3.mp4", folder / "more" / "4.mp4"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        '"x"',
        "[" * 100_000,
        '{"file_name": NaN}',
    ],
)
def test_a_line_that_is_no_entry(folder: Path, line: str) -> None:
    good = (folder / "metadata.jsonl").read_text()
    (folder / "metadata.jsonl").write_text(good + "\n" + line + "\n")  # a blank line counts, too
    with pytest.raises(ClipError, match=r"metadata\.jsonl:5"):
        ClipFolder(folder)


def _break_off(folder: Path) -> None:
    video = folder / "0.mp4"
    video.write_bytes(video.read_bytes()[:-300])


def _replace_by_text(folder: Path) -> None:
    (folder / "0.mp4").write_text("not a video")


def _lie_about_length(folder: Path) -> None:
    _change(folder, 0, frames=8, captions=[], actions=None)


def _drop_an_action(folder: Path) -> None:
    (folder / "0.txt").write_text("go\nnoop\n")


def _misspell_an_action(folder: Path) -> None:
    (folder / "0.txt").write_text("go\nnoop\ngo\ngoo\nnoop\nnoop\n")


def _change_size(folder: Path) -> None:
    write_video(folder / "1.mp4", np.zeros((5, 12, 22, 3), np.uint8), fps=15)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_break_off, r"metadata\.jsonl:1: .*0\.mp4.* take that line out"),
        (_replace_by_text, r"metadata\.jsonl:1: .*0\.mp4: broken video.* take that line out"),
        (
            _lie_about_length,
            r"metadata\.jsonl:1: .*0\.mp4: 7 frames, but its metadata says 8: mend that line",
        ),
        (_drop_an_action, r"0\.txt: 2 actions"),
        (_misspell_an_action, r"0\.txt:4: .*'goo'.* Did you mean 'go'"),
        (_change_size, r"1\.mp4: 12x22 frames"),
    ],
)
def test_damage_is_found_when_read_and_leaves_no_store(folder: Path, damage: Any, words: str) -> None:
    damage(folder)
    with pytest.raises(ClipError, match=words) as caught:
        FrameStore.open(folder, "train")
    assert "\n" not in str(caught.value)
    assert list((folder / ".frames").glob("*")) == []


def test_split_subfolders_and_missing_folders(folder: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    with pytest.raises(ClipError, match=r"no metadata\.jsonl.* python -m training ingest"):
        ClipFolder(outer)
    with pytest.raises(ClipError, match="no such folder"):
        ClipFolder(tmp_path / "nowhere")
    (outer / "train").symlink_to(folder)
    (outer / ".train-former").symlink_to(folder)
    assert len(ClipFolder(outer)) == 3
    with pytest.raises(ClipError, match="no clips of the split 'judge'"):
        FrameStore.open(outer, "judge")
