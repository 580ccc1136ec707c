"""Two processes train what one would have trained, and each goes on where the other number stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from genie.core.errors import UsageError
from tests.training.train_together import CPU, STEPS, STOP, sprite_store, stage, train
from training import checkpoint, processes

ROOT = Path(__file__).parents[2]
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same trainings by one process, by two, and by one after the other."""
    folder = tmp_path_factory.mktemp("processes")
    store = sprite_store()
    for name in ("tokenizer", "latent-action", "text"):
        train(name, store, folder / "one" / name)
    train("tokenizer", store, folder / "half", told=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    script = ROOT / "tests" / "training" / "train_together.py"
    done = subprocess.run(
        [*TORCHRUN, str(script), str(folder)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (folder / "stderr").write_text(done.stderr)
    state = checkpoint.load(folder / "broken" / "checkpoint.pt")
    assert state["step"] == STOP, "told one, both stop after the same step"
    train("tokenizer", store, folder / "broken")
    return folder


def state_of(folder: Path) -> dict[str, Any]:
    return checkpoint.load(folder / "checkpoint.pt")


def far(ours: Path, theirs: Path, name: str, folder: Path) -> float:
    """How far apart two trainings ended, as a share of the way that they went."""
    begun = stage(name, sprite_store(), folder).model.state_dict()
    ends = [state_of(path)["model"] for path in (ours, theirs)]
    floats = [k for k, v in begun.items() if v.is_floating_point()]
    apart = sum(float((ends[0][k] - ends[1][k]).square().sum()) for k in floats)
    gone = sum(float((ends[1][k] - begun[k]).square().sum()) for k in floats)
    return (apart / gone) ** 0.5


@pytest.mark.parametrize("name", ["tokenizer", "latent-action", "text"])
def test_two_end_where_one_does(trained: Path, tmp_path: Path, name: str) -> None:
    assert far(trained / "two" / name, trained / "one" / name, name, tmp_path) < 0.2


@pytest.mark.parametrize("name", ["half", "broken"])
def test_checkpoints_resume_on_another_number_of_processes(trained: Path, tmp_path: Path, name: str) -> None:
    assert state_of(trained / name)["step"] == STEPS
    assert far(trained / name, trained / "one" / "tokenizer", "tokenizer", tmp_path) < 0.05


def test_figures_are_those_of_the_whole_batch_and_written_once(trained: Path) -> None:
    one, two = (
        [json.loads(line) for line in (trained / which / "tokenizer" / "metrics.jsonl").open()]
        for which in ("one", "two")
    )
    assert [line["step"] for line in two] == list(range(1, STEPS + 1))
    for ours, theirs in zip(two, one, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=0.02)
    assert (trained / "stderr").read_text().count(f"text: {STEPS}/{STEPS}") == 1, "one shows progress"


def test_codes_are_counted_over_all_processes(trained: Path) -> None:
    one, two = (state_of(trained / which / "latent-action")["model"]["used"] for which in ("one", "two"))
    assert one.sum() == two.sum() > 0


def test_a_batch_that_cannot_be_shared_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "count", lambda: 3)
    with pytest.raises(UsageError, match="3 processes cannot share a batch of 8"):
        processes.may_share(8)


def test_alone_nothing_changes() -> None:
    rows = torch.arange(4, device=CPU)
    assert processes.count() == 1 and processes.rank() == 0
    assert torch.equal(processes.share(rows), rows)
    assert processes.agree((0.5, 2)) == [0.5, 2] and processes.own_seed(7) == 7


def test_the_first_goes_first_then_the_first_of_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two machines with two processes each, here threads."""
    here, gate = threading.local(), threading.Barrier(4)
    order: list[int] = []
    monkeypatch.setattr(processes, "rank", lambda: here.rank)
    monkeypatch.setattr(processes, "count", lambda: 4)
    monkeypatch.setattr(processes.dist, "barrier", gate.wait)
    monkeypatch.setattr(processes, "local_rank", lambda: here.rank % 2)

    def run(rank: int) -> None:
        here.rank = rank
        with processes.first_alone():
            order.append(rank)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, (3, 2, 1, 0), timeout=20))
    assert order[:2] == [0, 2] and set(order[2:]) == {1, 3}
