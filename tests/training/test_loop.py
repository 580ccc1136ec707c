import dataclasses
import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.support.clock import Clock
from tests.support.full_disk import full_beyond
from training import checkpoint
from training.interruption import Interrupted
from training.loop import Trainer
from training.loop_config import LoopConfig
from training.stage import Stage

CPU = torch.device("cpu")
CONFIG = LoopConfig(steps=30, batch=4, learning_rate=1e-2, warmup=5, log_every=1, validate_every=10)


class Line(Stage):
    """Learns y = 3x - 1 from noisy points that depend on the step alone."""

    name = "line"

    def __init__(self, width: int = 1, stop_at: int | None = None) -> None:
        torch.manual_seed(0)
        self.model = nn.Linear(width, 1)
        self.stop_at = stop_at

    def config(self) -> dict[str, Any]:
        return {"width": self.model.in_features}

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        if step == self.stop_at:
            raise KeyboardInterrupt
        x = torch.randn(16, 1, generator=torch.Generator().manual_seed(step))
        loss = (self.model(x).float() - (3 * x - 1)).square().mean()
        return loss, {"twice": 2 * loss.detach()}


def lines(folder: Path) -> list[dict[str, float]]:
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if k not in ("seconds", "waiting")} for row in rows]


def test_killed_and_resumed_is_the_same_as_unbroken(tmp_path: Path) -> None:
    unbroken = Trainer(Line(), CONFIG, tmp_path / "unbroken", CPU)
    unbroken.run()

    broken = Trainer(Line(stop_at=17), CONFIG, tmp_path / "broken", CPU)
    with pytest.raises(KeyboardInterrupt):
        broken.run()
    broken.save()
    # figures written after the checkpoint, as a kill between two checkpoints leaves them
    with (tmp_path / "broken" / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"step": 18, "loss": 99.0}) + "\n")
    resumed = Trainer(Line(), CONFIG, tmp_path / "broken", CPU)
    assert resumed.step == 17
    resumed.run()

    assert lines(tmp_path / "broken") == lines(tmp_path / "unbroken")
    for ours, theirs in zip(resumed.stage.model.parameters(), unbroken.stage.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert torch.equal(resumed.average["weight"], unbroken.average["weight"])


class TimedLine(Line):
    """A step takes a second at first, and two once the rate falls."""

    def __init__(self, clock: Clock, stop_at: int | None = None) -> None:
        super().__init__(stop_at=stop_at)
        self.clock = clock

    def after_step(self, step: int) -> None:
        self.clock.now += 1 if step < 30 else 2


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("training.loop.time", clock)
    return clock


TIMED = LoopConfig(steps=1, batch=4, seconds=40, warmup=5, log_every=1, validate_every=10)


def test_time_decides_on_the_steps_and_the_rate_falls_within_it(tmp_path: Path, clock: Clock) -> None:
    trainer = Trainer(TimedLine(clock), TIMED, tmp_path, CPU)
    trainer.run()
    # 30 of 40 seconds at the full rate; then there is time for nine steps, as far as anybody can tell
    assert trainer.step == 39 == trainer.config.steps
    rates = [trainer.config.learning_rate_at(step) / TIMED.learning_rate for step in range(39)]
    assert rates[5:30] == [1.0] * 25
    assert rates[30:] == pytest.approx([1 - n / 9 for n in range(9)])


def test_what_the_clock_decided_is_never_decided_again(tmp_path: Path, clock: Clock) -> None:
    unbroken = Trainer(TimedLine(clock), TIMED, tmp_path / "unbroken", CPU)
    unbroken.run()
    for stop in (20, 30, 35):
        clock.now += 1000  # nobody trained meanwhile
        folder = tmp_path / f"broken-{stop}"
        broken = Trainer(TimedLine(clock, stop_at=stop), TIMED, folder, CPU)
        with pytest.raises(KeyboardInterrupt):
            broken.run()
        if stop < 30:
            broken.save()
        resumed = Trainer(TimedLine(clock), TIMED, folder, CPU)
        assert resumed.step == min(stop, 30), "what was decided was saved at once"
        resumed.run()
        assert lines(folder) == lines(tmp_path / "unbroken")
        assert torch.equal(resumed.average["weight"], unbroken.average["weight"])


def test_told_when_to_be_done_it_goes_by_what_is_left_then(tmp_path: Path, clock: Clock) -> None:
    trainer = Trainer(TimedLine(clock), CONFIG, tmp_path / "whole", CPU, until=clock.now + 40)
    trainer.run()
    assert trainer.step == 39, "as in so many seconds"
    broken = Trainer(TimedLine(clock, stop_at=10), CONFIG, tmp_path / "late", CPU, until=clock.now + 40)
    with pytest.raises(KeyboardInterrupt):
        broken.run()
    broken.save()
    clock.now += 1000
    resumed = Trainer(TimedLine(clock), CONFIG, tmp_path / "late", CPU, until=clock.now + 14)
    assert resumed.config.seconds == 10 + 14
    resumed.run()
    assert 22 <= resumed.step <= 24 and resumed.seconds <= 24


def test_a_kill_costs_little_more_than_the_seconds_between_checkpoints(tmp_path: Path, clock: Clock) -> None:
    config = dataclasses.replace(CONFIG, steps=60, checkpoint_seconds=6.5, validate_every=1000)
    trainer = Trainer(TimedLine(clock, stop_at=52), config, tmp_path, CPU)
    written: dict[int, float] = {}
    save = trainer.save

    def noted() -> None:
        save()
        written[checkpoint.load(trainer.path)["step"]] = clock.now

    trainer.save = noted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    # After the first step that ends too late: a step takes one second, from the thirtieth on two.
    assert written == {7: 7, 14: 14, 21: 21, 28: 28, 33: 36, 37: 44, 41: 52, 45: 60, 49: 68}
    resumed = Trainer(TimedLine(clock), config, tmp_path, CPU)
    assert resumed.step == 49 and clock.now == 74, "six seconds of work are lost"


def test_the_time_left_is_told_as_it_will_be(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.progress.time", clock)
    config = dataclasses.replace(TIMED, seconds=600)
    told: list[tuple[float, str]] = []
    stage = TimedLine(clock)
    trainer = Trainer(stage, config, tmp_path, CPU)
    log = trainer._log

    def heard(*args: Any) -> None:
        log(*args)
        told.extend((clock.now, line) for line in capsys.readouterr().err.splitlines())

    trainer._log = heard  # type: ignore[method-assign]
    trainer.run()
    assert 8 <= len(told) <= 10, "a line a minute"
    for now, line in told:
        left = re.fullmatch(r"line: \d+/\d+, ([\d.]+) min left  loss .*", line)
        assert left, line
        assert float(left[1]) == pytest.approx((600 - now) / 60, abs=0.5)


def test_it_learns_and_the_average_follows(tmp_path: Path) -> None:
    config = LoopConfig(steps=400, batch=4, learning_rate=5e-2, warmup=5, weight_decay=0)
    trainer = Trainer(Line(), config, tmp_path, CPU)
    trainer.run()
    assert trainer.stage.model.weight.item() == pytest.approx(3, abs=0.05)
    assert trainer.average["bias"].item() == pytest.approx(-1, abs=0.1)


def test_a_checkpoint_of_another_size_is_refused(tmp_path: Path) -> None:
    Trainer(Line(), CONFIG, tmp_path, CPU).run()
    with pytest.raises(checkpoint.CheckpointError, match="another stage or size"):
        Trainer(Line(width=2), CONFIG, tmp_path, CPU)


def test_a_broken_checkpoint_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(checkpoint.CheckpointError, match="not a readable checkpoint"):
        checkpoint.load(tmp_path / "checkpoint.pt")
    with pytest.raises(checkpoint.CheckpointError, match="train that stage first"):
        checkpoint.load(tmp_path / "nowhere.pt")


def test_the_learning_rate_rises_stays_and_falls() -> None:
    config = LoopConfig(steps=100, batch=1, learning_rate=0.5, warmup=10, cooldown=0.2)
    rates = [2 * config.learning_rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1) and rates[50] == 1.0
    assert rates[90] == pytest.approx(0.5) and rates[99] == pytest.approx(0.05)
    assert rates[80:] == sorted(rates[80:], reverse=True)


def test_weights_of_an_earlier_version_are_refused_in_one_line(tmp_path: Path) -> None:
    Trainer(Line(), CONFIG, tmp_path, CPU).run()
    state = checkpoint.load(tmp_path / "checkpoint.pt")
    del state["model"]["bias"]
    checkpoint.save(tmp_path / "checkpoint.pt", state)
    with pytest.raises(checkpoint.CheckpointError, match="another version of this model"):
        Trainer(Line(), CONFIG, tmp_path, CPU)


def test_a_config_of_an_earlier_version_is_refused_in_one_line() -> None:
    with pytest.raises(checkpoint.CheckpointError, match="LoopConfig lacks"):
        checkpoint.config_from(LoopConfig, {"steps": 1, "batch": 1, "emphasis": 3.0})


def test_a_full_disk_is_one_line_and_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path, {"step": 1})
    for room in (100, 20_000):
        with pytest.raises((checkpoint.CheckpointError, OSError)) as caught, full_beyond(room):
            checkpoint.save(path, {"step": 2, "weights": torch.zeros(100_000)})
        assert "\n" not in str(caught.value)
        assert not isinstance(caught.value, checkpoint.CheckpointError) or "Make room" in str(caught.value)
        assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"], "no half of it is kept"
    assert checkpoint.load(path) == {"step": 1}


def test_told_to_stop_while_the_last_checkpoint_is_written_it_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = checkpoint.save

    def told(path: Path, state: dict[str, Any]) -> None:
        signal.raise_signal(signal.SIGINT)
        save(path, state)

    monkeypatch.setattr(checkpoint, "save", told)
    trainer = Trainer(Line(), CONFIG, tmp_path, CPU)
    with pytest.raises(Interrupted, match="this stage done and saved"):
        trainer.run()
    assert checkpoint.load(tmp_path / "checkpoint.pt")["step"] == CONFIG.steps
