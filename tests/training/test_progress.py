"""How far a piece of work is, said wherever it runs."""

from __future__ import annotations

import sys

import pytest

from tests.support.clock import Clock
from training import progress as module
from training.progress import Counter, Progress


def test_work_goes_on_where_there_is_no_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with Progress("counting", 3) as progress:
        progress.advance()
    assert progress.done == 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_without_a_terminal_a_line_a_minute_tells_the_time_left(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Work gone on with at 40 of 101: the pace is that of what was done since."""
    with Progress("dynamics", 101, 40) as progress:
        for step in range(6):
            clock.now += 25
            progress.advance({"loss": 1.23456} if step == 2 else None)
            if step == 2:
                assert capsys.readouterr().err == "dynamics: 43/101, 24.2 min left  loss 1.235\n"
        assert capsys.readouterr().err == "dynamics: 46/101, 22.9 min left  loss 1.235\n"
        clock.now += 6
        progress.advance(steps=14)
        assert capsys.readouterr().err == "", "not a minute since the last line"
    assert capsys.readouterr().err == "dynamics: 60/101, 5.3 min left  loss 1.235\n"


def test_a_total_that_changes_changes_the_time_left(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("dynamics", 1) as progress:
        clock.now += 120
        progress.advance(steps=10, total=30)
        assert capsys.readouterr().err == "dynamics: 10/30, 4.0 min left  \n"
        clock.now += 120
        progress.advance(steps=10, total=20)
        assert capsys.readouterr().err == "dynamics: 20/20, 0.0 min left  \n"


def test_processes_beside_the_first_tell_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("dynamics", 10, shown=False) as progress:
        clock.now += 120
        progress.advance()
    assert capsys.readouterr().err == ""


def test_work_that_learns_its_total_late_is_counted_from_then(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Counter("simulate pairs") as counter:
        counter(4, 10)
        clock.now += 61
        counter(6, 10)
        assert capsys.readouterr().err == "simulate pairs: 6/10, 2.0 min left  \n"
