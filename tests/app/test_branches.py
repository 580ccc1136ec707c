"""Branches in the real loop: seen on a map, gone to, compared; and the bar that the mouse moves along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pygame

from genie.app.hints import hint_line
from genie.app.outline import outline_of
from genie.app.prompt_box import PromptBox
from genie.app.recorder import Recorder
from genie.app.screens.branch_map import BranchMap
from genie.app.take import render
from genie.clips.session_log import read_session
from genie.clips.session_tree import Tree
from genie.clips.shelf import read_card
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest

Make = Callable[..., Driver]


def branched(drive: Make, **plan: Any) -> Driver:
    """Play right, go back, play up; then stand still."""
    driver = drive(FakeWorld(fake_manifest(fps=60)), **plan).play()
    driver.press(pygame.K_RIGHT)
    driver.frames(20)
    driver.release(pygame.K_RIGHT)
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    driver.game.time.go(0, 10)
    driver.settle()
    driver.press(pygame.K_UP)
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.moment.index >= 16)
    driver.release(pygame.K_UP)
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    return driver


def open_map(driver: Driver) -> BranchMap:
    driver.tap(pygame.K_m)
    driver.until(lambda: isinstance(driver.loop.modal, BranchMap))
    driver.settle()
    assert isinstance(driver.loop.modal, BranchMap)
    return driver.loop.modal


def test_going_back_and_playing_on_keeps_both_and_one_can_switch(drive: Make) -> None:
    driver = branched(drive)
    assert (driver.game.moment.branch, driver.game.moment.branches) == (1, 2)
    assert driver.game.moment.forks == (10,)
    up = driver.game.frame.copy()
    page = open_map(driver)
    assert (page.twig.number, page.frame) == (1, driver.game.index)
    driver.tap(pygame.K_UP)
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.loop.modal is None)
    driver.settle()
    moment = driver.game.moment
    assert (moment.branch, moment.index) == (0, moment.end)
    assert driver.session.actions_taken == list(driver.game.orders.player.tree.line(0).actions)
    page = open_map(driver)
    driver.tap(pygame.K_DOWN)
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.loop.modal is None)
    driver.settle()
    np.testing.assert_array_equal(driver.game.frame, up)
    np.testing.assert_array_equal(list(render(driver.world, driver.game.orders.player.take()))[-1], up)


def test_the_map_leads_to_any_frame_of_a_branch(drive: Make) -> None:
    driver = branched(drive)
    page = open_map(driver)
    driver.tap(pygame.K_HOME)
    driver.tap(pygame.K_RIGHT, pygame.KMOD_SHIFT)
    driver.settle()
    assert page.frame == 11
    rect = page._rows[0]
    x = page._track.left + round(page._track.width * 5 / page._outline.end)
    for _ in range(2):  # to choose, and to go
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(x, rect.centery), button=1))
    driver.until(lambda: driver.loop.modal is None)
    driver.settle()
    assert (driver.game.moment.branch, driver.game.moment.index) == (0, 5)
    assert driver.game.time.paused
    assert driver.session.index == 5


def test_a_branch_is_deleted_and_brought_back_on_the_map(drive: Make, tmp_path: Path) -> None:
    driver = branched(drive, recorder=Recorder(tmp_path / "kept.genie-session"))
    kept = tmp_path / "kept.genie-session"
    there, end = driver.game.frame.copy(), driver.game.moment.end
    page = open_map(driver)
    driver.tap(pygame.K_DELETE)  # the one that is played
    driver.settle()
    moment = driver.game.moment
    assert (moment.branch, moment.index, moment.branches, moment.forks) == (0, 10, 1, ())
    assert driver.session.index == 10
    assert page.twig.number == 0
    assert "Z bring back branch 2" in hint_line(page._hints(), by_pad=False)
    driver.tap(pygame.K_DELETE)
    driver.settle()
    assert driver.game.moment.branches == 1, "the last one stays"
    record = read_session(kept)  # as a kill would leave it
    assert (record.tree.living, record.tree.branch, record.tree.frame) == ([0], 0, 10)
    assert read_card(kept).branches == 1
    driver.tap(pygame.K_z)
    driver.settle()
    assert (page.twig.number, page.frame) == (1, end)
    assert read_session(kept).tree.living == [0, 1]
    assert read_card(kept).branches == 2
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.loop.modal is None)
    driver.settle()
    np.testing.assert_array_equal(driver.game.frame, there)


def test_a_saved_place_outlives_its_branch(drive: Make) -> None:
    driver = branched(drive)
    there = driver.game.frame.copy()
    driver.tap(pygame.K_F5)
    driver.settle()
    open_map(driver)
    driver.tap(pygame.K_DELETE)
    driver.settle()
    driver.tap(pygame.K_ESCAPE)
    driver.tap(pygame.K_F9)
    driver.settle()
    np.testing.assert_array_equal(driver.game.frame, there)


def test_two_branches_are_exported_side_by_side_from_where_they_part(drive: Make, tmp_path: Path) -> None:
    driver = branched(drive)
    page = open_map(driver)
    driver.tap(pygame.K_x)
    driver.tap(pygame.K_UP)
    driver.settle()
    assert (page.compared, page.twig.number) == (1, 0)
    driver.tap(pygame.K_e)
    driver.until(lambda: driver.loop.modal is not None and driver.loop.modal is not page)
    assert driver.loop.modal.pixels == 2 * 256 + 8
    driver.tap(pygame.K_DOWN)
    for _ in range(3):
        driver.tap(pygame.K_RIGHT)  # frames as PNG
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.game.exports.written)
    pictures = sorted(driver.game.exports.written[0].glob("*.png"))
    lines = [driver.game.orders.player.tree.line(branch) for branch in (0, 1)]
    assert len(pictures) == max(map(len, lines)) - 10 + 1
    shown = pygame.surfarray.array3d(pygame.image.load(pictures[0])).swapaxes(0, 1)
    assert shown.shape == (256, 2 * 256 + 8, 3)
    np.testing.assert_array_equal(shown[:, :256], shown[:, 264:], "the frame they share")
    shown = pygame.surfarray.array3d(pygame.image.load(pictures[-1])).swapaxes(0, 1)
    right = list(render(driver.world, driver.game.orders.player.take(0)))[-1]  # the longer one, on the right
    np.testing.assert_array_equal(shown[::4, 264::4], right)
    left = list(render(driver.world, driver.game.orders.player.take(1)))[-1]
    np.testing.assert_array_equal(shown[::4, :256:4], left, "the shorter one stays at its last")


def test_a_marked_part_is_exported(drive: Make, tmp_path: Path) -> None:
    driver = branched(drive)
    for frame, key in ((4, pygame.K_LEFTBRACKET), (12, pygame.K_RIGHTBRACKET)):
        driver.game.time.look_at(frame)
        driver.game.time.let_go()
        driver.settle()
        driver.tap(key)
        driver.settle()
    assert driver.game.time.span == (4, 12)
    driver.tap(pygame.K_e)
    driver.until(lambda: driver.loop.modal is not None)
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.game.exports.written)
    with av.open(str(driver.game.exports.written[0])) as container:
        assert sum(1 for _ in container.decode(video=0)) == 9
        assert container.metadata["frames"] == "4-12"


def test_the_mouse_moves_along_the_line(drive: Make) -> None:
    driver = branched(drive)
    driver.loop.draw()
    track = driver.loop._scrub_bar._track
    end = driver.game.moment.end

    def mouse(kind: int, frame: float) -> None:
        x = track.left + round(track.width * frame / end)
        pygame.event.post(pygame.event.Event(kind, pos=(x, track.centery), button=1, rel=(0, 0)))
        driver.settle()

    mouse(pygame.MOUSEBUTTONDOWN, 3)
    assert driver.game.index == 3
    assert driver.game.moment.index == end, "the session waits"
    mouse(pygame.MOUSEMOTION, 7)
    looked_at = driver.game.frame.copy()
    mouse(pygame.MOUSEBUTTONUP, 7)
    assert driver.game.moment.index == driver.session.index == 7
    np.testing.assert_array_equal(driver.session.frame, looked_at)
    mouse(pygame.MOUSEBUTTONDOWN, 5)
    mouse(pygame.MOUSEMOTION, -50)
    mouse(pygame.MOUSEBUTTONUP, -50)
    assert driver.session.index == 0


def test_a_click_below_the_picture_brings_the_bar_up_and_moves_nothing(drive: Make) -> None:
    driver = drive().play()
    driver.frames(5)
    driver.settle()
    panel = driver.loop._scrub_bar._panel
    assert not driver.loop._scrub_bar.visible
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=panel.center, button=1))
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    assert driver.loop._scrub_bar.visible
    assert driver.game.moment.index >= 5
    assert driver.game.time.scrub is None


def test_a_map_that_comes_late_does_not_take_a_prompts_place(drive: Make) -> None:
    driver = drive().play()
    driver.frames(3)
    driver.world.gate.clear()
    driver.until(lambda: driver.game.busy)
    driver.tap(pygame.K_m)
    driver.tap(pygame.K_t)
    driver.until(lambda: isinstance(driver.loop.modal, PromptBox))
    driver.type("a blue alien")
    driver.world.gate.set()
    driver.settle()
    assert isinstance(driver.loop.modal, PromptBox)
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.game.moment.prompt == "a blue alien")
    assert driver.loop.modal is None
    assert pygame.key.get_repeat() == (0, 0)


def test_an_outline_has_parents_before_children() -> None:
    tree = Tree()
    for _ in range(9):
        tree.act(0)
    for branch, frame in ((0, 3), (0, 6), (1, 4)):
        tree.go(branch, frame)
        tree.tell(f"from {branch}")
        tree.act(1)
        tree.act(1)
    outline = outline_of(tree, "the start")
    assert [twig.number for twig in outline.twigs] == [0, 2, 1, 3]
    assert [twig.prompt for twig in outline.twigs] == ["the start", "from 0", "from 0", "from 1"]
    assert outline.end == 9


def test_what_parts_from_a_removed_branch_takes_its_place() -> None:
    tree = Tree()
    for _ in range(9):
        tree.act(0)
    for branch, frame in ((0, 3), (1, 6), (1, 5), (2, 7)):  # 3 and 2 part from 1, and 4 from 2
        tree.go(branch, frame)
        for _ in range(4):
            tree.act(1)

    def shown() -> list[tuple[int, int | None, int]]:
        return [(twig.number, twig.parent, twig.fork) for twig in outline_of(tree, "").twigs]

    assert shown() == [(0, None, 0), (1, 0, 3), (2, 1, 6), (4, 2, 7), (3, 1, 5)]
    tree.remove(1)
    assert shown() == [(0, None, 0), (2, 0, 3), (4, 2, 7), (3, 2, 5)]
    tree.remove(2)
    assert shown() == [(0, None, 0), (4, 0, 3), (3, 4, 5)]
    tree.remove(0)
    assert shown() == [(4, None, 0), (3, 4, 5)]
    assert tree.shared(3, 4) == 5
    tree.go(3, 2)
    tree.remove(4)
    assert shown() == [(3, None, 0)]
    assert outline_of(tree, "").removed == (1, 2, 0, 4)
