"""How much words count, turned in play: by keys, in the prompt box, by mouse and by gamepad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pygame
import pytest

from genie.app.help_card import HelpCard
from genie.app.prompt_box import PromptBox
from genie.app.recorder import Recorder
from genie.app.script import Script
from genie.app.strength_dial import LEVELS, StrengthDial, said_of, turned
from genie.clips.session_log import read_session
from tests.app.conftest import Driver
from tests.app.test_gamepad_alone import choose, push

Make = Callable[..., Driver]


def test_steps_go_through_the_worlds_own_strength_and_stay_within_bounds() -> None:
    up, down = [0.0], [10.0]
    for _ in range(len(LEVELS) + 1):
        up.append(turned(up[-1], 1, 1.2))
        down.append(turned(down[-1], -1, 1.2))
    steps = [1.2 if level == 1.25 else level for level in LEVELS]
    assert up[: len(LEVELS)] == steps == down[: len(LEVELS)][::-1]
    assert (up[-1], down[-1]) == (10, 0)
    assert turned(1.1, -1, 1.2) == 1 and turned(1.1, 1, 1.2) == 1.2, "from between two steps"


def test_keys_turn_it_at_once_and_it_is_shown_and_kept(drive: Make, tmp_path: Path) -> None:
    driver = drive(recorder=Recorder(tmp_path / "kept")).play()
    driver.frames(3)
    for _ in range(3):
        driver.tap(pygame.K_PAGEUP)
    driver.until(lambda: driver.game.moment.strength == 1.75)
    driver.until(lambda: driver.game.notice is not None and "1.75x" in driver.game.notice.text)
    driver.frames(2)
    driver.tap(pygame.K_PAGEDOWN)
    driver.until(lambda: driver.session.strength == 1.5)
    driver.frames(2)
    changes = driver.game.orders.player.take().line.strengths
    assert [strength for _, strength in changes][-1] == 1.5
    driver.game.close()
    (path,) = (tmp_path / "kept").iterdir()
    assert read_session(path).tree.line().strengths == changes


def test_the_figures_tell_what_is_not_usual(drive: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = drive().play()
    shown = driver.drawn(monkeypatch)
    driver.frames(2)
    assert not [line for line in shown if line.startswith("words ")]
    driver.tap(pygame.K_PAGEDOWN)
    driver.until(lambda: "words 0.75x" in shown)
    assert said_of(0, 1.2) == "Words do not count."


def test_the_prompt_box_has_a_dial_that_counts_when_it_is_accepted(drive: Make) -> None:
    driver = drive().play()
    for key, strength in ((pygame.K_ESCAPE, 1.0), (pygame.K_RETURN, 1.5)):
        driver.tap(pygame.K_t)
        driver.until(lambda: isinstance(driver.loop.modal, PromptBox))
        driver.tap(pygame.K_PAGEUP)
        driver.settle()
        up, down = (rect for rect, _ in driver.loop.modal.dial._buttons)
        for where in (up, up, down):
            pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=where.center, button=1))
            driver.settle()
        assert driver.loop.modal.dial.strength == 1.5
        driver.tap(key)
        driver.until(lambda: driver.loop.modal is None)
        driver.settle()
        assert driver.session.strength == strength
    assert driver.session.prompt == "a red alien on grass", "the words themselves were left as they are"


def test_shoulders_turn_it_with_a_gamepad(drive: Make) -> None:
    driver = drive()
    driver.until(lambda: not driver.game.loading)
    push(driver, "a")
    driver.frames(2)
    box = choose(driver, "New prompt", PromptBox)
    push(driver, "right shoulder", "right shoulder", "left shoulder", "right shoulder")
    assert box.dial.strength == 1.5
    push(driver, "a")
    driver.until(lambda: driver.session.strength == 1.5)


def test_turning_it_takes_over_from_a_script_which_sets_its_own(drive: Make) -> None:
    driver = drive(script=Script(actions=(2,) * 400, strengths={2: 3.0}))
    driver.until(lambda: driver.game.index > 3)
    assert driver.session.strengths == [(0, 1.0), (2, 3.0)]
    driver.tap(pygame.K_PAGEDOWN)
    driver.until(lambda: driver.session.strength == 2.5)
    assert driver.game.script is None


def test_it_is_on_the_card_and_among_the_keys(drive: Make) -> None:
    driver = drive()
    assert isinstance(driver.loop.modal, HelpCard)
    assert ("PgUp", "words count more") in driver.loop.modal._controls
    dial = StrengthDial(1.0, 1.0)
    assert not dial.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_UP, mod=0))
    assert not dial.is_turned
