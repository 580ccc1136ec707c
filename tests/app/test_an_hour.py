"""An hour of play takes no more memory than a minute's and a frame's tokens each.

GENIE_HOUR=54000 plays all of it, at 15 frames a second of the world's own time; by default it is two minutes.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest

from genie.app.player import MOST_MARKS
from genie.app.recorder import Recorder
from genie.clips.session_log import read_session
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest

FRAMES = int(os.environ.get("GENIE_HOUR", "1800"))
SETTLED = 900
"""Frames after which all that is kept for good, fonts and drawn words, is there."""
MOST = 300 + 8 * MOST_MARKS
"""Bytes a frame: its tokens, and a place in the line of every mark that is kept."""
KEYS = (pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP)
NOW_AND_THEN = (pygame.K_F5, pygame.K_F9, pygame.K_COMMA, pygame.K_m, pygame.K_ESCAPE)
STATUS = Path("/proc/self/statm")


def resident() -> int:
    return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not STATUS.exists(), reason="the system does not tell what memory is in use")
def test_an_hour_keeps_memory_flat(drive: Callable[..., Driver], tmp_path: Path) -> None:
    pygame.display.set_mode((320, 240))
    world = FakeWorld(fake_manifest(fps=15))
    driver = drive(world, fps=1000, recorder=Recorder(tmp_path / "hour.genie-session")).play()
    hand, played, before, first = random.Random(1), 0, None, 0
    memory: list[int] = []
    while played < FRAMES:
        play_about(driver, hand)
        driver.loop.tick()
        if driver.game.moment is not before:
            before, played = driver.game.moment, played + 1
            if played == SETTLED:
                first = resident()
            if played % 1000 == 0:
                memory.append(resident() // 2**10)
    grown = resident() - first
    print("memory by thousand frames, KB:", *memory, f"; grown by {grown / (FRAMES - SETTLED):.0f} a frame")
    assert grown < MOST * (FRAMES - SETTLED) + 2**20, "bytes; a frame's pixels alone would be 12,288"
    driver.game.close()
    tree = read_session(tmp_path / "hour.genie-session").tree
    assert sum(len(branch.actions) for branch in tree.branches) > 0.8 * FRAMES


def play_about(driver: Driver, hand: random.Random) -> None:
    chance = hand.random()
    if driver.loop.modal is not None:
        driver.tap(pygame.K_ESCAPE)
    elif driver.game.time.paused:
        driver.tap(pygame.K_p)
    elif chance < 0.05:
        driver.press(hand.choice(KEYS))
    elif chance < 0.1:
        driver.release(hand.choice(KEYS))
    elif chance < 0.101:
        driver.tap(hand.choice(NOW_AND_THEN))
    elif chance < 0.102:
        driver.game.words.describe(hand.choice(("a red alien on snow", "a blue alien on grass")))
