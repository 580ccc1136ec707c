"""A restless hand in the real loop: whatever it does, play goes on, and its log renders the frames it showed.

GENIE_PLAYS plays more of them.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from genie.app.recorder import Recorder
from genie.app.session_plan import start_of
from genie.app.take import Start, Take, render
from genie.clips.session_log import checksum, read_session
from genie.runtime.world import World
from tests.app.conftest import Driver
from tests.app.play_and_tell import _move
from tests.support.tiny_bundle import write_tiny_bundle

PLAYS = int(os.environ.get("GENIE_PLAYS", "6"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("restless") / "bundle"), device="cpu")


@pytest.mark.parametrize("number", range(PLAYS))
def test_its_log_renders_what_it_showed(
    drive: Callable[..., Driver], world: World, tmp_path: Path, number: int
) -> None:
    path, hand = tmp_path / "kept.genie-session", random.Random(number)
    start = Start(prompt="a red sprite", seed=3)
    driver = drive(world, start=start, fps=600, recorder=Recorder(path))
    driver.until(lambda: not driver.game.loading)
    for _ in range(hand.choice((10, 60, 200))):
        _move(hand, driver.loop)
        driver.loop.tick()
    assert driver.game.failure is None
    record = read_session(path)  # as a kill would leave it: nothing has been closed
    for place, branch in enumerate(record.tree.branches):
        line = replace(record.tree.line(place, branch.end), tokens=())
        frames = render(world, Take(start=start_of(record, world.manifest.digest), line=line))
        kept = [record.start_digest, *record.tree.digests(place, branch.end)]
        assert [checksum(frame) for frame in frames] == kept, f"branch {place}"
