"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genie.clips import atomic
from genie.clips.atomic import replace_file, replace_folder, restore_folder, staged_beside

KILLED = """
import os, signal, sys
from pathlib import Path
from genie.clips.atomic import replace_folder, staged_beside

target, moment = Path(sys.argv[1]), sys.argv[2]
replaced = []

def replace(self, other, real=Path.replace):
    if len(replaced) == int(moment):
        os.kill(os.getpid(), signal.SIGKILL)
    replaced.append(other)
    return real(self, other)

Path.replace = replace
with staged_beside(target) as staged:
    (staged / "graph").write_text("new")
    replace_folder(staged, target)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill")
@pytest.mark.parametrize(
    ("moment", "kept"), [(0, "old"), (1, "old"), (2, "new")], ids=["written", "taken away", "put there"]
)
def test_what_a_kill_left_is_put_right_by_the_next(tmp_path: Path, moment: int, kept: str) -> None:
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "graph").write_text("old")
    (target / "gone").write_text("old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(target), str(moment)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert target.exists() == (moment != 1) and len(list(tmp_path.iterdir())) > 1
    with staged_beside(target) as staged:
        assert {path.name for path in tmp_path.iterdir()} == {"bundle", staged.name}
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert (target / "graph").read_text() == kept
    assert (target / "gone").exists() == (kept == "old")


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(errno.EACCES, "denied")])
def test_stopped_between_the_two_moves_a_folder_is_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    target, replace = tmp_path / "bundle", Path.replace
    target.mkdir()
    (target / "graph").write_text("old")

    def stopped(moved: Path, to: Path) -> Path:
        if to == target and moved.name.startswith(".export-"):
            raise stop
        return replace(moved, to)

    monkeypatch.setattr(Path, "replace", stopped)
    with staged_beside(target) as staged, pytest.raises(type(stop)):
        replace_folder(staged, target)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert (target / "graph").read_text() == "old"


def test_a_folder_that_is_being_written_is_not_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".export-notes").mkdir()
    with staged_beside(tmp_path / "one") as one:
        (one / "graph").write_text("one")
        with staged_beside(tmp_path / "two") as two:
            (two / "graph").write_text("two")
            replace_folder(two, tmp_path / "two")
        replace_folder(one, tmp_path / "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".export-notes", "one", "two"]
    assert [(tmp_path / name / "graph").read_text() for name in ("one", "two")] == ["one", "two"]


def test_a_whole_folder_is_never_replaced_by_a_former_one(tmp_path: Path) -> None:
    for name in ("bundle", ".bundle-former"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "graph").write_text(name)
    restore_folder(tmp_path / "bundle")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert (tmp_path / "bundle" / "graph").read_text() == "bundle"


def test_of_two_writers_neither_takes_the_others_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, replace = tmp_path / "card.json", Path.replace

    def overtaken(staged: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "replace", replace)
        replace_file(path, b"the other's")
        return replace(staged, target)

    monkeypatch.setattr(Path, "replace", overtaken)
    replace_file(path, b"mine")
    assert path.read_bytes() == b"mine"
    assert [file.name for file in tmp_path.iterdir()] == ["card.json"]


def test_ctrl_c_leaves_nothing_beside_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", stopped)
    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "card.json", b"new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="nobody clears anything away there")
def test_of_two_that_begin_at_once_neither_clears_the_others_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = atomic._held

    def overtaken(folder: Path) -> contextlib.AbstractContextManager[bool]:
        monkeypatch.setattr(atomic, "_held", begin)
        with staged_beside(tmp_path / "two"):  # between a folder's making and its being held
            pass
        return begin(folder)

    monkeypatch.setattr(atomic, "_held", overtaken)
    with staged_beside(tmp_path / "one") as one:
        (one / "graph").write_text("one")
        replace_folder(one, tmp_path / "one")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


@pytest.mark.parametrize("durable", [True, False])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, durable: bool
) -> None:
    path = tmp_path / "card.json"
    replace_file(path, b"old", durable=durable)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new", durable=durable)
    assert [file.name for file in tmp_path.iterdir()] == ["card.json"]
    assert path.read_bytes() == b"old"
