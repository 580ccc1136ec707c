"""All of it for one world: clips, every stage of training, the bundle that is played, and its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from genie.worlds import WorldSpec
from training.guard import only_one
from training.parts import MakeConfig, Parts
from training.plan import PAGE, Plan

SHARES = {
    "clips": 0.10,
    "starts clips": 0.01,
    "test clips": 0.01,
    "unseen clips": 0.01,
    "judge clips": 0.01,
    "tokenizer": 0.24,
    "latent-action": 0.09,
    "keys": 0.01,
    "text": 0.03,
    "judge": 0.07,
    "attributes": 0.03,
    "dynamics": 0.30,
    "bundle": 0.03,
    "report": 0.06,
}
"""What each part asks for of the minutes. The dynamics come last of what is trained: what the others did not
need is theirs."""
MADE = ("clips", "starts clips", "tokenizer", "latent-action", "keys", "text", "dynamics", "bundle")


def make(config: MakeConfig, world: WorldSpec, say: Callable[[str], None]) -> Path:
    """Make the world's bundle and return its folder; killed and started again, it goes on where it was.

    With `config.minutes` every part has its share of them, what was done before a cut is not done again, and
    judges and a report are made too where there is a simulator for it. `say` gets a line before each part.
    Raises what the parts raise, ClipError where there is nothing to learn from.
    """
    parts = Parts(config, world, say)
    parts.check()
    judged = config.minutes is not None and parts.can_be_judged
    names = [name for name in (SHARES if judged else MADE) if parts.can_have(name)]
    with only_one(config.run):
        if config.minutes is None:
            for number, name in enumerate(names, 1):
                say(f"{number} of {len(names)}: {name}")
                parts.work(name, None)
            return parts.bundle
        shares = {name: SHARES[name] for name in names}
        plan = Plan(config.run, shares, 60 * config.minutes, parts.figures, parts.made)
        say(f"{config.minutes:g} minutes, {plan.left / 60:.1f} of them left; see {config.run / PAGE}")
        with plan.kept():
            for number, name in enumerate(names, 1):
                if name in plan.done:
                    continue
                with plan.part(name) as seconds:
                    say(f"{number} of {len(names)}: {name}, {seconds / 60:.1f} minutes")
                    parts.work(name, seconds)
    return parts.bundle
