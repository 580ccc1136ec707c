"""How many frames come between a key and the frame that it leads to, through the real loop."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pygame
import pytest

from genie.app import cli
from genie.app.loop import Loop
from genie.app.planning import make_plan
from genie.worlds import find_bundle
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest

PRESSES = 40


class Watch:
    """Presses keys at moments of no pattern, and notes when the display is flipped with what came of each."""

    def __init__(self, loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loop = loop
        self.taken: list[float] = []
        """Milliseconds from a key to the flip that shows the first frame made with it."""
        self.steps: list[float] = []
        """Milliseconds that each of those frames took to make."""
        self.others: list[int] = []
        """How many frames made without the key were shown after it."""
        self._between: set[int] = set()
        self._decided: dict[int, str] = {}
        self._wanted, self._pressed = "", 0.0
        self._flip = pygame.display.flip
        monkeypatch.setattr(pygame.display, "flip", self._flipped)
        decide = loop.game.steering.decide

        def noted(index: int, held: object) -> object:
            deed = decide(index, held)  # type: ignore[arg-type]
            self._decided[index + 1] = loop.game.plan.manifest.actions[deed.action].name  # type: ignore[union-attr]
            return deed

        monkeypatch.setattr(loop.game.steering, "decide", noted)

    def press(self, key: int, action: str) -> None:
        """Hold one key alone from a moment in the next two frames on, and wait for what comes of it."""
        wait = random.Random(len(self.taken)).uniform(0, 2 / self.loop.game.plan.fps)
        had = len(self.taken)

        def post() -> None:
            self._between.clear()
            self._pressed, self._wanted = time.perf_counter(), action
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0, unicode=""))

        timer = threading.Timer(wait, post)
        timer.start()
        while len(self.taken) == had:
            self.loop.tick()
        timer.join()
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key, mod=0))

    def _flipped(self) -> None:
        self._flip()
        moment = self.loop.game.moment
        if not self._wanted or moment is None:
            return
        if self._decided.get(moment.index) != self._wanted:
            self._between.add(moment.index)
        else:
            self.others.append(len(self._between))
            self.taken.append((time.perf_counter() - self._pressed) * 1000)
            self.steps.append(moment.seconds * 1000)
            self._wanted = ""


def measured(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch(loop, monkeypatch)
    for number in range(PRESSES):
        watch.press(*((pygame.K_LEFT, "left") if number % 2 else (pygame.K_RIGHT, "right")))
    taken = np.array(watch.taken)
    over = taken - np.array(watch.steps) - 1000 / loop.game.plan.fps
    print(
        f"key to flip over {len(taken)} keys: median {np.median(taken):.1f} ms, "
        f"90% {np.percentile(taken, 90):.1f} ms, most {taken.max():.1f} ms; "
        f"step median {np.median(watch.steps):.1f} ms, a frame is {1000 / loop.game.plan.fps:.1f} ms, "
        f"beyond a frame and its own step: {over.max():.1f} ms at most"
    )
    return watch


def test_the_next_frame_that_is_begun_is_made_with_the_key(
    drive: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = FakeWorld(fake_manifest(fps=15), seconds=0.02)
    driver = drive(world).play()
    driver.frames(2)
    watch = measured(driver.loop, monkeypatch)
    # However busy the machine: the frame that was just being shown, and the one that was just being made.
    assert max(watch.others) <= 2
    assert np.median(watch.others) <= 1, "mostly one of the two at most"
    assert len(watch.others) == PRESSES, "each key has led to a frame that was made with it"


@pytest.fixture
def shipped(display: pygame.Surface) -> Iterator[Loop]:
    plan = make_plan(cli.parse(["coinrun", "--seed", "7", "--device", "cpu"]), ())
    loop = Loop(replace(plan, recorder=None), find_bundle("coinrun"))
    yield loop
    loop.game.close()


def test_so_it_is_in_the_shipped_world(shipped: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    while shipped.game.loading:
        shipped.tick()
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN, mod=0, unicode=""))
    while shipped.game.index < 4:
        shipped.tick()
    watch = measured(shipped, monkeypatch)
    # However busy the machine: the frame that was just being shown, and the one that was just being made.
    assert max(watch.others) <= 2
