"""What the app says of a prompt: one line without a display, a line below the field with one."""

from collections.abc import Callable
from pathlib import Path

import pygame
import pytest

from genie.app import cli
from genie.app.prompt_box import PromptBox
from genie.clips.session_log import read_session
from genie.core.prompt_reading import Reading
from tests.app.conftest import Driver
from tests.support.tiny_bundle import SAID, write_tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("spoken") / "bundle", phrases=SAID)


def play(*arguments: object) -> int:
    return cli.main([str(argument) for argument in (*arguments, "--headless")])


def test_headless_play_says_in_one_line_how_the_prompt_is_read(
    bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert play(bundle, "--prompt", "blue unicorn on sand", "--frames", 2) == 0
    err = capfd.readouterr().err
    assert err == 'play.py: the prompt is read as "a blue sprite on sand"; not understood: unicorn\n'
    assert play(bundle, "--prompt", "a blue sprite on sand", "--frames", 2) == 0
    assert capfd.readouterr().err == ""


def test_expansion_is_turned_off_by_a_flag(bundle: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert play(bundle, "--prompt", "blue unicorn on sand", "--frames", 2, "--no-expand") == 0
    assert capfd.readouterr().err == "play.py: in the prompt, not understood: unicorn\n"


def test_a_recording_of_an_expanded_prompt_replays_bit_for_bit(
    bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    begun = ["--prompt", "blue on sand", "--seed", 4, "--keys", "right:9", "--scale", 1]
    assert play(bundle, *begun, "--record", tmp_path / "r", "--export", tmp_path / "a") == 0
    (session,) = (tmp_path / "r").iterdir()
    assert read_session(session).header.prompt == "a blue sprite on sand"
    assert play(bundle, "--replay", session, "--scale", 1, "--export", tmp_path / "b") == 0
    first, again = ([p.read_bytes() for p in sorted((tmp_path / d).glob("*.png"))] for d in "ab")
    assert first == again and len(first) == 10


def key(code: int, mod: int = 0) -> pygame.event.Event:
    return pygame.event.Event(pygame.KEYDOWN, key=code, mod=mod, unicode="")


def box(told: list[tuple[str, str]]) -> PromptBox:
    return PromptBox(
        "grass",
        [],
        lambda text: told.append(("read", text)),
        accept_as_typed=lambda text: told.append(("as typed", text)),
        read=lambda text: Reading(asked=text, told=f"a sprite on {text}"),
    )


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ([key(pygame.K_RETURN)], [("read", "snow")]),
        ([key(pygame.K_RETURN, pygame.KMOD_LSHIFT)], [("as typed", "snow")]),
        ([key(pygame.K_TAB), key(pygame.K_RETURN)], [("read", "a sprite on snow")]),
        ([key(pygame.K_TAB), key(pygame.K_ESCAPE)], []),
    ],
)
def test_enter_expands_shift_enter_does_not_and_tab_shows_it(
    display: pygame.Surface, keys: list[pygame.event.Event], told: list[tuple[str, str]]
) -> None:
    accepted: list[tuple[str, str]] = []
    asking = box(accepted)
    for event in (pygame.event.Event(pygame.TEXTINPUT, text="snow"), *keys):
        asking.handle(event)
    assert accepted == told
    assert asking.closed


@pytest.mark.parametrize("mod", [0, pygame.KMOD_LSHIFT])
def test_a_prompt_left_as_it_was_changes_nothing(display: pygame.Surface, mod: int) -> None:
    accepted: list[tuple[str, str]] = []
    asking = box(accepted)
    assert asking.reading is None, "nobody asked for another wording of what is in force"
    asking.handle(key(pygame.K_RETURN, mod))
    assert asking.closed
    assert not accepted


def test_in_the_window_the_reading_is_shown_told_and_can_be_edited(drive: Callable[..., Driver]) -> None:
    driver = drive().play()
    driver.tap(pygame.K_t)
    driver.until(lambda: driver.loop.modal is not None)
    driver.type("pink")
    driver.settle()
    assert isinstance(driver.loop.modal, PromptBox)
    assert driver.loop.modal.reading.note == 'the prompt is read as "the alien on pink"'
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.session.prompt == "the alien on pink")
    driver.until(lambda: driver.game.notice is not None)
    assert "the alien on pink" in driver.game.notice.text
    driver.tap(pygame.K_t)
    driver.until(lambda: driver.loop.modal is not None)
    driver.type("snow")
    driver.press(pygame.K_RETURN, pygame.KMOD_SHIFT)
    driver.until(lambda: driver.session.prompt == "snow")
