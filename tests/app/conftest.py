"""A loop in a display that shows nothing, driven by posted events."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from genie.app.loop import WAKE, Loop
from genie.app.overlay import Look
from genie.app.plan import Plan
from genie.app.take import Start
from tests.app.fake_world import FakeWorld, fake_manifest
from tests.app.visitor import CATALOG, Visit, Visitor, write_world


class Driver:
    """A loop and the hands on its keyboard."""

    def __init__(self, world: FakeWorld, folder: Path, **plan: Any) -> None:
        self.world = world
        start = plan.pop("start", Start(prompt="a red alien on grass", seed=7))
        load = plan.pop("load", lambda: world)
        plan = {"manifest": world.manifest, "fps": world.manifest.fps, "look": Look(scale=1)} | plan
        self.loop = Loop(Plan(load=load, start=start, **plan), folder)
        self.game = self.loop.game

    def until(self, done: Callable[[], object], seconds: float = 30.0) -> None:
        """Run the loop until `done()`; fail when that takes too long."""
        end = time.perf_counter() + seconds
        while not done():
            assert time.perf_counter() < end, "the loop never got there"
            self.loop.tick()

    def drawn(self, monkeypatch: pytest.MonkeyPatch, what: str = "text") -> list[str]:
        """All texts (or "key": key caps) that are drawn from here on."""
        shown: list[str] = []
        draw = getattr(self.loop._canvas, what)

        def listening(said: str, *rest: Any, **more: Any) -> Any:
            shown.append(said)
            return draw(said, *rest, **more)

        monkeypatch.setattr(self.loop._canvas, what, listening)
        return shown

    def play(self) -> Driver:
        """Close the first card, so that the world runs."""
        self.until(lambda: not self.game.loading)
        if self.loop.modal is not None:
            self.tap(pygame.K_RETURN)
            self.until(lambda: self.loop.modal is None)
        return self

    def frames(self, count: int) -> None:
        """Run until `count` more frames have been played."""
        target = self.game.index + count
        self.until(lambda: self.game.index >= target)

    def press(self, key: int, mod: int = 0) -> None:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=mod, unicode=""))

    def release(self, key: int) -> None:
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key, mod=0))

    def tap(self, key: int, mod: int = 0) -> None:
        self.press(key, mod)
        self.release(key)

    def type(self, text: str) -> None:
        for character in text:
            pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=character))

    def close_window(self) -> None:
        pygame.event.post(pygame.event.Event(pygame.QUIT))

    def settle(self) -> None:
        """Deal with every event posted so far; a step that was under way has ended."""
        for _ in range(3):
            pygame.event.post(pygame.event.Event(WAKE))  # so that no tick waits for something to happen
            self.loop.tick()
        self.until(lambda: not self.game.busy)

    @property
    def session(self) -> Any:
        return self.world.sessions[-1]

    @property
    def actions(self) -> list[str]:
        return [self.world.actions[action].name for action in self.session.actions_taken]


@pytest.fixture
def display(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[pygame.Surface]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    home = tmp_path_factory.mktemp("home")
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(home))
    pygame.display.init()
    pygame.font.init()
    yield pygame.display.set_mode((640, 480), pygame.RESIZABLE)
    pygame.quit()


@pytest.fixture
def drive(display: pygame.Surface, tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    """Make a driver; its game is closed in the end and its gate opened, so that no thread is left waiting."""
    drivers: list[Driver] = []

    def make(world: FakeWorld | None = None, **plan: Any) -> Driver:
        drivers.append(Driver(world or FakeWorld(fake_manifest(fps=60)), tmp_path, **plan))
        return drivers[-1]

    yield make
    for driver in drivers:
        if isinstance(driver.world, FakeWorld):
            driver.world.gate.set()
            driver.world.brush.set()
        driver.game.close()


@pytest.fixture
def worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "worlds"
    monkeypatch.setattr(CATALOG, "SHIPPED", folder)
    write_world(folder / "anna", "Anna")
    write_world(folder / "berta", "Berta")
    return folder


@pytest.fixture
def visit(display: pygame.Surface, worlds: Path) -> Iterator[Visit]:
    visitors: list[Visitor] = []

    def make(**told: Any) -> Visitor:
        visitors.append(Visitor(**told))
        visitors[-1].settle()
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.home.close()
