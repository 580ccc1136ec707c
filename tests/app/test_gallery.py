"""Choosing what to play: the gallery and the start page on a stage, driven by posted events."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest

from genie.app.home import Home
from genie.app.inputs import Gamepads
from genie.app.loop import WAKE
from genie.app.options import Options
from genie.app.plan import Plan
from genie.app.screens.gallery import Gallery
from genie.app.screens.keys_page import KeysPage
from genie.app.screens.painter import Painter
from genie.app.screens.start_page import Source, StartPage
from genie.app.settings import SettingsFile
from genie.clips.png import png_bytes
from tests.support.tiny_bundle import NAMES, write_tiny_bundle

CATALOG = sys.modules["genie.worlds.catalog"]  # the name in the package is the function's
WORLD = """\
title = "{title}"
description = "{title} is a world of one sprite."
fps = 15
idle = "noop"
prompt = "a red sprite"
[frame]
height = 16
width = 16
"""


def write_world(folder: Path, title: str, *, bundle: bool = True, text: str = "") -> None:
    folder.mkdir(parents=True)
    keys = [(name, [] if name == "noop" else name.split("+")) for name in NAMES]
    actions = "".join(f'[[actions]]\nname = "{name}"\nkeys = {held}\n' for name, held in keys)
    (folder / "world.toml").write_text(text or WORLD.format(title=title) + actions, encoding="utf-8")
    if bundle:
        write_tiny_bundle(folder / "bundle")


class Visitor:
    """A player in front of the gallery."""

    def __init__(self) -> None:
        self.settings = SettingsFile()
        self.home = Home(Options(device="cpu"), (), self.settings, Gamepads())
        self.stage = self.home._stage
        self.gallery: Gallery = self.home._gallery()
        self.stage.open(self.gallery)

    @property
    def top(self) -> Any:
        return self.stage._stack[-1] if self.stage._stack else None

    def until(self, done: Callable[[], object]) -> None:
        end = time.monotonic() + 30
        while not done():
            pygame.time.wait(5)
            pygame.event.post(pygame.event.Event(WAKE))
            assert time.monotonic() < end, "it never came to that"
            self.stage.tick()

    def settle(self) -> None:
        for _ in range(4):
            pygame.time.wait(6)
            if self.stage._stack:
                pygame.event.post(pygame.event.Event(WAKE))  # so that no tick waits for something to happen
                self.stage.tick()

    def key(self, *keys: int) -> Visitor:
        for key in keys:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0, unicode=""))
            pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key, mod=0))
        self.settle()
        return self

    def button(self, number: int) -> None:
        for kind in (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, instance_id=1, button=number))
        self.settle()

    def click(self, name: str) -> None:
        where = self.top.focus.targets[name].center
        pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=where, rel=(1, 1), buttons=(0, 0, 0)))
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=where, button=1))
        self.settle()

    def type(self, text: str) -> None:
        pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=text))
        self.settle()

    def ask(self) -> StartPage:
        """Open the start page of the world shown, and wait for what it shows."""
        self.key(pygame.K_TAB)
        page = self.top
        assert isinstance(page, StartPage)
        self.until(lambda: page.thumbnails)
        self.settle()
        return page

    def plan(self) -> Plan:
        """Return what was chosen, as it will be played."""
        assert self.top is None, "nothing was chosen"
        choice = self.home._choice
        assert choice is not None
        return self.home._plan(choice)


@pytest.fixture
def worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "worlds"
    monkeypatch.setattr(CATALOG, "SHIPPED", folder)
    write_world(folder / "anna", "Anna")
    write_world(folder / "berta", "Berta")
    return folder


@pytest.fixture
def visit(display: pygame.Surface, worlds: Path) -> Iterator[Callable[[], Visitor]]:
    visitors: list[Visitor] = []

    def make() -> Visitor:
        visitors.append(Visitor())
        visitors[-1].settle()
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.home.close()


Visit = Callable[[], Visitor]


def test_one_key_plays_the_first_world(visit: Visit) -> None:
    plan = visit().key(pygame.K_RETURN).plan()
    assert plan.manifest.world == "tiny"
    assert plan.start.prompt == "a red sprite"
    assert plan.load().start(seed=1).frame.shape == (16, 16, 3)


def test_the_world_played_last_is_shown_first_next_time(visit: Visit) -> None:
    visitor = visit()
    visitor.click("world 1")
    assert visitor.plan().start.prompt == "a red sprite"
    assert visitor.settings.settings.world == "berta"
    again = visit()
    assert again.gallery.offer is not None
    assert again.gallery.offer.id == "berta"


def test_arrows_and_gamepad_lead_everywhere(visit: Visit) -> None:
    visitor = visit()
    names = set(visitor.gallery.focus.targets)
    assert names == {"play", "start", "keys", "world 0", "world 1"}
    seen = {visitor.gallery.focus.name}
    for number in (12, 14, 12, 13, 14, 11, 13):  # down, right, down, left, right, up, left
        visitor.button(number)
        seen.add(visitor.gallery.focus.name)
    assert seen == names
    visitor.button(1)
    assert visitor.top is None, "B leaves"


def test_previews_move_by_themselves(visit: Visit) -> None:
    visitor = visit()
    visitor.until(lambda: len(visitor.home._backroom.previews) == 2)
    seen = set()
    end = time.monotonic() + 10
    while len(seen) < 2 and time.monotonic() < end:
        visitor.stage.tick()
        rect = visitor.gallery._layout.previews[0][1]
        seen.add(tuple(pygame.display.get_surface().get_at(rect.center)))
    assert len(seen) >= 2, "no preview.gif: the start frames, one a second"


def test_a_world_that_cannot_be_played_says_why(visit: Visit, worlds: Path) -> None:
    write_world(worlds / "aaa", "", text="nonsense")
    write_world(worlds / "aab", "New", bundle=False)
    visitor = visit()
    offers = visitor.gallery.offers
    assert [offer.id for offer in offers] == ["anna", "berta", "aaa", "aab"]
    visitor.click("world 3")
    assert "python -m training make aab" in visitor.gallery._notice
    visitor.click("world 2")
    assert "world.toml" in visitor.gallery._notice
    assert visitor.top is visitor.gallery, "the gallery stays"


def test_a_damaged_bundle_brings_back_the_gallery(visit: Visit, worlds: Path) -> None:
    (worlds / "anna" / "bundle" / "decode.onnx").write_bytes(b"broken")
    visitor = visit()
    visitor.key(pygame.K_ESCAPE)
    said: list[str] = []
    original = Gallery.say

    def say(gallery: Gallery, text: str) -> None:
        original(gallery, text)
        said.append(text)
        pygame.event.post(pygame.event.Event(pygame.QUIT))

    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN, mod=0, unicode=""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gallery, "say", say)
        assert visitor.home.choose() is None
    assert len(said) == 1
    assert "decode.onnx" in said[0]


def test_no_worlds_at_all(display: pygame.Surface, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CATALOG, "SHIPPED", tmp_path / "nowhere")
    visitor = Visitor()
    visitor.settle()
    visitor.key(pygame.K_RETURN, pygame.K_TAB, pygame.K_k, pygame.K_DOWN)
    assert visitor.top is visitor.gallery
    visitor.key(pygame.K_ESCAPE)
    assert visitor.top is None
    visitor.home.close()


def test_a_prompt_is_typed_and_remembered(visit: Visit) -> None:
    visitor = visit()
    page = visitor.ask()
    visitor.type("a sprite on 雪")
    assert page.reading.unknown == ("雪",)
    visitor.key(pygame.K_RETURN)
    assert visitor.plan().start.prompt == "a sprite on 雪"
    assert SettingsFile().settings.prompts["anna"] == ("a sprite on 雪",)
    page = visit().ask()
    assert page.suggestions[0] == ("a sprite on 雪", True)
    assert page.suggestions[1] == ("a red sprite", False)


def test_an_example_is_picked_without_typing(visit: Visit) -> None:
    visitor = visit()
    page = visitor.ask()
    visitor.key(pygame.K_DOWN, pygame.K_DOWN)
    assert page.focus.name == "text 1"
    wanted = page.suggestions[1][0]
    visitor.button(0)
    visitor.button(0)
    assert visitor.plan().start.prompt == wanted


def test_the_frame_shown_is_the_one_that_play_starts_from(visit: Visit) -> None:
    visitor = visit()
    page = visitor.ask()
    visitor.type("the red sprite on sand by night")
    shown = page.frame
    plan = visitor.key(pygame.K_RETURN).plan()
    session = plan.load().start(prompt=plan.start.prompt, image=plan.start.image, seed=plan.start.seed)
    np.testing.assert_array_equal(session.frame[..., :2], shown[..., :2])


def test_starting_from_one_of_the_worlds_frames(visit: Visit) -> None:
    visitor = visit()
    page = visitor.ask()
    visitor.click("frame 2")
    assert page.source is Source.FRAME
    visitor.click("play")
    np.testing.assert_array_equal(visitor.plan().start.image, page.details.start_frames[2])


def test_starting_from_a_dropped_image(visit: Visit, tmp_path: Path) -> None:
    picture = np.full((40, 60, 3), (250, 10, 20), np.uint8)
    (tmp_path / "picture.png").write_bytes(png_bytes(picture))
    visitor = visit()
    pygame.event.post(pygame.event.Event(pygame.DROPFILE, file=str(tmp_path / "picture.png")))
    visitor.settle()
    page = visitor.top
    assert isinstance(page, StartPage)
    assert page.source is Source.PICTURE
    visitor.key(pygame.K_RETURN)
    image = visitor.plan().start.image
    assert image.shape == (16, 16, 3)
    assert (image == (250, 10, 20)).all()


def test_a_dropped_file_that_is_no_image_changes_nothing(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"la la la")
    visitor = visit()
    page = visitor.ask()
    for file in ("song.mp3", "nowhere.png"):
        pygame.event.post(pygame.event.Event(pygame.DROPFILE, file=str(tmp_path / file)))
        visitor.settle()
        assert file in page.said
        assert page.image is None


def test_starting_from_a_sketch(visit: Visit) -> None:
    visitor = visit()
    page = visitor.ask()
    visitor.click("sketch")
    painter = visitor.top
    assert isinstance(painter, Painter)
    visitor.key(pygame.K_c, pygame.K_SPACE)
    visitor.key(pygame.K_RETURN)
    assert visitor.top is page
    assert page.source is Source.SKETCH
    sketched = painter.drawing.frame
    assert (sketched == np.array(painter.palette[painter.colour])).all()
    visitor.click("play")
    np.testing.assert_array_equal(visitor.plan().start.image, sketched)


def test_keys_can_be_chosen_before_playing(visit: Visit) -> None:
    visitor = visit()
    visitor.key(pygame.K_k)
    assert isinstance(visitor.top, KeysPage)
    visitor.key(pygame.K_RETURN, pygame.K_j, pygame.K_ESCAPE)
    assert visitor.top is visitor.gallery
    assert visitor.settings.settings.keys["anna"]["left"][0] == "j"


@pytest.mark.parametrize("size", [(640, 480), (1280, 800), (2560, 1600), (200, 150), (1, 1), (3000, 40)])
def test_every_screen_can_be_drawn_at_any_size(visit: Visit, size: tuple[int, int]) -> None:
    pygame.display.set_mode(size, pygame.RESIZABLE)
    visitor = visit()
    visitor.settle()
    page = visitor.ask()
    page.said = "Something that went wrong. " * 10
    visitor.type("x" * 1500)
    assert len(page.field.text) == 1000
    page._act("sketch")
    visitor.settle()
    assert isinstance(visitor.top, Painter)
    visitor.key(pygame.K_ESCAPE, pygame.K_ESCAPE)
    assert visitor.top is visitor.gallery
    visitor.key(pygame.K_k)
    for _ in range(30):
        visitor.key(pygame.K_DOWN)
    assert isinstance(visitor.top, KeysPage)


def test_closing_the_window_leaves(visit: Visit) -> None:
    visitor = visit()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert visitor.home.choose() is None
