"""Work in processes of an adapter: in order, with its errors, and alive after a crash."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from genie.core.errors import SourceError
from genie.worlds.processes import Processes

JOBS = """
import os, time
from genie.core.errors import SourceError
from .rules import FACTOR

def times(number, wait):
    time.sleep(wait)
    return number * FACTOR, os.getpid()

def refuse(number):
    raise SourceError(f"no {number}")

def die(number):
    os._exit(3)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    world = tmp_path / "toy"
    world.mkdir()
    (world / "rules.py").write_text("FACTOR = 10\n")
    (world / "jobs.py").write_text(JOBS)
    return world / "jobs.py"


def test_results_come_in_order_from_other_processes_that_stay(file: Path) -> None:
    processes = Processes(file, 2)
    jobs = [(n, 0.05 if n % 2 == 0 else 0.0) for n in range(24)]
    results = list(processes.each("times", jobs))
    assert [number for number, _ in results] == [10 * n for n in range(24)]
    again = {pid for _, pid in processes.each("times", jobs[:4])}
    assert again <= {pid for _, pid in results}


def test_errors_arrive_and_a_crash_is_one_line_that_a_later_try_survives(file: Path) -> None:
    processes = Processes(file, 1)
    with pytest.raises(SourceError, match="no 7"):
        list(processes.each("refuse", [(7,)]))
    with pytest.raises(SourceError, match="toy's simulator died") as caught:
        list(processes.each("die", [(1,)]))
    assert "\n" not in str(caught.value)
    assert next(iter(processes.each("times", [(3, 0)])))[0] == 30


def work(file: Path) -> None:
    assert [number for number, _ in Processes(file, 2).each("times", [(1, 0), (2, 0)])] == [10, 20]


def test_a_process_that_has_such_processes_of_its_own_ends_when_it_is_done(file: Path) -> None:
    recorder = multiprocessing.get_context("spawn").Process(target=work, args=(file,))
    recorder.start()
    recorder.join(60)
    ended = recorder.exitcode
    recorder.kill()
    assert ended == 0
