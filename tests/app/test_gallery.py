"""Choosing what to play: the gallery on a stage, driven by posted events."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pygame
import pytest

from genie.app.options import Options
from genie.app.screens.gallery import Choice, Gallery
from genie.app.screens.keys_page import KeysPage
from genie.app.screens.painter import Painter
from genie.core.errors import ClipError
from tests.app.visitor import CATALOG, Visit, Visitor, write_world


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


def test_the_wheel_shows_large_what_it_leads_to(visit: Visit) -> None:
    visitor = visit()
    visitor.gallery.focus.name = "world 0"
    visitor.stage.handle(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=-1))
    assert visitor.gallery.focus.name == "world 1"
    assert visitor.gallery.offer is not None
    assert visitor.gallery.offer.id == "berta"


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


def test_a_session_goes_on_with_its_own_strength_whatever_was_given(
    visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, told = visit(strength=3.0).home, []
    monkeypatch.setattr("genie.app.home.make_plan", lambda options, _: told.append(options))
    monkeypatch.setattr(home, "keep", lambda plan: plan)
    home._plan(Choice(world="anna", session=tmp_path / "one.genie-session"))
    assert told[0].strength is None and told[0].resume == tmp_path / "one.genie-session"


@pytest.mark.parametrize(
    "first",
    [
        {"world": "anna", "prompt": "a red sprite", "seed": 7},
        {"world": "anna", "image": Path("a.png"), "keys": "right:3", "frames": 9},
        {"replay": Path("other.genie-session")},
        {"resume": Path("other.genie-session")},
    ],
)
def test_what_was_asked_of_the_first_world_is_not_asked_of_the_next(
    visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: dict[str, Any]
) -> None:
    record = {} if "resume" in first else {"record": tmp_path}
    home, told = visit(scale=3, **record, **first).home, []
    monkeypatch.setattr("genie.app.home.make_plan", lambda options, _: told.append(options))
    monkeypatch.setattr(home, "keep", lambda plan: plan)
    home._plan(Choice(world="berta"))
    home._plan(Choice(world="berta", session=tmp_path / "one.genie-session"))
    plain = Options(device="cpu", scale=3)
    assert told[0] == replace(plain, world="berta", record=record.get("record"))
    assert told[1] == replace(plain, resume=tmp_path / "one.genie-session")


def test_one_session_of_a_name_is_recorded_and_the_next_beside_it(visit: Visit, tmp_path: Path) -> None:
    named = tmp_path / "one.genie-session"
    home = visit(record=named).home
    folders = []
    for world in ("anna", "berta", "anna"):
        recorder = home._plan(Choice(world=world)).recorder
        assert recorder is not None
        folders.append(recorder._folder)
        if len(folders) == 2:  # the first world could not be loaded, this one is played
            named.mkdir()
    assert folders == [named, named, tmp_path]
    with pytest.raises(ClipError, match="already there"):
        visit(record=named).home._plan(Choice(world="anna"))


def test_only_the_first_that_is_played_is_exported(
    visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, told = visit(export=tmp_path / "clip.mp4"), []
    home = visitor.home
    monkeypatch.setattr("genie.app.home.make_plan", lambda options, _: told.append(options.export))
    monkeypatch.setattr(home, "keep", lambda plan: plan)
    monkeypatch.setattr(home._stage, "run", lambda page: home._take(Choice(world="berta")))
    home.choose()
    home.choose("that world could not be loaded")
    home.choose()
    assert told == [tmp_path / "clip.mp4", tmp_path / "clip.mp4", None]
    assert visit(world="anna", export=tmp_path / "clip.mp4").home._options.export is None
