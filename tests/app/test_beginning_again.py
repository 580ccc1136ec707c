"""Beginning again tells the world the words that are in force, in the wording that they were told in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest

from genie.app.options import Options
from genie.app.plan import Plan
from genie.app.player import Player
from genie.app.recorder import Recorder
from genie.app.script import Script
from genie.app.session_plan import replay_plan, resume_plan
from genie.app.take import Start
from genie.clips.session_log import SUFFIX, SessionRecord, read_session
from genie.runtime.world import World
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest
from tests.support.tiny_bundle import SAID, write_tiny_bundle

Make = Callable[..., Driver]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("again") / "bundle", phrases=SAID)


@pytest.fixture(scope="module")
def world(bundle: Path) -> World:
    return World.open(bundle, device="cpu")


def session_as_typed(world: World, path: Path) -> SessionRecord:
    """Record a session that began with one word, told as it was typed."""
    player = Player(world, Start(prompt="blue", seed=1, expand=False), Recorder(path))
    player.step(2)
    player.close()
    record = read_session(path)
    assert record.header.prompt == "blue"
    return record


def test_words_told_as_typed_are_told_so_again(world: World) -> None:
    player = Player(world, Start(prompt="a red sprite on snow", seed=1))
    player.step(2)
    player.describe("blue", as_typed=True)
    assert player.restart().prompt == player.restart().prompt == "blue"
    assert player.restart(seed=2).prompt == "blue"
    assert player.describe("sand").prompt == "a blue sprite on the sand", "others are still read"


def test_words_that_were_read_are_read_again_for_another_seed(world: World) -> None:
    player = Player(world, Start(prompt="blue", seed=1))
    told = {player.moment().prompt}
    for seed in range(2, 12):
        told.add(player.restart(seed=seed).prompt)
        assert player.start.prompt == world.start(prompt="blue", seed=seed).prompt
        player.another(seed)
    assert len(told) > 1, "the start that they choose says what they leave open"


def test_a_recording_of_words_as_typed_begins_again_with_them(
    bundle: Path, world: World, tmp_path: Path
) -> None:
    record = session_as_typed(world, tmp_path / f"a{SUFFIX}")
    plan = replay_plan(Options(world=str(bundle), replay=tmp_path / f"a{SUFFIX}"))
    player = Player(world, plan.start)
    first = player.moment().frame
    assert player.restart().prompt == record.header.prompt
    np.testing.assert_array_equal(player.moment().frame, first)


def test_a_script_begins_again_as_it_began(drive: Make) -> None:
    driver = drive(script=Script(actions=(2,) * 400), start=Start(prompt="pink", seed=7, told=True)).play()
    driver.frames(3)
    driver.tap(pygame.K_r)
    driver.until(lambda: len(driver.world.sessions) == 2)
    assert driver.session.prompts[0] == (0, "pink")
    assert driver.session.seed == 7


@pytest.mark.parametrize("plan_of", [replay_plan, resume_plan])
def test_no_expand_holds_for_words_typed_in_a_recorded_session(
    bundle: Path, world: World, tmp_path: Path, plan_of: Callable[[Options], Plan]
) -> None:
    path = tmp_path / f"a{SUFFIX}"
    session_as_typed(world, path)
    for expand, told in ((True, "a blue sprite on the sand"), (False, "sand")):
        asked = {"replay": path} if plan_of is replay_plan else {"resume": path}
        plan = plan_of(Options(world=str(bundle), expand=expand, **asked))  # type: ignore[arg-type]
        player = Player(world, plan.start)
        assert player.moment().prompt == "blue"
        assert player.describe("sand").prompt == told


def test_no_expand_holds_for_words_typed_after_a_slot_is_opened(drive: Make) -> None:
    start = Start(prompt="a red alien on grass", seed=7, expand=False)
    driver = drive(FakeWorld(fake_manifest(fps=60)), start=start).play()
    driver.tap(pygame.K_F5)
    driver.until(lambda: driver.game.notice is not None and "Saved" in driver.game.notice.text)
    driver.game.saves.forget_places()
    driver.tap(pygame.K_F9)
    driver.until(lambda: driver.game.moment.session == 1)
    driver.game.words.describe("pink")
    driver.until(lambda: driver.game.moment.prompt == "pink")


def test_another_start_is_one_for_the_present_words(drive: Make) -> None:
    driver = drive().play()
    driver.world.choices = 2
    driver.frames(2)
    driver.game.words.describe("a blue alien on snow")
    for number in (1, 2):
        driver.tap(pygame.K_n)
        driver.until(lambda number=number: driver.game.moment.session == number)
        driver.settle()
        assert driver.session.prompts[0] == (0, "a blue alien on snow")
        assert (driver.session.seed, driver.world.chosen) == (7, number - 1)
        assert f"Start {number} of 2 for these words" in driver.game.notice.text
    driver.tap(pygame.K_n)
    driver.until(lambda: driver.game.moment.session == 3)
    assert driver.game.moment.prompt == "a blue alien on snow"
    assert driver.session.seed != 7
