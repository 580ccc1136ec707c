"""What is to be seen until play begins: the frame it will begin with, then the world being painted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app.details import first_look
from genie.app.help_card import HelpCard
from genie.app.options import Options
from genie.app.planning import make_plan
from genie.app.repainting import APART, GivenUp, Repainting
from genie.app.script import Script
from genie.app.take import Start
from genie.app.view import BAR, picture_rect
from genie.core.errors import BundleError
from genie.runtime.first_frames import STEPS, Painting
from genie.runtime.world import World
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest
from tests.support.tiny_bundle import SAID, start_frames, write_tiny_bundle

Make = Callable[..., Driver]
PROMPT = "a pink alien on snow"


@pytest.fixture
def painted() -> FakeWorld:
    """A world that is painted for PROMPT, one frame, and then waits for the brush to be set."""
    world = FakeWorld(fake_manifest(fps=60))
    world.painted = (PROMPT,)
    world.brush.clear()
    return world


def painting(driver: Driver) -> bool:
    return driver.game.repainting.shown is not None


def picture(frame: np.ndarray) -> bool:
    """Whether the window shows a frame of 64x64; its middle, over which nothing is written, is looked at."""
    shown = pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1)
    rect = picture_rect((640, 480), (64, 64), BAR)
    inner = shown[rect.top : rect.bottom, rect.left : rect.right][::7, ::7]
    return bool((inner[12:40, 20:44] == frame[12:40, 20:44]).all())


def test_the_first_frame_to_be_is_seen_while_the_world_loads(
    drive: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, preview = FakeWorld(fake_manifest(fps=60)), np.full((64, 64, 3), 90, np.uint8)
    world.gate.clear()

    def load() -> FakeWorld:
        world.gate.wait()
        return world

    driver = drive(world, load=load, preview=lambda: preview)
    assert isinstance(driver.loop.modal, HelpCard)
    driver.loop.modal = None
    shown = driver.drawn(monkeypatch)
    driver.until(lambda: driver.game.sight is not None)
    driver.loop.draw()
    assert picture(preview) and driver.game.loading and driver.game.frame is None
    assert {"loading the world …", "“a red alien on grass”"} <= set(shown)
    for key in (pygame.K_b, pygame.K_e, pygame.K_m, pygame.K_F5, pygame.K_PAGEUP):
        driver.tap(key)
        driver.loop.tick()
    assert driver.loop.modal is None, "there is nothing to paint on or to export yet"
    world.gate.set()
    driver.until(lambda: not driver.game.loading)
    driver.loop.draw()
    assert picture(world.sessions[0].frame)


def test_what_is_asked_for_while_the_world_loads_leaves_a_script_as_it_is(drive: Make) -> None:
    world = FakeWorld(fake_manifest(fps=60))
    world.gate.clear()
    driver = drive(world, load=lambda: world.gate.wait() and world, script=Script(actions=(2,) * 500))
    for key in (pygame.K_n, pygame.K_PAGEUP):
        driver.tap(key)
        driver.loop.tick()
    driver.game.words.describe("a blue alien")
    driver.game.paint(np.zeros((64, 64, 3), np.uint8))
    assert driver.game.loading
    world.gate.set()
    driver.until(lambda: not driver.game.loading)
    driver.frames(3)
    assert set(driver.actions) == {"right"}


def test_a_world_is_seen_being_painted_and_then_played(
    drive: Make, painted: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = drive(painted, start=Start(prompt=PROMPT, seed=7))
    shown = driver.drawn(monkeypatch)
    driver.until(lambda: painting(driver))
    first = driver.game.sight
    driver.loop.draw()
    assert "painting the world …" in shown, "the card says what it waits for"
    assert driver.loop.modal.sight is first, "and shows it"
    driver.loop.modal = None
    driver.loop.draw()
    assert picture(first) and "Esc gives it up" in shown
    painted.brush.set()
    driver.until(lambda: not driver.game.loading)
    driver.until(lambda: not painting(driver))
    assert np.array_equal(driver.game.sight, driver.game.frame)
    driver.frames(3)


def test_giving_up_the_first_painting_leads_to_the_other_worlds(drive: Make, painted: FakeWorld) -> None:
    driver = drive(painted, start=Start(prompt=PROMPT, seed=7))
    driver.until(lambda: painting(driver))
    driver.tap(pygame.K_ESCAPE)
    driver.loop.tick()
    painted.brush.set()
    driver.loop.run()
    assert driver.loop.boxes.to_worlds
    assert driver.game.failure is None
    assert not painted.sessions


@pytest.mark.parametrize("by_pad", [False, True])
def test_giving_up_a_later_painting_leaves_play_as_it_was(
    drive: Make, painted: FakeWorld, by_pad: bool
) -> None:
    driver = drive(painted).play()
    driver.frames(3)
    driver.game.words.describe(PROMPT)
    driver.until(lambda: driver.game.moment.prompt == PROMPT)
    driver.tap(pygame.K_r)
    driver.until(lambda: painting(driver))
    index = driver.session.index
    assert not np.array_equal(driver.game.sight, driver.game.frame)
    if by_pad:
        event = {"instance_id": 1, "button": 6}
        pygame.event.post(pygame.event.Event(pygame.CONTROLLERBUTTONDOWN, **event))
        pygame.event.post(pygame.event.Event(pygame.CONTROLLERBUTTONUP, **event))
    else:
        driver.tap(pygame.K_ESCAPE)
    driver.loop.tick()
    painted.brush.set()
    driver.until(lambda: not painting(driver))
    assert driver.loop.modal is None and len(painted.sessions) == 1
    assert driver.game.notice.text.startswith("Given up") and not driver.game.notice.is_error
    driver.until(lambda: driver.game.index > index + 3)
    driver.tap(pygame.K_r)
    driver.until(lambda: len(painted.sessions) == 2)
    driver.until(lambda: driver.game.moment.session == 1)


def test_the_window_closes_at_once_whatever_is_being_painted(drive: Make, painted: FakeWorld) -> None:
    driver = drive(painted).play()
    driver.frames(1)
    driver.game.words.describe(PROMPT)
    driver.tap(pygame.K_r)
    driver.until(lambda: painting(driver))
    driver.close_window()
    driver.loop.tick()
    painted.brush.set()
    driver.loop.run()
    assert len(painted.sessions) == 1 and driver.game.failure is None


def test_looks_are_handed_on_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = [0.0], []
    board = Repainting(lambda: told.append(now[0]), clock=lambda: now[0])
    frame = np.zeros((2, 2, 3), np.uint8)
    looks = [Painting(prompt="", frame=frame, candidate=0, candidates=1, step=n) for n in range(STEPS)]
    for look in looks:
        board.show(look)
        now[0] += APART / 4
    assert len(told) == STEPS // 4
    board.give_up()
    with pytest.raises(GivenUp):
        board.show(looks[0])
    board.end()
    assert board.shown is None
    board.show(looks[0])
    assert board.shown is looks[0]


@pytest.mark.parametrize(
    "prompt", ["the red sprite on sand by night", "a blue sprite on snow", "blue", "a red sprite"]
)
def test_the_preview_is_the_frame_that_play_begins_with_or_paints_first(tmp_path: Path, prompt: str) -> None:
    bundle = write_tiny_bundle(tmp_path / "b", phrases=SAID)
    plan = make_plan(Options(world=str(bundle), prompt=prompt, seed=5))
    seen: list[Painting] = []
    session = World.open(bundle, device="cpu").start(prompt=prompt, seed=5, watch=seen.append)
    first = seen[0].frame if seen else session.frame
    assert np.array_equal(plan.preview(), first)
    assert any(np.array_equal(first, frame) for frame in start_frames())
    (bundle / "starts.npz").write_bytes(b"nothing")
    with pytest.raises(BundleError, match="starts"):
        plan.preview()


def test_a_picture_to_start_from_is_its_own_preview(tmp_path: Path) -> None:
    image = np.ones((16, 16, 3), np.uint8)
    assert first_look(tmp_path, Start(prompt="", seed=1, image=image)) is image
