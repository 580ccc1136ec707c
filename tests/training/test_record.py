"""Recording: resumable to the same files, split by split, and honest about what is missing."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from genie.clips.clip_folder import ClipFolder
from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError, GenieError, SourceError, WorldError
from tests.scripted_worlds.sprite.rules import find_sprite
from training import record as module
from training.guard import only_one
from training.record import RecordConfig, record

WORLDS = Path(__file__).parents[1] / "scripted_worlds"


@pytest.fixture(autouse=True)
def _worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENIE_WORLDS", str(WORLDS))
    monkeypatch.setattr(module, "CHUNK", 4)


def _config(out: Path, **changes: object) -> RecordConfig:
    return RecordConfig(**{"world": "sprite", "clips": 11, "out": out, "frames": 9, "seed": 5, **changes})  # type: ignore[arg-type]


def _quiet(done: int, total: int) -> None:
    pass


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("processes", [1, 2])
def test_when_time_is_over_no_chunk_is_begun(tmp_path: Path, processes: int) -> None:
    config = _config(tmp_path / "short", clips=400, seconds=1e-9, processes=processes)
    short = record(config, _quiet)
    clips = ClipFolder(tmp_path / "short").clips("train")
    assert 4 <= len(clips) <= 60 and len(clips) % 4 == 0, "whole chunks, of 4 here, and few of them"
    record(config, _quiet)
    assert len(ClipFolder(tmp_path / "short").clips("train")) > len(clips), "asked again, it goes on"
    count = len(ClipFolder(tmp_path / "short").clips("train"))
    if processes == 1:  # other processes have chunks of the usual size
        whole = record(_config(tmp_path / "whole", clips=count), _quiet)
        assert (short / "metadata.jsonl").read_bytes() == (whole / "metadata.jsonl").read_bytes()


def test_recorded_actions_move_the_sprite_in_the_decoded_store(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    record(_config(tmp_path), lambda done, total: told.append((done, total)))
    assert told[0] == (0, 11)
    assert told[-1] == (11, 11)
    store = FrameStore.open(tmp_path, "train")
    assert store.action_names == ("noop", "left", "right", "up", "down")
    for clip, facts in enumerate(store.attributes):
        look = facts["sprite"], facts["background"]
        assert 0 <= facts["level"] < 1000
        first, last = store.starts[clip], store.starts[clip + 1]
        place = find_sprite(store.frames[first], *look)
        for t in range(first, last - 1):
            place = place.moved(store.action_names[store.actions[t]])
            assert find_sprite(store.frames[t + 1], *look) == place
        assert store.actions[last - 1] == -1


def test_killed_anywhere_it_ends_with_the_same_files(tmp_path: Path) -> None:
    whole = record(_config(tmp_path / "whole"), _quiet)
    for stop in (0, 3, 5, 10):

        def kill(done: int, total: int, stop: int = stop) -> None:
            if done >= stop:
                raise KeyboardInterrupt

        folder = tmp_path / f"killed-{stop}" / "train"
        with pytest.raises(KeyboardInterrupt):
            record(_config(folder.parent), kill)
        if (folder / "metadata.jsonl").exists():
            with (folder / "metadata.jsonl").open("a") as torn:
                torn.write('{"file_name": "00')
        record(_config(folder.parent), _quiet)
        assert _contents(folder) == _contents(whole)


def test_several_processes_make_the_files_that_one_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the other processes know only the real size of a chunk
    monkeypatch.setenv("GENIE_WORLDS", str(WORLDS))
    told: list[int] = []

    def two(done: int, total: int) -> None:
        told.append(done)
        if done == 128 and len(told) == 2:  # the second chunk, perhaps under way, is lost
            raise KeyboardInterrupt

    config = {"clips": 260, "frames": 2}
    with pytest.raises(KeyboardInterrupt):
        record(_config(tmp_path / "two", processes=2, **config), two)
    assert multiprocessing.active_children() == []
    folder = record(_config(tmp_path / "two", processes=2, **config), two)
    assert told == [0, 128, 128, 256, 260]
    assert _contents(folder) == _contents(record(_config(tmp_path / "one", **config), _quiet))


def test_a_mistake_in_another_process_is_still_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    worlds = shutil.copytree(WORLDS, tmp_path / "worlds")
    source = worlds / "sprite" / "source.py"
    source.write_text(source.read_text().replace("rng = np", "raise SourceError('no art');rng = np", 1))
    source.write_text(
        source.read_text().replace(
            "import numpy", "from genie.core.errors import SourceError\nimport numpy", 1
        )
    )
    monkeypatch.setenv("GENIE_WORLDS", str(worlds))
    with pytest.raises(SourceError, match=r"^no art$"):
        record(_config(tmp_path, clips=260, processes=2), _quiet)


def _captioned(folder: Path, number: int) -> str:
    """Have a person caption a clip; the whole of the metadata."""
    metadata = folder / "metadata.jsonl"
    told = [json.loads(line) for line in metadata.read_text().splitlines()]
    told[number] |= {"caption": "mine", "caption_from": "person"}
    metadata.write_text("".join(json.dumps(line) + "\n" for line in told))
    return metadata.read_text()


def test_asking_for_more_leaves_what_is_there_and_asking_for_less_is_refused(tmp_path: Path) -> None:
    folder = record(_config(tmp_path / "a", clips=6), _quiet)
    before, told = _contents(folder), _captioned(folder, 5)

    def kill(done: int, total: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(_config(tmp_path / "a", clips=11), kill)
    assert (folder / "metadata.jsonl").read_text() == told, "nothing is lost before there is more"
    record(_config(tmp_path / "a", clips=11), _quiet)
    after = _contents(folder)
    assert len(ClipFolder(tmp_path / "a")) == 11 and after["metadata.jsonl"].startswith(told.encode())
    assert all(after[name] == content for name, content in before.items() if name != "metadata.jsonl")
    with pytest.raises(ClipError, match="holds 11 clips already"):
        record(_config(tmp_path / "a", clips=6), _quiet)
    with pytest.raises(ClipError, match="seed 5"):
        record(_config(tmp_path / "a", clips=20, seed=6), _quiet)
    assert len(ClipFolder(tmp_path / "a")) == 11


def test_more_in_steps_is_the_same_each_time_and_repeats_no_clip(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for clips in (6, 7, 11):
            record(_config(tmp_path / name, clips=clips), _quiet)
    assert _contents(tmp_path / "a") == _contents(tmp_path / "b")
    videos = {clip.video.read_bytes() for clip in ClipFolder(tmp_path / "a").clips()}
    assert len(videos) == 11


def test_a_clip_taken_out_is_gone_and_no_other_is_written_over(tmp_path: Path) -> None:
    folder = record(_config(tmp_path, clips=8), _quiet)
    metadata = folder / "metadata.jsonl"
    kept = metadata.read_text().splitlines(keepends=True)
    metadata.write_text("".join(kept[:2] + kept[3:]))
    before = _contents(folder)
    record(_config(tmp_path, clips=8), _quiet)
    assert _contents(folder) == before
    record(_config(tmp_path, clips=11), _quiet)
    after = _contents(folder)
    assert all(after[name] == content for name, content in before.items() if name != "metadata.jsonl")
    names = [Path(entry.file_name).stem for entry in ClipFolder(tmp_path)]
    assert names == [f"00000{n}" if n < 10 else f"0000{n}" for n in range(11) if n != 2]


def test_two_at_once_do_not_list_clips_twice(tmp_path: Path) -> None:
    with only_one(tmp_path / "train"), pytest.raises(GenieError, match="another command is running"):
        record(_config(tmp_path), _quiet)
    assert list(tmp_path.iterdir()) == []
    record(_config(tmp_path), _quiet)
    assert len(ClipFolder(tmp_path)) == 11


def test_splits_lie_side_by_side_and_share_no_level(tmp_path: Path) -> None:
    for split in ("train", "test", "judge"):
        record(_config(tmp_path, split=split), _quiet)
    levels = [
        {c.entry.attributes["level"] for c in ClipFolder(tmp_path).clips(s)}
        for s in ("train", "test", "judge")
    ]
    assert all(levels)
    assert sum(map(len, levels)) == len(set.union(*levels))


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Did you mean 'test'"):
        record(_config(tmp_path, split="tets"), _quiet)
    with pytest.raises(WorldError, match="sprite"):
        record(_config(tmp_path, world="sprit"), _quiet)
    with pytest.raises(ValueError, match="clips"):
        _config(tmp_path, clips=0)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_simulator_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "procgen", None)
    with pytest.raises(SourceError) as caught:
        record(_config(tmp_path, world="coinrun"), _quiet)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (line,) = (line for line in readme.splitlines() if line.startswith("pip install") and "procgen" in line)
    assert line in str(caught.value), "the same line as in the README"
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_frames_are_decoded_as_recorded(tmp_path: Path) -> None:
    record(_config(tmp_path, clips=4), _quiet)
    clips = ClipFolder(tmp_path).clips("train")
    store = FrameStore.open(tmp_path, "train")
    np.testing.assert_array_equal(np.concatenate([clip.read_frames() for clip in clips]), store.frames)


def test_a_whole_recording_that_nobody_may_write_to_is_read_without_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda folder, mode: False)
    with only_one(tmp_path / "train"):
        assert not list((tmp_path / "train").iterdir())
