"""A player in front of the gallery, and worlds to choose from."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygame

from genie.app.home import Home
from genie.app.inputs import Gamepads
from genie.app.loop import WAKE
from genie.app.options import Options
from genie.app.plan import Plan
from genie.app.screens.gallery import Gallery
from genie.app.screens.start_page import StartPage
from genie.app.settings import SettingsFile
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

    def __init__(self, **told: Any) -> None:
        self.settings = SettingsFile()
        self.home = Home(Options(device="cpu", **told), (), self.settings, Gamepads())
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
        self.press(self.top.focus.targets[name].center)

    def press(self, where: tuple[int, int]) -> None:
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


Visit = Callable[..., Visitor]
