"""Everything with a gamepad and nothing else: from the gallery into play, and all there is in play."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app.export_box import ExportBox
from genie.app.hints import Hint, hint_line
from genie.app.inputs import BUTTONS
from genie.app.keymap import Command, KeyMap
from genie.app.modal import Modal
from genie.app.prompt_box import PromptBox
from genie.app.screens.branch_map import BranchMap
from genie.app.screens.menu import Menu
from genie.app.screens.painter import Painter, Tool
from genie.app.screens.slot_page import SlotPage
from genie.app.screens.start_page import Source, StartPage
from tests.app.conftest import Driver
from tests.app.visitor import Visit

Make = Callable[..., Driver]
TRIGGER = {"left trigger": 4, "right trigger": 5}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def turn(name: str, *, down: bool) -> None:
    if name in TRIGGER:
        axis, value = TRIGGER[name], 30_000 if down else 0
        event = pygame.event.Event(pygame.CONTROLLERAXISMOTION, instance_id=3, axis=axis, value=value)
    else:
        kind = pygame.CONTROLLERBUTTONDOWN if down else pygame.CONTROLLERBUTTONUP
        event = pygame.event.Event(kind, instance_id=3, button=BUTTONS.index(name))
    pygame.event.post(event)


def push(driver: Driver, *names: str) -> None:
    for name in names:
        turn(name, down=True)
        driver.settle()
        turn(name, down=False)
        driver.settle()


def choose(driver: Driver, label: str, kind: type[Modal]) -> Modal:
    """Open the menu, walk to an entry and take it."""
    push(driver, "start")
    menu = driver.loop.modal
    assert isinstance(menu, Menu)
    labels = [entry.label for entry in menu._entries]
    place = labels.index(label)
    half = (len(labels) + 1) // 2
    push(driver, *["right"] * (place // half), *["down"] * (place % half))
    assert menu._focus.name == str(place)
    push(driver, "a")
    driver.until(lambda: isinstance(driver.loop.modal, kind))
    driver.settle()
    assert driver.loop.modal is not None
    return driver.loop.modal


def test_from_the_gallery_by_way_of_a_sketch_into_play(visit: Visit) -> None:
    visitor = visit()

    def press(*names: str) -> None:
        for name in names:
            visitor.button(BUTTONS.index(name))

    press("y")
    page = visitor.top
    assert isinstance(page, StartPage)
    visitor.until(lambda: page.thumbnails)
    visitor.settle()
    press("down", "a")
    assert page.field.text == page.suggestions[0][0]
    for _ in range(6):
        if page.focus.name == "sketch":
            break
        press("y")
    press("a")
    painter = visitor.top
    assert isinstance(painter, Painter)
    colour, size = painter.colour, painter.size
    press("right shoulder")
    assert painter.colour == (colour + 1) % len(painter.palette)
    for trigger in ("right trigger", "right trigger", "left trigger"):
        for down in (True, False):
            turn(trigger, down=down)
            visitor.settle()
    assert painter.size == size + 1
    while painter.palette[painter.colour] == painter.drawing.colour_at(painter.pointer):
        press("right shoulder")
    before = painter.drawing.frame
    press("a")
    assert (painter.drawing.frame != before).any()
    press("x")
    np.testing.assert_array_equal(painter.drawing.frame, before)
    press("y")
    assert painter.tool is Tool.FILL
    press("a")
    filled = painter.drawing.frame
    press("start")
    assert visitor.top is page
    assert page.source is Source.SKETCH
    for _ in range(6):
        if page.focus.name == "play":
            break
        press("y")
    press("a")
    np.testing.assert_array_equal(visitor.plan().start.image, filled)


def test_all_that_can_be_done_in_play(drive: Make, tmp_path: Path) -> None:
    driver = drive()
    driver.until(lambda: not driver.game.loading)
    push(driver, "a")
    driver.frames(4)

    box = choose(driver, "New prompt", PromptBox)
    push(driver, "down")
    picked = box.field.text
    assert picked != "a red alien on grass"
    push(driver, "a")
    driver.until(lambda: driver.game.moment.prompt == picked)

    push(driver, "back")
    assert driver.game.time.paused
    before = driver.game.index
    push(driver, "right shoulder")
    driver.until(lambda: driver.game.index == before + 1)
    push(driver, "left trigger")
    driver.until(lambda: driver.game.notice is not None and "Saved" in driver.game.notice.text)
    turn("left shoulder", down=True)
    driver.until(lambda: driver.game.index <= before - 2)
    turn("left shoulder", down=False)
    driver.settle()
    there = driver.game.index
    turn("right trigger", down=True)
    driver.until(lambda: driver.game.index > there)
    turn("right trigger", down=False)
    driver.settle()

    slots = choose(driver, "Saved places", SlotPage)
    push(driver, "right", "y")
    driver.until(lambda: driver.game.saves.cards()[1] is not None)
    driver.until(lambda: driver.loop.modal is not slots)

    push(driver, "right shoulder")  # a branch of its own
    chart = choose(driver, "Branches", BranchMap)
    push(driver, "y", "up" if chart.row else "down", "right shoulder")
    driver.until(lambda: isinstance(driver.loop.modal, ExportBox))
    push(driver, "down", "right", "right", "a")
    driver.until(lambda: driver.game.exports.written)
    assert driver.game.exports.written[0].suffix == ".gif"

    painter = choose(driver, "Paint into the world", Painter)
    push(driver, "a", "start")
    driver.until(lambda: driver.session.given)
    assert painter.closed


def test_what_to_press_is_said_for_the_hands_at_it(drive: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    hints = (Hint("Enter", "load", "A"), Hint("digits", "choose"), Hint("", "leave", "B"))
    assert hint_line(hints, by_pad=False) == "Enter load · digits choose"
    assert hint_line(hints, by_pad=True) == "A load · B leave"
    driver = drive().play()
    shown: list[str] = []
    canvas = driver.loop._canvas
    text = canvas.text
    monkeypatch.setattr(
        canvas, "text", lambda said, *rest, **more: (shown.append(said), text(said, *rest, **more))[1]
    )
    push(driver, "start")
    assert {"Start", "Y", "X"} <= set(shown)
    assert "Esc" not in shown
    shown.clear()
    driver.tap(pygame.K_DOWN)
    driver.settle()
    assert {"Esc", "F6"} <= set(shown)
    assert "Start" not in shown
    push(driver, "b")
    driver.frames(2)
    assert "Start menu" in shown


def test_a_world_that_needs_a_button_keeps_it(drive: Make) -> None:
    keys = KeyMap(drive().game.plan.manifest.actions, keys={"up": ("pad y",)})
    assert keys.label(Command.PROMPT, by_pad=True) == ""
    assert keys.label(Command.MENU, by_pad=True) == "Start"
    assert keys.label(Command.MENU) == "Esc"
