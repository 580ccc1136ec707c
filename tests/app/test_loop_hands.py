"""The real loop, with hands on a gamepad, a mouse and keys of the player's own choosing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app.folders import config_folder
from genie.app.help_card import HelpCard
from genie.app.screens.keys_page import KeysPage
from genie.app.screens.menu import Menu
from genie.app.screens.painter import Painter
from genie.app.settings import FILE
from genie.clips.png import png_bytes
from tests.app.conftest import Driver

Make = Callable[..., Driver]
BUTTONS = {
    "a": 0,
    "b": 1,
    "x": 2,
    "y": 3,
    "back": 4,
    "start": 6,
    "left shoulder": 9,
    "up": 11,
    "left": 13,
    "right": 14,
}


def pad(driver: Driver, button: str, *, down: bool) -> None:
    kind = pygame.CONTROLLERBUTTONDOWN if down else pygame.CONTROLLERBUTTONUP
    pygame.event.post(pygame.event.Event(kind, instance_id=3, button=BUTTONS[button]))


def push(driver: Driver, button: str) -> None:
    pad(driver, button, down=True)
    pad(driver, button, down=False)


def stick(axis: int, value: int) -> None:
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERAXISMOTION, instance_id=3, axis=axis, value=value))


def mouse(driver: Driver, kind: int, where: tuple[int, int], button: int = 1) -> None:
    pygame.event.post(pygame.event.Event(kind, pos=where, button=button, rel=(0, 0), buttons=(0, 0, 0)))


def click(driver: Driver, where: tuple[int, int], button: int = 1) -> None:
    mouse(driver, pygame.MOUSEBUTTONDOWN, where, button)
    mouse(driver, pygame.MOUSEBUTTONUP, where, button)
    driver.settle()


def test_a_gamepad_plays_keys_together(drive: Make) -> None:
    driver = drive().play()
    pad(driver, "right", down=True)
    pad(driver, "a", down=True)
    driver.settle()
    before = driver.game.index
    driver.frames(3)
    assert set(driver.actions[before + 1 :]) == {"right+up"}
    pad(driver, "right", down=False)
    pad(driver, "a", down=False)
    stick(0, -30_000)
    driver.settle()
    before = driver.game.index
    driver.frames(3)
    assert set(driver.actions[before + 1 :]) == {"left"}
    stick(0, -13_000)  # on its way back, but not yet let go
    driver.settle()
    before = driver.game.index
    driver.frames(2)
    assert set(driver.actions[before + 1 :]) == {"left"}
    stick(0, -9_000)
    driver.settle()
    before = driver.game.index
    driver.frames(2)
    assert set(driver.actions[before + 1 :]) == {"noop"}


def test_a_gamepad_pulled_out_lets_go_and_pauses(drive: Make) -> None:
    driver = drive().play()
    pad(driver, "right", down=True)
    driver.frames(3)
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERDEVICEREMOVED, instance_id=3))
    driver.settle()
    assert not driver.loop.held.names
    assert "gamepad" in driver.game.notice.text
    still = driver.game.index
    driver.settle()
    assert driver.game.index == still
    driver.tap(pygame.K_p)
    driver.frames(2)
    assert driver.actions[-1] == "noop"


def test_nonsense_from_a_gamepad_is_ignored(drive: Make) -> None:
    driver = drive().play()
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERDEVICEADDED, device_index=9))
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERBUTTONDOWN, instance_id=9, button=99))
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERAXISMOTION, instance_id=9, axis=17, value=9))
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERDEVICEREMOVED, instance_id=77))
    driver.settle()
    assert not driver.loop.held.names


def test_the_menu_does_what_it_says_by_gamepad_and_leads_to_other_worlds(drive: Make) -> None:
    driver = drive().play()
    push(driver, "start")
    driver.until(lambda: isinstance(driver.loop.modal, Menu))
    driver.settle()
    still = driver.game.index
    driver.settle()
    assert driver.game.index == still, "the world waits"
    push(driver, "b")
    driver.until(lambda: driver.loop.modal is None)
    driver.tap(pygame.K_ESCAPE)
    driver.until(lambda: isinstance(driver.loop.modal, Menu))
    driver.settle()
    menu = driver.loop.modal
    labels = [entry.label for entry in menu._entries]
    click(driver, menu._focus.targets[str(labels.index("Other worlds"))].center)
    driver.loop.run()
    assert driver.loop.boxes.to_worlds


def test_painting_puts_the_painted_frame_next(drive: Make) -> None:
    driver = drive().play()
    driver.frames(3)
    driver.tap(pygame.K_b)
    driver.until(lambda: isinstance(driver.loop.modal, Painter))
    driver.settle()
    painter = driver.loop.modal
    before, index = driver.game.frame, driver.game.index
    picture = painter._area
    painter.choose(0)
    mouse(driver, pygame.MOUSEBUTTONDOWN, picture.center)
    mouse(driver, pygame.MOUSEMOTION, (picture.right - 4, picture.centery))
    mouse(driver, pygame.MOUSEBUTTONUP, (picture.right - 4, picture.centery))
    driver.settle()
    painted = painter.drawing.frame
    assert (painted[32, 34:62] == painter.palette[0]).all()
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.session.given)
    np.testing.assert_array_equal(driver.session.given[index + 1], painted)
    driver.frames(2)
    assert (driver.game.frame[32, 60] == painter.palette[0]).all(), "the world goes on from it"
    assert (before != painted).any()


def test_leaving_the_painter_changes_nothing(drive: Make) -> None:
    driver = drive().play()
    driver.tap(pygame.K_b)
    driver.until(lambda: isinstance(driver.loop.modal, Painter))
    push(driver, "a")
    driver.settle()
    assert driver.loop.modal.drawing.touched
    push(driver, "b")
    driver.until(lambda: driver.loop.modal is None)
    driver.frames(2)
    assert not driver.session.given


def test_an_image_dropped_in_play_is_gone_on_from(drive: Make, tmp_path: Path) -> None:
    (tmp_path / "red.png").write_bytes(png_bytes(np.full((80, 80, 3), (200, 0, 0), np.uint8)))
    (tmp_path / "song.mp3").write_bytes(b"la la la")
    driver = drive().play()
    driver.frames(2)
    pygame.event.post(pygame.event.Event(pygame.DROPFILE, file=str(tmp_path / "song.mp3")))
    driver.settle()
    assert "not an image" in driver.game.notice.text
    assert not driver.session.given
    pygame.event.post(pygame.event.Event(pygame.DROPFILE, file=str(tmp_path / "red.png")))
    driver.until(lambda: driver.session.given)
    driver.frames(2)
    assert tuple(driver.game.frame[0, 0]) == (200, 0, 0)


def test_keys_are_chosen_remembered_and_used_at_once(drive: Make) -> None:
    driver = drive().play()
    driver.tap(pygame.K_k)
    driver.until(lambda: isinstance(driver.loop.modal, KeysPage))
    assert driver.loop.modal._rows[0] == "left"
    driver.tap(pygame.K_RETURN)
    driver.tap(pygame.K_p)  # which was: pause
    driver.settle()
    driver.tap(pygame.K_ESCAPE)
    driver.until(lambda: driver.loop.modal is None)
    driver.press(pygame.K_p)
    driver.settle()
    before = driver.game.index
    driver.frames(3)
    assert set(driver.actions[before + 1 :]) == {"left"}
    driver.release(pygame.K_p)
    said = json.loads((config_folder() / FILE).read_text(encoding="utf-8"))
    assert said["keys"]["fake"]["left"][0] == "p"
    assert "p" not in said["commands"]["pause"]
    again = drive().play()
    assert again.loop.keys.inputs["left"][0] == "p"


def test_keys_written_in_the_menu_work_in_it(drive: Make) -> None:
    driver = drive().play()
    for key, came in ((pygame.K_k, KeysPage), (pygame.K_b, Painter)):
        driver.tap(pygame.K_ESCAPE)
        driver.until(lambda: isinstance(driver.loop.modal, Menu))
        driver.tap(key)
        driver.until(lambda came=came: isinstance(driver.loop.modal, came))
        driver.tap(pygame.K_ESCAPE)
        driver.until(lambda: driver.loop.modal is None)
    driver.tap(pygame.K_ESCAPE)
    driver.tap(pygame.K_q)
    driver.until(lambda: driver.game.over)


def test_a_world_that_was_met_begins_without_its_card(drive: Make) -> None:
    first = drive()
    first.until(lambda: not first.game.loading)
    assert isinstance(first.loop.modal, HelpCard)
    first.tap(pygame.K_RETURN)
    first.until(lambda: first.loop.modal is None)
    again = drive()
    assert again.loop.modal is None
    again.frames(3)
    again.tap(pygame.K_F2)
    again.until(lambda: isinstance(again.loop.modal, HelpCard))


def test_what_closes_the_card_on_a_gamepad_is_let_go_of_again(drive: Make) -> None:
    driver = drive()
    driver.until(lambda: not driver.game.loading)
    pad(driver, "left", down=True)
    driver.until(lambda: driver.loop.modal is None)
    driver.frames(2)
    assert driver.actions[-1] == "left"
    pad(driver, "left", down=False)
    driver.settle()
    assert not driver.loop.held.names


def test_a_button_that_closes_the_card_does_what_it_does_in_play(drive: Make) -> None:
    driver = drive()
    driver.until(lambda: not driver.game.loading)
    push(driver, "left shoulder")  # which means Page up in boxes
    driver.until(lambda: driver.loop.modal is None)
    driver.settle()
    assert driver.game.moment.strength == driver.world.manifest.strength


def test_a_card_that_was_not_read_comes_again(drive: Make) -> None:
    first = drive()
    first.close_window()
    first.until(lambda: first.game.over)
    assert isinstance(drive().loop.modal, HelpCard)


def test_a_gamepad_button_can_be_chosen_and_delete_puts_the_usual_back(drive: Make) -> None:
    driver = drive().play()
    driver.tap(pygame.K_k)
    driver.until(lambda: isinstance(driver.loop.modal, KeysPage))
    page = driver.loop.modal
    driver.tap(pygame.K_RETURN)
    push(driver, "y")
    driver.settle()
    assert "pad y" in page.keys.inputs["left"]
    driver.tap(pygame.K_DELETE)
    driver.settle()
    assert page.keys.inputs["left"] == ("left", "a", "pad left")
    driver.tap(pygame.K_RETURN)
    driver.tap(pygame.K_ESCAPE)
    driver.settle()
    assert not page.closed
    assert not page.listening, "Esc only gives up the choosing"


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2]", '{"version": 9}', '{"version": 1, "keys": {"fake": {"left": [3]}}}', "\0"]
)
def test_a_config_file_with_nonsense_is_told_of_and_put_aside(drive: Make, tmp_path: Path, text: str) -> None:
    drive()  # finds out where the file belongs
    from genie.app.settings import FILE, SettingsFile, config_folder

    config_folder().mkdir(parents=True)
    (config_folder() / FILE).write_text(text, encoding="utf-8")
    driver = drive()
    assert "makes no sense" in driver.game.notice.text
    driver.play().frames(2)
    assert (config_folder() / f"{FILE}.broken").read_text(encoding="utf-8") == text
    assert SettingsFile().note == ""
