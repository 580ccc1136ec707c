"""How a stage is optimised, and for how long."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

SAFETY = 0.97  # of the time left is planned: a cooldown cut short is worth much less than a step fewer


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How a stage is optimised.

    steps: batches in all; batch: windows or frames in each. The learning rate rises over `warmup` steps,
    stays, and falls linearly to a hundredth over the last `cooldown` share of them. seconds: how long to
    train instead of `steps`, which are decided on when only the cooldown's share of that time is left, by how
    fast it goes then. ema: decay of the averaged weights, which are what later stages use. clip: gradients
    longer than so many times their usual length are cut to that. checkpoint_seconds: at most this much work
    is lost when killed.
    """

    steps: int
    batch: int
    learning_rate: float = 1e-3
    warmup: int = 200
    cooldown: float = 0.25
    seconds: float | None = None
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
        if self.seconds is not None and self.seconds <= 0:
            raise ValueError(f"a training takes more than {self.seconds} seconds")

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step, 0-based."""
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        if self.seconds is not None:
            return self.learning_rate * rise
        left = (self.steps - step) / max(1.0, self.cooldown * self.steps)
        return self.learning_rate * rise * max(0.01, min(1.0, left))

    def steps_left(self, spent: float, pace: float) -> int:
        """How many steps the time left is enough for, `pace` seconds each; 0 while it is too early to say."""
        if self.seconds is None or spent < (1 - self.cooldown) * self.seconds:
            return 0
        return max(1, int(SAFETY * (self.seconds - spent) / pace))

    def ending(self, step: int, more: int) -> LoopConfig:
        """The config with which a training that had `seconds` goes on from a step: `more` steps of cooldown.

        The rate was the same until here, whatever the clock said. So a training that is stopped and resumed
        is the one it would have been.
        """
        steps = step + more
        return dataclasses.replace(self, seconds=None, steps=steps, cooldown=more / steps)
