"""The one training loop: every stage gives it a loss by step, and it does the rest."""

import dataclasses
import json
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import torch
from filelock import FileLock, Timeout
from torch import Tensor, nn

from genie.clips.atomic import replace_file
from genie.core.errors import GenieError
from training import checkpoint
from training.interruption import Interrupted
from training.progress import Progress

Model = TypeVar("Model", bound=nn.Module)


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How a stage is optimised.

    steps: batches in all; batch: windows or frames each. The learning rate rises over `warmup` steps, stays,
    and falls linearly to a hundredth over the last `cooldown` share. ema: decay of the averaged weights,
    which are what later stages use. clip: gradients longer than so many times their usual length are cut to
    that. checkpoint_seconds: at most this much work is lost when killed.
    """

    steps: int
    batch: int
    learning_rate: float = 1e-3
    warmup: int = 200
    cooldown: float = 0.25
    weight_decay: float = 0.01
    clip: float = 2.0
    ema: float = 0.999
    seed: int = 0
    checkpoint_seconds: float = 240.0
    log_every: int = 25
    validate_every: int = 500

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError(f"steps and batch must be at least 1, got {self.steps} and {self.batch}")
        if not 0 < self.learning_rate < 1:
            raise ValueError(f"the learning rate must be between 0 and 1, got {self.learning_rate}")

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step, 0-based."""
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        left = (self.steps - step) / max(1.0, self.cooldown * self.steps)
        return self.learning_rate * rise * max(0.01, min(1.0, left))


class Stage(ABC, Generic[Model]):
    """What is particular to one stage: its model, and each step's loss as a pure function of the step."""

    name: str
    model: Model

    @abstractmethod
    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss to minimise at a step, and figures to log beside it (scalars)."""

    def validate(self, model: Model) -> dict[str, float]:
        """Figures on validation clips with the averaged weights; nothing by default."""
        return {}

    def after_step(self, step: int) -> None:
        """Upkeep that is not a gradient step (dead codes brought back); nothing by default."""
        return

    def learned_from(self) -> dict[str, Any]:
        """Which data it learns from, as plain values saved with its weights; nothing by default."""
        return {}

    def hidden_matrices(self) -> list[nn.Parameter]:
        """Weights from hidden channels to hidden channels, which Muon trains; none by default."""
        return []

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The model's config as plain values, saved with its weights."""


def _optimizers(stage: Stage[Any], config: LoopConfig) -> list[torch.optim.Optimizer]:
    """AdamW, and Muon (kellerjordan.github.io/posts/muon) for matrices between hidden channels."""
    matrices = stage.hidden_matrices()
    ours = {id(matrix) for matrix in matrices}
    rest = [p for p in stage.model.parameters() if id(p) not in ours]
    lr, decay = config.learning_rate, config.weight_decay
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.99), weight_decay=decay, fused=True)
    ]
    if matrices:
        # Its steps are scaled to AdamW's usual length, so that one learning rate serves both.
        muon = torch.optim.Muon(matrices, lr=lr, weight_decay=decay, adjust_lr_fn="match_rms_adamw")
        optimizers.append(muon)
    return optimizers


@contextmanager
def _stop_requests() -> Iterator[list[int]]:
    """Collects SIGINT and SIGTERM, so that a step in progress ends and is saved."""
    caught: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.signal(number, lambda n, _: caught.append(n)) for number in numbers}
    try:
        yield caught
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Refuses a second training in the same folder; the lock goes with the process that holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "lock", timeout=0):
            yield
    except Timeout:
        raise GenieError(
            f"another training is running in {folder}: wait for it, or give another --run"
        ) from None


class Trainer:
    """Trains a stage in a run folder: checkpoint.pt, metrics.jsonl. Killed, it resumes exactly."""

    def __init__(self, stage: Stage[Any], config: LoopConfig, folder: Path, device: torch.device) -> None:
        self.stage, self.config, self.folder, self.device = stage, config, folder, device
        self.path = folder / "checkpoint.pt"
        self.metrics = folder / "metrics.jsonl"
        self.optimizers = _optimizers(stage, config)
        self.average = {k: v.detach().clone() for k, v in stage.model.state_dict().items()}
        self.usual = torch.tensor(1.0, device=device)  # running length of the gradient
        self.step = 0
        self.seconds = 0.0
        if self.path.exists():
            self._resume()

    def _resume(self) -> None:
        state = checkpoint.load(self.path, self.device)
        if state["stage"] != self.stage.name or state["config"] != json.loads(
            json.dumps(self.stage.config())
        ):
            raise checkpoint.CheckpointError(
                f"{self.path} is of another stage or size: give another --run folder"
            )
        checkpoint.fill(self.stage.model, state["model"], self.path)
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.average = state["average"]
        self.usual = state["usual"].to(self.device)
        self.step, self.seconds = state["step"], state["seconds"]

    def _forget_lost_steps(self) -> None:
        """Drop the figures of steps after the checkpoint, which are made again, and a line torn by a kill."""
        if self.metrics.exists():
            lines = self.metrics.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= self.step]
            replace_file(self.metrics, "".join(kept).encode())

    def save(self) -> None:
        """Write the checkpoint now."""
        state = {
            "stage": self.stage.name,
            "config": json.loads(json.dumps(self.stage.config())),
            "learned_from": self.stage.learned_from(),
            "loop": dataclasses.asdict(self.config),
            "step": self.step,
            "seconds": self.seconds,
            "model": self.stage.model.state_dict(),
            "average": self.average,
            "usual": self.usual,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        checkpoint.save(self.path, state)

    def run(self) -> None:
        """Train to the last step. Raises Interrupted, state saved, on Ctrl-C or SIGTERM."""
        self.stage.model.train()
        saved = time.monotonic()
        with (
            _only_one(self.folder),
            _stop_requests() as caught,
            Progress(self.stage.name, self.config.steps, self.step) as progress,
        ):
            self._forget_lost_steps()
            while self.step < self.config.steps:
                begun = time.monotonic()
                figures = self._one_step()
                self.seconds += time.monotonic() - begun
                self._log(figures, progress)
                if caught or time.monotonic() - saved > self.config.checkpoint_seconds:
                    self.save()
                    saved = time.monotonic()
                if caught:
                    raise Interrupted(
                        f"stopped and saved at step {self.step}; the same command goes on from there"
                    )
            self.save()

    def _one_step(self) -> dict[str, Tensor]:
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.config.learning_rate_at(self.step)
        with torch.autocast(self.device.type, torch.bfloat16):
            loss, figures = self.stage.loss(self.step)
        self.stage.model.zero_grad(set_to_none=True)
        loss.backward()
        self._clip()
        for optimizer in self.optimizers:
            optimizer.step()
        self.stage.after_step(self.step)
        self.step += 1
        self._average()
        return {"loss": loss.detach(), **figures}

    def _clip(self) -> None:
        # A fixed limit is far above these small gradients: a spike that it let through cost a run 7 dB.
        limit = self.config.clip * self.usual
        # A tensor serves as the limit, whatever the signature says: a number would make a GPU wait.
        length = nn.utils.clip_grad_norm_(self.stage.model.parameters(), cast(float, limit))
        self.usual = torch.lerp(self.usual, torch.minimum(length, limit).detach(), 0.05)

    def _average(self) -> None:
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        current = self.stage.model.state_dict()
        floats = [k for k, v in current.items() if v.is_floating_point()]
        torch._foreach_lerp_([self.average[k] for k in floats], [current[k] for k in floats], 1 - decay)
        for name in current.keys() - set(floats):
            self.average[name].copy_(current[name])

    def _log(self, figures: dict[str, Tensor], progress: Progress) -> None:
        last = self.step == self.config.steps
        logs = self.step % self.config.log_every == 0 or last
        validates = self.step % self.config.validate_every == 0 or last
        line: dict[str, float] = {"step": self.step}
        if logs or validates:
            line |= {name: float(value) for name, value in figures.items()}
        if validates:
            line |= {f"held_out_{k}": v for k, v in self._validate().items()}
        if logs or validates:
            with self.metrics.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**line, "seconds": round(self.seconds, 1)}) + "\n")
        progress.advance({k: v for k, v in line.items() if k != "step"})

    def _validate(self) -> dict[str, float]:
        current = {k: v.detach().clone() for k, v in self.stage.model.state_dict().items()}
        self.stage.model.load_state_dict(self.average)
        self.stage.model.eval()
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16):
            figures = self.stage.validate(self.stage.model)
        self.stage.model.load_state_dict(current)
        self.stage.model.train()
        return figures
