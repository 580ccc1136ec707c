"""Shares of the time are kept to, over as many starts as there are, and what others lost is borne by all."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

from genie.core.errors import GenieError
from tests.support.clock import Clock
from training import plan as module
from training.plan import PAGE, PLAN, Plan

SHARES = {"clips": 0.2, "tokenizer": 0.5, "dynamics": 0.3}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


class Killed(Exception):
    """Nothing after it is done."""


def work(plan: Plan, clock: Clock, part: str, seconds: float, *, killed: bool = False) -> float:
    """Work on a part for so long, and say how long it might have taken."""
    with plan.part(part) as given:
        clock.now += seconds
        if killed:
            plan.save()  # as the keeper does every few seconds
            raise Killed
    return given


def test_each_part_has_its_share_of_what_is_left(tmp_path: Path, clock: Clock) -> None:
    plan = Plan(tmp_path, SHARES, 100)
    assert work(plan, clock, "clips", 10) == pytest.approx(20)
    assert work(plan, clock, "tokenizer", 58) == pytest.approx(90 * 5 / 8), "what is saved is shared"
    assert work(plan, clock, "dynamics", 0) == pytest.approx(32)
    assert plan.left == pytest.approx(32)


def test_killed_a_part_gets_the_rest_of_its_share(tmp_path: Path, clock: Clock) -> None:
    plan = Plan(tmp_path, SHARES, 100)
    work(plan, clock, "clips", 20)
    with pytest.raises(Killed):
        work(plan, clock, "tokenizer", 30, killed=True)
    clock.now += 5000  # nobody works
    again = Plan(tmp_path, SHARES, 100)
    assert again.done == ["clips"] and again.spent == pytest.approx(50) and again.starts == 2
    assert work(again, clock, "tokenizer", 20) == pytest.approx(20)
    assert work(again, clock, "dynamics", 0) == pytest.approx(30)


def test_starts_that_come_to_nothing_use_a_part_up(tmp_path: Path, clock: Clock) -> None:
    work(Plan(tmp_path, SHARES, 100), clock, "clips", 20)
    for taken in (20, 25, 15):
        with pytest.raises(Killed):
            work(Plan(tmp_path, SHARES, 100), clock, "tokenizer", taken, killed=True)
    plan = Plan(tmp_path, SHARES, 100)
    assert plan.left == pytest.approx(20)
    assert work(plan, clock, "tokenizer", 0) == pytest.approx(1), "the dynamics keep theirs"


def test_over_time_every_part_still_gets_a_little(tmp_path: Path, clock: Clock) -> None:
    plan = Plan(tmp_path, SHARES, 100)
    work(plan, clock, "clips", 150)
    assert plan.left < 0
    assert work(plan, clock, "tokenizer", 3) == pytest.approx(1)
    assert work(plan, clock, "dynamics", 3) == pytest.approx(1)


def test_with_another_time_what_is_left_is_shared_anew(tmp_path: Path, clock: Clock) -> None:
    plan = Plan(tmp_path, SHARES, 100)
    work(plan, clock, "clips", 20)
    with pytest.raises(Killed):
        work(plan, clock, "tokenizer", 30, killed=True)
    longer = Plan(tmp_path, SHARES, 850)
    assert longer.left == pytest.approx(800)
    assert work(longer, clock, "tokenizer", 0) == pytest.approx(800 * 5 / 8 - 30)


def test_people_can_read_how_far_it_is(tmp_path: Path, clock: Clock) -> None:
    plan = Plan(tmp_path, SHARES, 600, lambda part: "step 7" if part == "tokenizer" else "")
    with plan.kept():
        work(plan, clock, "clips", 60)
        with plan.part("tokenizer"):
            clock.now += 30
            plan.save()
            page = (tmp_path / PAGE).read_text()
    assert page.splitlines() == [
        "10 minutes, 1.5 worked, 8.5 left",
        "done     clips            1.0 of 2.0 min",
        "now      tokenizer        0.5 of 5.6 min  step 7",
        "to come  dynamics         0.0",
    ]


def test_a_file_that_is_no_plan_is_one_line(tmp_path: Path) -> None:
    (tmp_path / PLAN).write_text("[1, 2")
    with pytest.raises(GenieError, match="not a plan"):
        Plan(tmp_path, SHARES, 100)


def test_a_plan_of_something_else_is_not_gone_on_with(tmp_path: Path, clock: Clock) -> None:
    made = {"world": "anna", "--preset": "debug"}
    with Plan(tmp_path, SHARES, 100, made=made).kept():
        pass
    Plan(tmp_path, SHARES, 200, made=made)
    with pytest.raises(GenieError, match="was begun with --preset debug, not gpu: give another --run"):
        Plan(tmp_path, SHARES, 100, made=made | {"--preset": "gpu"})


def test_a_disk_that_was_full_for_a_while_ends_no_keeping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAVE_SECONDS", 0.01)
    plan, told, again = Plan(tmp_path, SHARES, 100), [0], threading.Event()
    save = plan.save

    def full_at_first() -> None:
        told[0] += 1
        if told[0] == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        save()
        if told[0] > 2:
            again.set()

    monkeypatch.setattr(plan, "save", full_at_first)
    with plan.kept():
        assert again.wait(10)
