"""The one training loop: every stage gives it a loss by step, and it does the rest."""

import dataclasses
import json
import time
from collections import deque
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict, set_optimizer_state_dict

from genie.clips.atomic import replace_file
from training import checkpoint, processes, sharded_checkpoint, sharding
from training.guard import only_one, stop_requests
from training.interruption import Interrupted
from training.loop_config import LoopConfig
from training.optimizers import optimizers_of
from training.progress import Progress
from training.stage import Stage

RECENT = 500  # steps that tell the pace, as many as lie between two validations
FEWEST = 20  # steps that do: the first ones after a start are slow


class Trainer:
    """Trains a stage in a run folder: checkpoint.pt, metrics.jsonl. Killed, it resumes exactly.

    until: when to be done by `time.monotonic`, instead of the config's steps or seconds. shard: spread the
    model over all processes; until such a training is done, its checkpoints are folders (sharded_checkpoint).
    """

    def __init__(
        self,
        stage: Stage[Any],
        config: LoopConfig,
        folder: Path,
        device: torch.device,
        until: float | None = None,
        *,
        shard: bool = False,
    ) -> None:
        self.stage, self.config, self.folder, self.device = stage, config, folder, device
        self.path = folder / sharded_checkpoint.PLAIN
        self.metrics = folder / "metrics.jsonl"
        self.sharded = sharding.Sharded(stage) if shard else None
        self.loss = self.sharded.loss if self.sharded else processes.whole_loss(stage)
        self.optimizers = optimizers_of(stage, config, shard=shard)
        self.average = {k: v.detach().clone() for k, v in stage.model.state_dict().items()}
        self.usual = torch.tensor(1.0, device=device)  # running length of the gradient
        self.step = 0
        self.more = 0  # steps of cooldown, once the time that is left has decided on them
        self.seconds = 0.0  # trained, over all starts
        self.marks: deque[float] = deque(maxlen=RECENT + 1)  # the seconds at the end of recent steps
        self.waited = (0.0, 0.0)  # seconds waited and trained when figures were last told
        self.first = processes.rank() == 0
        path = sharded_checkpoint.newest(folder)
        state = self._resume(path) if path else {}
        if until is not None:
            seconds = self.seconds + max(1.0, until - time.monotonic())
            self.config = dataclasses.replace(config, seconds=seconds)
        if self.config.seconds is not None and (more := state.get("more", 0)):
            self.more, begun = more, state["loop"]["steps"] - more
            self.config = self.config.ending(begun, more)

    def _resume(self, path: Path) -> dict[str, Any]:
        if path.is_dir():
            state = sharded_checkpoint.facts_of(path)
        else:
            state = checkpoint.load(path, "cpu" if self.sharded else self.device)
        if state["stage"] != self.stage.name or state["config"] != json.loads(
            json.dumps(self.stage.config())
        ):
            raise checkpoint.CheckpointError(f"{path} is of another stage or size: give another --run folder")
        if path.is_dir():
            self._fill_from_parts(path)
        else:
            self._fill(state, path)
        self.step, self.seconds = state["step"], state["seconds"]
        self.waited = (0.0, self.seconds)
        return state

    def _fill(self, state: dict[str, Any], path: Path) -> None:
        if state.get("optimizers") == []:
            raise checkpoint.CheckpointError(
                f"{path} holds a bundle's weights alone: delete it, and train them on with --start"
            )
        if len(state.get("optimizers", ())) != len(self.optimizers):
            raise checkpoint.CheckpointError(
                f"{path} was written by another version: train it again, in another --run"
            )
        ours = self.stage.model.state_dict()
        checkpoint.fill(self.stage.model, sharding.all_laid(state["model"], ours), path)
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(sharding.with_moments_laid(saved, optimizer))
        self.average = sharding.all_laid(state["average"], ours)
        self.usual = state["usual"].to(self.device)

    def _fill_from_parts(self, path: Path) -> None:
        moments = get_optimizer_state_dict(self.stage.model, self.optimizers)
        sharded_checkpoint.load(path, self._parts(moments))  # into the model's and the averages' own memory
        set_optimizer_state_dict(self.stage.model, self.optimizers, moments)

    def _parts(self, moments: dict[str, Any]) -> dict[str, Any]:
        """What a checkpoint in parts holds, by names that no number of processes changes."""
        return {
            "model": self.stage.model.state_dict(),
            "average": self.average,
            "usual": self.usual,
            "moments": moments["state"],
        }

    def _forget_lost_steps(self) -> None:
        """Drop the figures of steps after the checkpoint, which are made again, and a line torn by a kill."""
        if self.metrics.exists():
            lines = self.metrics.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= self.step]
            replace_file(self.metrics, "".join(kept).encode())

    def save(self, *, done: bool = False) -> None:
        """Write the checkpoint now, all processes together: in parts while a sharded training is not done."""
        self.saved = time.monotonic()
        facts = {
            "stage": self.stage.name,
            "config": json.loads(json.dumps(self.stage.config())),
            "learned_from": self.stage.learned_from(),
            "loop": dataclasses.asdict(self.config),
            "more": self.more,
            "step": self.step,
            "seconds": self.seconds,
        }
        if self.sharded and not done:
            moments = get_optimizer_state_dict(self.stage.model, self.optimizers)
            sharded_checkpoint.save(self.folder, facts, self._parts(moments))
            return
        if not self.first and not self.sharded:
            return  # it has the same state as the first
        state = {
            "model": self.stage.model.state_dict(),
            "average": self.average,
            "usual": self.usual,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        state = sharding.gathered(state)
        if self.first:
            checkpoint.save(self.path, facts | state)
            sharded_checkpoint.remove(self.folder)

    def run(self) -> None:
        """Train to the last step. Raises Interrupted, state saved, on Ctrl-C or SIGTERM."""
        self.stage.model.train()
        with (
            only_one(self.folder) if self.first else nullcontext(),
            stop_requests() as caught,
            Progress(self.stage.name, self.config.steps, self.step, shown=self.first) as progress,
        ):
            if self.first:
                self._forget_lost_steps()
            self.saved = self.clock = time.monotonic()
            while self.config.seconds is not None or self.step < self.config.steps:
                figures = self.one_step()
                self._count_time()
                self._log(figures, progress)
                if self._decide(bool(caught)):
                    self.save()
                    raise Interrupted(
                        f"stopped and saved at step {self.step}; the same command goes on from there"
                    )
            self.save(done=True)
            if caught:  # meanwhile
                raise Interrupted("stopped, this stage done and saved; the same command goes on from there")

    def _count_time(self) -> None:
        self.seconds, self.clock = self.seconds + time.monotonic() - self.clock, time.monotonic()

    def _decide(self, caught: bool) -> bool:
        """What all processes do alike after a step, by the first one's clock: returns whether they stop."""
        self._count_time()
        self.marks.append(self.seconds)
        due = time.monotonic() - self.saved > self.config.checkpoint_seconds
        more = self.config.steps_left(self.seconds, self._pace())
        clock = (due, more) if self.first else (0, 0)
        told = [int(value) for value in processes.agree((caught, *clock))]
        stops, due, more = bool(told[0]), bool(told[1]), told[2]
        if more:
            self.more, self.config = more, self.config.ending(self.step, more)
        if (due or more) and not stops:  # what the clock decided is never decided again
            self.save()
        return stops

    def _pace(self) -> float:
        """Seconds a step, validations and checkpoints included."""
        recent = len(self.marks) - 1
        if recent < FEWEST:
            return self.seconds / self.step
        return (self.marks[-1] - self.marks[0]) / recent

    def one_step(self) -> dict[str, Tensor]:
        """Learn from one batch, and return its figures."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.config.learning_rate_at(self.step)
        # Before the loss: until the backward pass, a sharded model has whole weights in place of its own.
        self.stage.model.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16):
            loss, figures = self.loss(self.step)
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
        gradients = [p.grad for p in self.stage.model.parameters() if p.grad is not None]
        length = sharding.whole(nn.utils.get_total_norm(gradients))
        # Not clip_grad_norm_: it wants the limit as a number, for which a GPU's queue has to run empty.
        torch._foreach_mul_(sharding.own(gradients), (limit / (length + 1e-6)).clamp(max=1.0))
        self.usual = torch.lerp(self.usual, torch.minimum(length, limit).detach(), 0.05)

    def _average(self) -> None:
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        current = self.stage.model.state_dict()
        floats = [k for k, v in current.items() if v.is_floating_point()]
        averages, weights = (sharding.own([values[k] for k in floats]) for values in (self.average, current))
        torch._foreach_lerp_(averages, weights, 1 - decay)
        for name in current.keys() - set(floats):
            self.average[name].copy_(current[name])

    def _log(self, figures: dict[str, Tensor], progress: Progress) -> None:
        last = self.step == self.config.steps and self.config.seconds is None
        logs = self.step % self.config.log_every == 0 or last
        validates = self.step % self.config.validate_every == 0 or last
        told: dict[str, float] = {}
        if logs or validates:
            told = processes.mean(figures)
        if validates and (self.first or self.sharded):
            told |= {f"held_out_{k}": v for k, v in self._validate().items()}
        if told and self.first:
            told["waiting"] = self._waiting()
            line = {"step": self.step, **told, "seconds": round(self.seconds, 1)}
            with self.metrics.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        progress.advance(told, total=self._expected_steps())

    def _waiting(self) -> float:
        """The share of the time since the last figures that went by waiting for data."""
        waited, since = self.stage.waited() - self.waited[0], self.seconds - self.waited[1]
        self.waited = (self.stage.waited(), self.seconds)
        return round(waited / max(since, 1e-9), 4)

    def _expected_steps(self) -> int:
        if self.config.seconds is None:
            return self.config.steps
        return max(self.step, round(self.step * self.config.seconds / max(self.seconds, 1e-9)))

    def _validate(self) -> dict[str, float]:
        current = {k: v.detach().clone() for k, v in self.stage.model.state_dict().items()}
        self.stage.model.load_state_dict(self.average)
        self.stage.model.eval()
        as_it_is = torch.compiler.set_stance("force_eager")  # compiling it for these batches takes longer
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16), as_it_is:
            figures = self.sharded.validate() if self.sharded else self.stage.validate(self.stage.model)
        self.stage.model.load_state_dict(current)
        self.stage.model.train()
        return figures
