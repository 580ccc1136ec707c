"""Where a session starts from: the start page on a stage, driven by posted events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame

from genie.app.screens.painter import Painter
from genie.app.screens.start_page import Source, StartPage
from genie.app.settings import SettingsFile
from genie.clips.png import png_bytes
from tests.app.visitor import Visit
from tests.support.tiny_bundle import SAID, write_tiny_bundle


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


def test_where_prompts_are_not_expanded_the_frame_is_that_of_what_was_typed(
    visit: Visit, worlds: Path
) -> None:
    write_tiny_bundle(worlds / "anna" / "bundle", phrases=SAID)
    frames = []
    for expand in (True, False):
        visitor = visit(expand=expand)
        page = visitor.ask()
        page.seed = 3
        visitor.type("red gras")
        assert page.reading.is_expanded is expand
        frames.append(page.frame)
        plan = visitor.key(pygame.K_RETURN).plan()
        np.testing.assert_array_equal(plan.preview(), frames[-1])
    assert not np.array_equal(*frames)


def test_starting_from_one_of_the_worlds_frames(visit: Visit) -> None:
    visitor = visit()
    page = visitor.ask()
    visitor.click("frame 2")
    assert page.source is Source.FRAME
    visitor.click("play")
    start = visitor.plan().start
    np.testing.assert_array_equal(start.image, page.details.start_frames[2])
    assert start.prompt == page.details.captions[2], "the words say what the picture shows"


def test_words_that_were_typed_stay_whatever_is_started_from(visit: Visit) -> None:
    visitor = visit()
    page = visitor.ask()
    usual = page.field.text
    visitor.click("frame 1")
    visitor.click("words")
    assert page.field.text == usual
    page.field.set("the red sprite on sand")
    visitor.click("frame 2")
    assert page.field.text == "the red sprite on sand"


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
    start = visitor.plan().start
    assert start.prompt == "", "the world's own words would repaint it"
    image = start.image
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


def test_a_prompt_is_read_as_play_reads_it(visit: Visit, worlds: Path) -> None:
    write_tiny_bundle(worlds / "anna" / "bundle", phrases=SAID)
    visitor = visit()
    page = visitor.ask()
    assert page.reading.note == "", "the world's own prompt is told as it is"
    visitor.type("a blue one")
    told = page.reading.told
    assert told != "a blue one"
    plan = visitor.key(pygame.K_RETURN).plan()
    assert plan.load().start(prompt=plan.start.prompt, seed=plan.start.seed).prompt == told


def test_how_much_words_count_is_turned_before_play(visit: Visit) -> None:
    plain = visit()
    plain.ask()
    assert plain.key(pygame.K_RETURN).plan().start.strength is None
    visitor = visit()
    page = visitor.ask()
    own = page.details.manifest.strength
    visitor.key(pygame.K_PAGEUP)
    assert page.dial.strength > own
    for rect, way in page.dial._buttons:
        if way < 0:
            visitor.press(rect.center)
            visitor.press(rect.center)
    assert 0 < page.dial.strength < own
    wanted = page.dial.strength
    assert visitor.key(pygame.K_RETURN).plan().start.strength == wanted


def test_a_strength_given_on_the_command_line_is_where_the_dial_begins(visit: Visit) -> None:
    visitor = visit(strength=3.0)
    page = visitor.ask()
    assert page.dial.strength == 3.0
    assert visitor.key(pygame.K_RETURN).plan().start.strength == 3.0


def test_space_presses_what_has_the_focus_and_is_typed_only_into_the_prompt(visit: Visit) -> None:
    visitor = visit()
    page = visitor.ask()

    def space() -> None:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_SPACE, mod=0, unicode=" "))
        pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=" "))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=pygame.K_SPACE, mod=0))
        visitor.settle()

    wanted = page.suggestions[1][0]
    visitor.key(pygame.K_DOWN, pygame.K_DOWN)
    assert page.focus.name == "text 1"
    space()
    assert (page.field.text, page.focus.name) == (wanted, "play")
    visitor.type("!")
    space()
    assert page.field.text == f"{wanted}! "
    where = page.focus.targets["play"].center
    pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=where, rel=(1, 1), buttons=(0, 0, 0)))
    space()
    assert page.field.text == f"{wanted}!  ", "where the mouse lies does not matter to who types"
    visitor.key(pygame.K_TAB, pygame.K_TAB, pygame.K_TAB, pygame.K_TAB, pygame.K_TAB)
    space()
    assert visitor.plan().start.prompt == f"{wanted}!"
