"""Keys on the map of branches that come before it is seen that a branch is gone."""

from __future__ import annotations

from pathlib import Path

import pygame

from genie.app.recorder import Recorder
from genie.clips.session_log import read_session
from tests.app.test_branches import Make, branched, open_map


def test_deleting_a_branch_twice_deletes_it_once(drive: Make, tmp_path: Path) -> None:
    driver = branched(drive, recorder=Recorder(tmp_path / "kept.genie-session"))
    page = open_map(driver)
    driver.tap(pygame.K_DELETE)
    driver.tap(pygame.K_DELETE)  # before the first is seen to be done
    driver.settle()
    assert driver.game.failure is None
    assert [twig.number for twig in page._outline.twigs] == [0]
    assert read_session(tmp_path / "kept.genie-session").tree.removed == [1]


def test_going_to_a_branch_that_is_just_deleted_leads_nowhere(drive: Make) -> None:
    driver = branched(drive)
    open_map(driver)
    driver.tap(pygame.K_DELETE)
    driver.tap(pygame.K_RETURN)
    driver.until(lambda: driver.loop.modal is None)
    driver.settle()
    assert driver.game.notice.is_error and "was deleted" in driver.game.notice.text
    assert driver.game.time._left is None, "nobody is on the way any more"
    assert (driver.game.moment.branch, driver.game.moment.index) == (0, driver.session.index)
