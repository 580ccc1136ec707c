"""Files written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from genie.clips.atomic import replace_file


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
