"""Palettes, brushes and text in many scripts, without a window's loop."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from genie.app.canvas import Canvas
from genie.app.drawing import Drawing, filled_in
from genie.app.examples import examples_of
from genie.app.palette import palette_of
from genie.app.screens.focus import Focus
from genie.app.screens.painter import Painter
from genie.app.screens.session_tile import said_time
from genie.app.typeface import Typeface

RED, BLUE = (250, 10, 20), (10, 20, 240)


def scene() -> np.ndarray:
    frame = np.zeros((32, 32, 3), np.uint8)
    frame[:20] = (120, 180, 250)
    frame[20:] = (90, 60, 30)
    frame[16:20, 10:14] = RED
    return frame


def test_a_palette_has_what_is_large_and_what_is_small_but_bright() -> None:
    colours = palette_of(np.stack([scene()] * 4), most=6).astype(int)
    for wanted in ((120, 180, 250), (90, 60, 30), RED):
        assert np.abs(colours - wanted).sum(axis=1).min() < 6
    assert len(colours) == 3, "no colour that is not there"
    light = colours @ (0.299, 0.587, 0.114)
    assert (np.diff(light) > 0).all()


def test_a_stroke_is_a_line_without_gaps_and_undone_at_once() -> None:
    drawing = Drawing(scene())
    drawing.begin()
    drawing.paint((2, 3), 1, BLUE)
    drawing.paint((12, 3), 1, BLUE)
    drawing.end()
    assert (drawing.frame[3, 2:13] == BLUE).all()
    assert (drawing.frame[2] == scene()[2]).all()
    drawing.undo()
    np.testing.assert_array_equal(drawing.frame, scene())
    assert not drawing.touched


def key(kind: int, which: int) -> pygame.event.Event:
    return pygame.event.Event(kind, key=which, mod=0, unicode="")


@pytest.mark.parametrize("by_mouse", [False, True])
def test_undoing_amid_a_stroke_ends_and_takes_it_back(display: pygame.Surface, by_mouse: bool) -> None:
    painter = Painter("Paint", scene(), np.array([BLUE], np.uint8), lambda frame: None)
    painter.draw(Canvas(display))
    painter.handle(key(pygame.KEYDOWN, pygame.K_SPACE))
    painter.handle(key(pygame.KEYDOWN, pygame.K_RIGHT))
    assert painter.drawing.touched
    if by_mouse:
        spot = next(rect for rect, what in painter._toolbox._spots if what == "undo")
        painter.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=spot.center, button=1))
    else:
        painter.handle(key(pygame.KEYDOWN, pygame.K_z))
    painter.handle(key(pygame.KEYDOWN, pygame.K_RIGHT))
    painter.handle(key(pygame.KEYUP, pygame.K_SPACE))
    np.testing.assert_array_equal(painter.drawing.frame, scene())
    assert not painter.drawing.touched


def test_a_stroke_may_leave_the_picture() -> None:
    drawing = Drawing(scene())
    drawing.begin()
    drawing.paint((-40, -40), 5, BLUE)
    drawing.paint((99, 99), 5, BLUE)
    drawing.end()
    assert (drawing.frame[[0, 15, 31], [0, 15, 31]] == BLUE).all()
    drawing.begin()
    drawing.paint((-40, -40), 5, BLUE)
    drawing.end()
    drawing.undo()
    np.testing.assert_array_equal(drawing.frame, scene())
    assert not drawing.touched, "a stroke outside of the picture is none to undo"


def test_erasing_grows_over_what_was_there_from_its_surroundings() -> None:
    drawing = Drawing(scene())
    drawing.begin()
    drawing.paint((12, 17), 6, None)
    drawing.end()
    left = drawing.frame[:20].astype(int)
    assert np.abs(left - RED).sum(axis=2).min() > 100, "the red is gone"
    assert (drawing.frame[:14] == (120, 180, 250)).all()
    everything = filled_in(scene(), np.ones((32, 32), bool))
    assert len(np.unique(everything.reshape(-1, 3), axis=0)) == 1


def test_filling_stays_within_its_colour() -> None:
    drawing = Drawing(scene())
    drawing.fill((0, 0), BLUE)
    assert (drawing.frame[:16] == BLUE).all()
    np.testing.assert_array_equal(drawing.frame[20:], scene()[20:])
    np.testing.assert_array_equal(drawing.frame[16:20, 10:14], scene()[16:20, 10:14])
    drawing.fill((500, -3), RED)
    assert not (drawing.frame[0] == RED).all()


def test_examples_say_different_things_in_few_words() -> None:
    captions = ("a red alien on snow", "a red alien on grass", "dunes by night", "a red alien on snow " * 9)
    chosen = examples_of("a red alien on snow", captions)
    assert chosen[:2] == ("a red alien on snow", "dunes by night")
    assert examples_of("", ()) == ()


@pytest.mark.parametrize("size", [6, 12, 14, 18, 26, 40])
@pytest.mark.parametrize(
    "text",
    [
        "a pink alien",
        "ένας ροζ εξωγήινος",
        "розовый пришелец",
        "雪の上のピンクの宇宙人",
        "雪地上的粉色外星人",
    ],
)
def test_every_script_is_drawn_with_letters_of_its_own(display: pygame.Surface, size: int, text: str) -> None:
    face = Typeface(size)
    letters = [face.render(letter, (255, 255, 255)) for letter in dict.fromkeys(text) if letter != " "]
    shapes = {pygame.image.tobytes(letter, "RGBA") for letter in letters}
    box = pygame.image.tobytes(face.render("\uffff", (255, 255, 255)), "RGBA")
    assert box not in shapes, "none is the box for what a font lacks"
    assert len(shapes) > 0.8 * len(letters) or size < 12
    assert face.render(text, (255, 255, 255)).get_width() == face.width(text)


def test_lines_break_between_words_and_between_characters_that_need_no_spaces(
    display: pygame.Surface,
) -> None:
    canvas = Canvas(display)
    lines = canvas.wrap("雪の上のピンクの宇宙人、背景は暗い洞窟", canvas.px(120), 5)
    assert len(lines) > 1
    assert "".join(lines) == "雪の上のピンクの宇宙人、背景は暗い洞窟"
    lines = canvas.wrap("a small pink alien on snow over grey rock", canvas.px(120), 5)
    assert " ".join(lines) == "a small pink alien on snow over grey rock"
    assert all(canvas.width(line) <= canvas.px(120) for line in lines)


def test_the_focus_goes_to_what_is_nearest_that_way() -> None:
    focus = Focus("a")
    focus.targets = {
        "a": pygame.Rect(0, 0, 10, 10),
        "right": pygame.Rect(20, 0, 10, 10),
        "far right": pygame.Rect(40, 0, 10, 10),
        "below": pygame.Rect(0, 30, 10, 10),
    }
    focus.go((1, 0))
    assert focus.name == "right"
    focus.go((0, 1))
    assert focus.name == "below"
    focus.go((0, 1))
    assert focus.name == "below", "nothing further down"
    focus.go((0, -1))
    assert focus.name == "a"


def test_times_are_said_as_people_say_them() -> None:
    said = [said_time(1e9 - ago, 1e9) for ago in (-5, 30, 300, 7200, 100_000, 300_000)]
    assert said == ["just now", "just now", "5 min ago", "2 h ago", "yesterday", "3 days ago"]
    assert "2001" in said_time(1e9 - 8 * 86_400, 1e9)
