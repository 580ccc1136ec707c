"""What the player has chosen is kept, whichever window it was chosen in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from genie.app.folders import config_folder
from genie.app.settings import FILE, Calibration, Settings, SettingsFile
from tests.app.conftest import Driver


def test_what_one_window_remembers_another_does_not_undo(tmp_path: Path) -> None:
    one, other = SettingsFile(tmp_path), SettingsFile(tmp_path)
    found = Calibration(idle="code-0", keys={"code-1": ("a",)})
    one.change(replace(one.settings, commands={"pause": ("f7",)}))
    one.change(replace(one.settings, calibrations={"fake": found}))
    other.change(other.settings.with_prompt("fake", "a red alien"))
    one.change(one.settings.with_prompt("fake", "a blue alien"))
    other.change(other.settings.meeting("fake"))
    for file in (one, other, SettingsFile(tmp_path)):
        assert file.settings == Settings(
            commands={"pause": ("f7",)},
            calibrations={"fake": found},
            prompts={"fake": ("a blue alien", "a red alien")},
            met=("fake",),
        )
        assert not file.note
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_where_nothing_can_be_written_a_change_holds_for_as_long_as_it_is_played(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("a file")
    file = SettingsFile(tmp_path / "in the way")
    file.change(file.settings.meeting("fake"))
    assert file.settings.met == ("fake",)
    assert "cannot be kept" in file.note


def test_what_goes_wrong_is_told_once(drive: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch) -> None:
    drive()  # finds out where the file belongs
    config_folder().mkdir(parents=True)
    (config_folder() / FILE).write_text("{", encoding="utf-8")
    file = SettingsFile()
    monkeypatch.setattr("genie.app.loop.SettingsFile", lambda: file)
    assert "makes no sense" in drive().game.notice.text
    assert drive().game.notice is None


def test_what_cannot_be_kept_is_told_once_until_it_can_be_again(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("a file")
    file = SettingsFile(tmp_path / "in the way")
    file.change(file.settings.meeting("fake"))
    assert "cannot be kept" in file.take_note()
    file.change(file.settings.meeting("another"))
    assert file.take_note() == ""
    (tmp_path / "in the way").unlink()
    file.change(file.settings.meeting("a third"))
    assert file.take_note() == ""
    file = SettingsFile(tmp_path / "in the way")
    file._path.parent.joinpath(FILE).unlink()
    file._path.mkdir()
    file.change(file.settings.meeting("fake"))
    file._path.rmdir()
    file.change(file.settings.meeting("another"))
    assert file.note == "", "it is put right by now"
