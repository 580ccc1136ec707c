"""Quick saves in the real loop: to come back at once, after another start, and on another day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app.cli import main
from genie.app.folders import slots_folder
from genie.app.options import Options
from genie.app.recorder import Recorder
from genie.app.screens.slot_page import SlotPage
from genie.app.script import Script
from genie.app.session_plan import resume_plan
from genie.clips.session_log import read_session
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest
from tests.support.tiny_bundle import write_tiny_bundle

Make = Callable[..., Driver]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def played(drive: Make, key: int = pygame.K_RIGHT, **plan: object) -> Driver:
    driver = drive(FakeWorld(fake_manifest(fps=60)), **plan).play()
    driver.press(key)
    driver.frames(8)
    driver.release(key)
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    return driver


def said(driver: Driver, words: str) -> None:
    driver.until(lambda: driver.game.notice is not None and words in driver.game.notice.text)
    driver.settle()


def test_a_place_is_saved_and_come_back_to_within_the_session(drive: Make) -> None:
    driver = played(drive)
    frame, index = driver.game.frame.copy(), driver.game.index
    driver.tap(pygame.K_F5)
    said(driver, "Saved in slot 1")
    driver.tap(pygame.K_p)
    driver.frames(6)
    driver.tap(pygame.K_F9)
    said(driver, "Slot 1")
    assert driver.game.index == driver.session.index == index
    assert driver.game.time.paused
    np.testing.assert_array_equal(driver.game.frame, frame)
    assert len(driver.world.sessions) == 1, "still the same session"
    assert driver.game.moment.end >= index + 6, "and what was played since is kept"


def test_a_place_outlives_the_session(drive: Make, tmp_path: Path) -> None:
    first = played(drive)
    first.game.words.describe("a blue alien")
    first.tap(pygame.K_PERIOD)
    first.until(lambda: first.game.moment.prompt == "a blue alien")
    first.settle()
    first.tap(pygame.K_F5)
    said(first, "Saved")
    frame, line = first.game.frame.copy(), first.game.orders.player.take().line
    first.game.close()
    recorder = Recorder(tmp_path / "kept")
    second = played(drive, pygame.K_LEFT, recorder=recorder)
    second.tap(pygame.K_F9)
    said(second, "Slot 1")
    np.testing.assert_array_equal(second.game.frame, frame)
    assert second.game.orders.player.take().line == line
    assert second.game.moment.prompt == "a blue alien"
    second.tap(pygame.K_p)
    second.frames(4)
    second.game.close()
    left, came = map(read_session, recorder.paths)
    assert len(left.actions) >= 8, "the session that was left is kept"
    assert came.actions[: len(line)] == line.actions, "and the new one begins with what was loaded"
    assert len(came.actions) >= len(line) + 4


def test_loading_a_slot_takes_over_from_a_script(drive: Make) -> None:
    first = played(drive)
    first.tap(pygame.K_F5)
    said(first, "Saved")
    first.game.close()
    second = drive(FakeWorld(fake_manifest(fps=60)), script=Script(actions=(1,) * 500)).play()
    second.frames(3)
    second.tap(pygame.K_F9)
    said(second, "Slot 1")
    assert second.game.script is None
    loaded = second.game.index
    second.tap(pygame.K_p)
    second.frames(3)
    assert set(second.actions[loaded:]) == {"noop"}


def test_slots_are_seen_chosen_and_filled(drive: Make) -> None:
    driver = played(drive)
    driver.tap(pygame.K_F6)
    driver.until(lambda: isinstance(driver.loop.modal, SlotPage))
    driver.tap(pygame.K_5)
    driver.tap(pygame.K_s)
    said(driver, "Saved in slot 5")
    card = driver.game.saves.cards()[4]
    assert card is not None
    assert (card.frames, card.prompt) == (driver.game.index + 1, "a red alien on grass")
    assert card.thumbnail is not None
    driver.tap(pygame.K_p)
    driver.frames(3)
    driver.tap(pygame.K_F6)
    driver.until(lambda: isinstance(driver.loop.modal, SlotPage))
    driver.settle()
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.loop.modal is None)
    driver.settle()
    assert driver.game.index + 1 == card.frames


def test_saving_again_replaces_and_leaves_nothing_beside(drive: Make) -> None:
    driver = played(drive)
    for _ in range(3):
        driver.tap(pygame.K_PERIOD)
        driver.settle()
        driver.game.notice = None
        driver.tap(pygame.K_F5)
        said(driver, "Saved")
    folder = slots_folder("fake")
    assert [path.name for path in folder.iterdir()] == ["slot-1.genie-session"]
    assert len(read_session(folder / "slot-1.genie-session").actions) == driver.game.index


def test_empty_and_damaged_slots_are_news_not_the_end(drive: Make) -> None:
    driver = played(drive)
    driver.tap(pygame.K_F9)
    said(driver, "empty")
    path = driver.game.saves.path(1)
    path.mkdir(parents=True)
    (path / "session.json").write_text("nonsense")
    driver.tap(pygame.K_F9)
    said(driver, "damaged")
    driver.tap(pygame.K_F6)
    driver.until(lambda: isinstance(driver.loop.modal, SlotPage))
    driver.settle()
    driver.loop.draw()
    driver.tap(pygame.K_ESCAPE)
    driver.tap(pygame.K_p)
    driver.frames(3)


def test_a_prompt_that_was_saved_comes_back_with_its_place(drive: Make) -> None:
    driver = played(drive)
    driver.tap(pygame.K_COMMA)
    driver.tap(pygame.K_COMMA)
    driver.settle()
    driver.game.words.describe("a blue alien")
    driver.tap(pygame.K_PAGEUP)
    driver.until(lambda: driver.game.moment.strength == 1.25)
    assert driver.game.moment.prompt == "a blue alien"
    index = driver.game.index
    driver.tap(pygame.K_F5)
    said(driver, "Saved in slot 1")
    driver.tap(pygame.K_p)
    driver.frames(4)
    for _ in range(3):
        driver.game.notice = None
        driver.tap(pygame.K_F9)
        said(driver, "Slot 1")
        assert (driver.game.index, driver.game.moment.prompt) == (index, "a blue alien")
        assert (driver.session.prompt, driver.session.strength) == ("a blue alien", 1.25)
    assert driver.game.moment.branches == 3, "the first, the one played on, and the place itself, once"


def test_a_slot_that_cannot_be_replaced_keeps_what_was_in_it(
    drive: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = played(drive)
    driver.tap(pygame.K_F5)
    said(driver, "Saved")
    slot = driver.game.saves.path(1)
    before = {path.name: path.read_bytes() for path in slot.iterdir()}
    replace = Path.replace

    def refuses(path: Path, target: Path) -> Path:
        if path.suffix == slot.suffix and target == slot:
            raise PermissionError(13, "in use")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuses)
    driver.game.notice = None
    driver.tap(pygame.K_F5)
    said(driver, "Cannot save")
    assert {path.name: path.read_bytes() for path in slot.iterdir()} == before
    assert [path.name for path in slot.parent.iterdir()] == [slot.name]


def test_going_on_from_a_slot_leaves_it_as_it_is(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "bundle")
    slot = slots_folder("tiny") / "slot-1.genie-session"
    assert main([str(bundle), "--headless", "--frames", "3", "--record", str(slot)]) == 0
    recorder = resume_plan(Options(world=str(bundle), resume=slot)).recorder
    assert recorder is not None
    assert recorder._folder != slot and not recorder._reopen
    beside = tmp_path / "a.genie-session"
    assert main([str(bundle), "--headless", "--frames", "3", "--record", str(beside)]) == 0
    recorder = resume_plan(Options(world=str(bundle), resume=beside)).recorder
    assert recorder is not None and recorder._reopen
