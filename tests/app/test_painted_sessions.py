"""A session painted into in the real window: replayed bit for bit, and beside the branch that was not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app import cli
from genie.app.recorder import Recorder
from genie.app.screens.painter import Painter
from genie.clips.png import read_png
from genie.clips.session_log import read_session
from genie.runtime.world import World
from tests.app.conftest import Driver
from tests.support.tiny_bundle import write_tiny_bundle

FORK = 8


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_tiny_bundle(tmp_path / "bundle", fps=60)


def paint(driver: Driver) -> np.ndarray:
    """Paint a stroke across the frame shown, and have the world go on from it; return what was painted."""
    driver.tap(pygame.K_b)
    driver.until(lambda: isinstance(driver.loop.modal, Painter))
    driver.settle()
    painter = driver.loop.modal
    assert isinstance(painter, Painter)
    painter.choose(0)
    drawing = painter.drawing
    drawing.begin()
    drawing.paint((2, 12), 2, painter.palette[0])
    drawing.paint((13, 12), 2, painter.palette[0])
    drawing.end()
    assert drawing.touched
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.loop.modal is None)
    driver.settle()
    return drawing.frame.copy()


def stand(driver: Driver) -> None:
    driver.game.time.paused = True
    driver.settle()


@pytest.fixture
def painted(drive: Callable[..., Driver], bundle: Path, tmp_path: Path) -> tuple[Path, np.ndarray]:
    """A session whose second branch parts from the first by being painted into, and what was painted."""
    world = World.open(bundle, device="cpu")
    driver = drive(world, recorder=Recorder(tmp_path / "painted.genie-session")).play()
    driver.frames(FORK + 12)
    stand(driver)
    driver.game.time.go(0, FORK)
    driver.settle()
    picture = paint(driver)
    driver.press(pygame.K_RIGHT)
    driver.game.time.paused = False
    driver.frames(6)
    stand(driver)
    driver.game.close()
    return tmp_path / "painted.genie-session", picture


def test_its_replay_is_bit_for_bit(
    painted: tuple[Path, np.ndarray], bundle: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, picture = painted
    tree = read_session(path).tree
    assert [branch.fork for branch in tree.branches] == [0, FORK]
    np.testing.assert_array_equal(tree.branches[1].given[FORK + 1], picture)
    for number in (1, 2):
        assert cli.main([str(bundle), "--replay", str(path), "--branch", str(number), "--headless"]) == 0
        assert f"the same {tree.branches[number - 1].end + 1} frames" in capfd.readouterr().out


def test_it_is_exported_beside_the_branch_that_was_not_painted(
    painted: tuple[Path, np.ndarray], bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, picture = painted
    world, tree = World.open(bundle, device="cpu"), read_session(path).tree
    out = tmp_path / "both"
    beside = ["--branch", "1", "--beside", "2", "--export", str(out), "--scale", "1"]
    assert cli.main([str(bundle), "--replay", str(path), *beside]) == 0, capfd.readouterr().err
    pictures = [read_png(each) for each in sorted(out.glob("*.png"))]
    assert len(pictures) == max(branch.end for branch in tree.branches) - FORK + 1
    for side, branch in ((slice(0, 16), 0), (slice(24, 40), 1)):
        for frame, both in enumerate(pictures, FORK):
            tokens = tree.tokens(branch, min(frame, tree.branches[branch].end))
            assert tokens is not None
            np.testing.assert_array_equal(both[:, side], world.picture(tokens))
    np.testing.assert_array_equal(pictures[0][:, :16], pictures[0][:, 24:], "the frame they share")
    given = world.engine.decode(world.tokens(picture))
    np.testing.assert_array_equal(pictures[1][:, 24:], given, "what was painted, as the world renders it")
    assert (pictures[1][:, :16] != given).any()
