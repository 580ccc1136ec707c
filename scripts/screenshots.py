#!/usr/bin/env python3
"""Make a picture of every screen without a display: python scripts/screenshots.py FOLDER [WIDTHxHEIGHT ...]

The first world of the catalog that can be played is used, on the CPU. Needs only what playing needs.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.update(SDL_VIDEODRIVER="dummy", PYGAME_HIDE_SUPPORT_PROMPT="1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pygame

from genie.app.home import Home
from genie.app.inputs import BUTTONS, Gamepads
from genie.app.loop import Loop, wake
from genie.app.options import Options
from genie.app.planning import default_world, make_plan
from genie.app.screens.calibration_page import CalibrationPage
from genie.app.screens.gallery import Gallery
from genie.app.screens.screen import Screen
from genie.app.screens.stage import Stage
from genie.app.settings import SettingsFile
from genie.runtime.world import World

BOXES = (
    ("menu", pygame.K_ESCAPE),
    ("prompt", pygame.K_t),
    ("export", pygame.K_e),
)
WRITTEN = 150
"""Frames of the clip that is being written when the window is to close."""
FINISHING = 0.4
"""How much of it is written when its picture is taken."""
PAINTED = "a green alien on sandy ground under a purple sky"
PAINTED_SO_FAR = 0.3
"""How much of the work is done when its picture is taken."""
PROMPT = "a pink alien on snow, 雪の上のピンクの宇宙人, розовый пришелец"


class Photographer:
    """Presses keys in screens at one window size, and takes their pictures."""

    def __init__(self, folder: Path, size: tuple[int, int], settings: SettingsFile) -> None:
        self.folder, self.size, self.settings = folder, size, settings
        pygame.display.set_mode(size)
        self.pads = Gamepads()

    def take(self, name: str) -> None:
        """Save what is in the window."""
        path = self.folder / f"{name}-{self.size[0]}x{self.size[1]}.png"
        pygame.image.save(pygame.display.get_surface(), path)
        print(path)

    def key(self, tick: Callable[[], None], key: int, text: str = "") -> None:
        """Press a key, or type a text, and let what follows happen."""
        if text:
            pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=text))
        for kind in () if text else (pygame.KEYDOWN, pygame.KEYUP):
            pygame.event.post(pygame.event.Event(kind, key=key, mod=0, unicode=""))
        settle(tick)

    def choosing(self) -> None:
        """Take the gallery, the start page, the sketch and the keys."""
        home = Home(Options(), (), self.settings, self.pads)
        stage: Stage = home._stage
        gallery: Gallery = home._gallery()
        stage.open(gallery)
        while gallery.offer and gallery.offer.id not in home._backroom.previews:
            stage.tick()
        settle(stage.tick, 0.5)
        self.take("gallery")
        self.key(stage.tick, pygame.K_k)
        self.take("keys")
        self.key(stage.tick, pygame.K_ESCAPE)
        self.key(stage.tick, pygame.K_TAB)
        page: Screen = stage._stack[-1]
        while not page.thumbnails:  # type: ignore[attr-defined]
            stage.tick()
        settle(stage.tick)
        self.take("start")
        self.key(stage.tick, 0, PROMPT)
        self.take("start-typed")
        page.focus.name = "sketch"  # type: ignore[attr-defined]
        self.key(stage.tick, pygame.K_RETURN)
        self.take("sketch")
        home.close()

    def calibrating(self) -> None:
        """Take the page that finds keys, as if this world had none."""
        plan = make_plan(Options(world=default_world(), device="cpu"))
        stage = Stage(self.pads)
        count = len(plan.manifest.actions)
        page = CalibrationPage(plan.manifest.title, plan.load, count, wake, lambda found: None)
        stage.open(page)
        while page.measuring:
            stage.tick()
        settle(stage.tick)
        guessed = [place for place, trial in enumerate(page.trials) if trial.action in page.keys]
        while page.place < min(guessed, default=1):
            self.key(stage.tick, pygame.K_RETURN)
        self.take("calibration")
        for trial in page.trials:
            print(f"{trial.action}: {trial.flow}, guessed {page.keys.get(trial.action)}")
        self.key(stage.tick, pygame.K_ESCAPE)

    def playing(self) -> None:
        """Take play and the boxes over it."""
        plan = make_plan(Options(world=default_world(), seed=7, device="cpu"))
        loop = Loop(plan, self.folder, self.settings, self.pads)
        settle(loop.tick, 0.3)
        while loop.game.loading:
            loop.tick()
        settle(loop.tick, 0.3)
        self.take("help")
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RIGHT, mod=0, unicode=""))
        play(loop, 30)
        self.take("play")
        for name, key in BOXES:
            self.key(loop.tick, key)
            settle(loop.tick, 1.0)  # some are made by the thread that also makes frames
            self.take(name)
            self.key(loop.tick, pygame.K_ESCAPE)
        self.branching(loop)
        self.key(loop.tick, pygame.K_b)
        self.take("paint")
        self.key(loop.tick, pygame.K_ESCAPE)
        for down in (True, False):
            kind = pygame.CONTROLLERBUTTONDOWN if down else pygame.CONTROLLERBUTTONUP
            pygame.event.post(pygame.event.Event(kind, instance_id=1, button=BUTTONS.index("start")))
        settle(loop.tick)
        self.take("menu-gamepad")
        loop.game.close()

    def waiting(self) -> None:
        """Take what is shown while a world loads, and while a clip is finished before the window closes."""
        plan = make_plan(Options(world=default_world(), seed=7, device="cpu", frames=WRITTEN))
        shown = threading.Event()

        def load() -> World:
            shown.wait()  # until its picture is taken
            return plan.load()

        loop = Loop(replace(plan, load=load, fps=1000), self.folder, self.settings, self.pads)
        settle(loop.tick)
        self.take("loading")
        shown.set()
        while loop.game.index < WRITTEN - 1:
            loop.tick()
        loop.game.exports.write(self.folder / "clip.mp4")
        loop.game.leave()
        while not loop.game.exports.running or loop.game.exports.running.fraction < FINISHING:
            loop.tick()
        self.take("leaving")
        loop.game.leave()
        loop.game.close()

    def painting(self) -> None:
        """Take a world that is being painted for words that no start frame shows."""
        plan = make_plan(Options(world=default_world(), prompt=PAINTED, seed=7, device="cpu"))
        loop = Loop(plan, self.folder, self.settings, self.pads)
        loop.modal = None
        while loop.game.loading:
            loop.tick()
            look = loop.game.repainting.shown
            if look is not None and look.share > PAINTED_SO_FAR:
                self.take("painting")
                break
        loop.game.close()

    def returning(self) -> None:
        """Take the gallery once more, with what was played to go on with, and a file that is no picture."""
        home = Home(Options(), (), self.settings, self.pads)
        stage = home._stage
        gallery = home._gallery()
        stage.open(gallery)
        gallery.focus.name, gallery.stale = "session 0", True
        while gallery.offer and gallery.offer.id not in home._backroom.previews:
            stage.tick()
        settle(stage.tick, 0.5)
        self.take("sessions")
        gallery.focus.name = "play"
        song = self.folder / "song.mp3"
        song.write_bytes(b"la la la")
        pygame.event.post(pygame.event.Event(pygame.DROPFILE, file=os.path.relpath(song)))
        settle(stage.tick, 0.5)
        page = stage._stack[-1]
        while not page.thumbnails:  # type: ignore[attr-defined]
            stage.tick()
        settle(stage.tick)
        self.take("not-a-picture")
        song.unlink()
        home.close()

    def branching(self, loop: Loop) -> None:
        """Go back, play on, and take what shows the two branches, and the places that are saved."""
        self.key(loop.tick, pygame.K_p)
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=pygame.K_RIGHT, mod=0, unicode=""))
        loop.game.time.look_at(loop.game.index // 2)
        settle(loop.tick, 0.5)
        self.take("scrub")
        loop.game.time.let_go()
        self.key(loop.tick, pygame.K_p)
        play(loop, 20)
        self.key(loop.tick, pygame.K_p)
        for name, key in (("saved", pygame.K_F5), ("slots", pygame.K_F6), ("branches", pygame.K_m)):
            self.key(loop.tick, key)
            settle(loop.tick, 0.5)
            self.take(name)
            if loop.modal is not None:
                self.key(loop.tick, pygame.K_ESCAPE)
        self.key(loop.tick, pygame.K_p)


def play(loop: Loop, frames: int) -> None:
    """Let so many frames be played."""
    end = loop.game.index + frames
    while loop.game.index < end:
        loop.tick()


def settle(tick: Callable[[], None], seconds: float = 0.15) -> None:
    """Let time pass."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        tick()


def main(folder: str, *sizes: str) -> None:
    """Take every screen at every size."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    pygame.display.init()
    pygame.font.init()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(XDG_DATA_HOME=home, XDG_CONFIG_HOME=home, LOCALAPPDATA=home, APPDATA=home)
        for size in sizes or ("640x480",):
            width, height = (int(side) for side in size.split("x"))
            photographer = Photographer(Path(folder), (width, height), SettingsFile(Path(home)))
            photographer.choosing()
            photographer.calibrating()
            photographer.playing()
            photographer.waiting()
            photographer.painting()
            photographer.returning()
    pygame.quit()


if __name__ == "__main__":
    main(*sys.argv[1:])
