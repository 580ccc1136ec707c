"""What to press is said as the player has chosen it, wherever it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pygame
import pytest

from genie.app.help_card import HelpCard
from genie.app.keymap import Command, KeyMap
from genie.app.moment import Moment
from genie.app.presses import Presses
from genie.app.screens.keys_page import KeysPage
from genie.app.settings import SettingsFile
from tests.app.conftest import Driver
from tests.app.fake_world import fake_manifest

Make = Callable[..., Driver]
CHOSEN = {
    Command.PAUSE: ("f7", "pad guide"),
    Command.HELP: ("f8",),
    Command.EXPORT: ("x",),
    Command.PROMPT: ("/",),
}


@pytest.fixture
def chosen(display: pygame.Surface) -> None:
    """Keys of the player's own choosing, in the settings file."""
    file = SettingsFile()
    commands = {command.value: inputs for command, inputs in CHOSEN.items()}
    moves = {"left": ("j", "left", "pad left"), "up": ("space", "pad b")}
    file.change(replace(file.settings, commands=commands, keys={"fake": moves}))


def told(driver: Driver, words: str) -> bool:
    return driver.game.notice is not None and words in driver.game.notice.text


@pytest.mark.usefixtures("chosen")
def test_in_play(drive: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = drive().play()
    shown = driver.drawn(monkeypatch)
    driver.frames(2)
    assert "F8 help" in shown and "F2 help" not in shown
    driver.tap(pygame.K_RIGHTBRACKET)
    driver.until(lambda: told(driver, "X exports it."))
    driver.tap(pygame.K_F5)
    driver.until(lambda: told(driver, "Saved"))
    driver.tap(pygame.K_F9)
    driver.until(lambda: told(driver, "Slot 1."))
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERDEVICEREMOVED, instance_id=3))
    driver.until(lambda: told(driver, "The gamepad is gone: paused. F7 plays on."))
    moment = driver.game.moment
    assert isinstance(moment, Moment)
    driver.game.moment = replace(moment, prompt="", index=moment.index)
    driver.loop.draw()
    assert "no prompt: / describes the world" in shown


@pytest.mark.usefixtures("chosen")
def test_on_the_card_and_on_the_caps(drive: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = drive()
    driver.until(lambda: not driver.game.loading)
    assert isinstance(driver.loop.modal, HelpCard)
    shown = driver.drawn(monkeypatch, "key")
    driver.loop.draw()
    assert {"F7", "F8", "X", "/", "J", "right", "Space"} <= set(shown)
    assert not {"P", "F2", "E", "T", "left", "up", ""} & set(shown)
    driver.play()
    shown.clear()
    driver.loop.draw()
    assert shown == ["Space", "right", "J"], "the caps in the corner"
    driver.tap(pygame.K_k)
    driver.until(lambda: isinstance(driver.loop.modal, KeysPage))
    driver.tap(pygame.K_DELETE)  # the usual ones again, for "left"
    driver.tap(pygame.K_ESCAPE)
    driver.until(lambda: driver.loop.modal is None)
    shown.clear()
    driver.loop.draw()
    assert shown == ["Space", "right", "left"], "what is chosen holds at once"


def test_what_nothing_is_pressed_for_is_not_said() -> None:
    actions = fake_manifest().actions
    presses = Presses(KeyMap(actions, commands={"pause": ("pad guide",), "export": ()}))
    assert presses.sentence(Command.PAUSE, "plays on") == presses.hint(Command.EXPORT, "gives it up") == ""
    presses.by_pad = True
    assert presses.sentence(Command.PAUSE, "plays on") == " Guide plays on."


def test_what_moves_are_called() -> None:
    actions = fake_manifest().actions
    usual = KeyMap(actions)
    assert [usual.move_label(name) for name in usual.inputs] == ["left", "right", "up"]
    assert [usual.move_label(name, by_pad=True) for name in usual.inputs] == ["left", "right", "up"]
    assert usual.other_moves() == "WASD"
    own = KeyMap(actions, {"left": ("j", "k"), "right": ("l", "d"), "up": ("up", "i", "pad a")})
    assert [own.move_label(name) for name in own.inputs] == ["J", "L", "up"]
    assert [own.move_label(name, by_pad=True) for name in own.inputs] == ["", "", "A"]
    assert own.other_moves() == "K D I"
    assert KeyMap(actions, {"up": ("up",)}).other_moves() == "", "not for all of them"
