"""Presets: every size and every number of steps of a training, by name."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from genie.core.errors import UsageError, suggest
from genie.models.dynamics import DynamicsConfig
from genie.models.latent_action import LatentActionConfig
from genie.models.tokenizer import TokenizerConfig
from training.loop_config import LoopConfig
from training.train_dynamics import Corruption

SOLVED = LoopConfig(steps=1, batch=1, learning_rate=1e-9, weight_decay=0.0)  # the keys' map needs no training
STAGES = ("tokenizer", "latent-action", "keys", "text", "dynamics", "judge", "attributes", "captioner")
JUDGES = ("judge", "attributes")  # which learn from levels of their own
EXTRA_STAGES = (*JUDGES, "captioner")  # no part of a world


@dataclass(frozen=True, kw_only=True)
class Preset:
    """All sizes of one training.

    The models' fields that follow from the world or from an earlier stage (frame size, token grid, number of
    actions) are filled in when the stage is built. loops holds a LoopConfig a stage; frames is the
    length of the dynamics' windows, changing the share of them drawn over a change of look; labels the
    number of labelled transitions that the keys are mapped with;
    judge_pairs and judge_moments how much of the simulator a judge sees, judge_held the frames of a held key;
    actions is "latent", or "keys" for the yardstick model trained on the true keys.
    """

    tokenizer: TokenizerConfig
    latent_action: LatentActionConfig
    text_channels: int
    text_layers: int
    caption_length: int
    dynamics: DynamicsConfig
    corruption: Corruption
    frames: int
    loops: dict[str, LoopConfig]
    changing: float = 0.4
    labels: int = 1000
    judge_channels: int = 64
    judge_pairs: int = 10_000
    judge_moments: int = 2_000
    judge_held: int = 8
    actions: str = "latent"


def cpu() -> Preset:
    """Hours on two cores: the preset the shipped worlds are trained with."""
    return Preset(
        tokenizer=TokenizerConfig(),
        latent_action=LatentActionConfig(),
        text_channels=128,
        text_layers=3,
        caption_length=40,
        dynamics=DynamicsConfig(channels=192, heads=3, layers=8, window=24, passes=4),
        corruption=Corruption(),
        frames=25,
        changing=0.7,
        loops={
            "tokenizer": LoopConfig(steps=40_000, batch=32, learning_rate=6e-4),
            "latent-action": LoopConfig(steps=8_000, batch=32, learning_rate=1e-3),
            "keys": SOLVED,
            "text": LoopConfig(steps=2_000, batch=128, learning_rate=1e-3),
            "dynamics": LoopConfig(steps=20_000, batch=4, learning_rate=2e-3, warmup=100, weight_decay=0.02),
            "judge": LoopConfig(steps=4_000, batch=32, learning_rate=1e-3),
            "attributes": LoopConfig(steps=3_000, batch=48, learning_rate=2e-3, warmup=50, ema=0.99),
            "captioner": LoopConfig(steps=6_000, batch=48, learning_rate=2e-3, warmup=100),
        },
    )


def gpu() -> Preset:
    """Twenty-five minutes on one data-centre GPU; the same sizes to play with, far more data seen."""
    base = cpu()
    return dataclasses.replace(
        base,
        loops={
            "tokenizer": LoopConfig(steps=30_000, batch=256, learning_rate=1e-3),
            "latent-action": LoopConfig(steps=6_000, batch=256, learning_rate=1e-3),
            "keys": base.loops["keys"],
            "text": LoopConfig(steps=3_000, batch=512, learning_rate=1e-3),
            "dynamics": LoopConfig(steps=30_000, batch=32, learning_rate=2e-3, weight_decay=0.02),
            "judge": LoopConfig(steps=5_000, batch=256, learning_rate=1e-3),
            "attributes": LoopConfig(steps=6_000, batch=256, learning_rate=2e-3),
            "captioner": LoopConfig(steps=6_000, batch=256, learning_rate=2e-3),
        },
    )


def debug() -> Preset:
    """Three or four minutes on a CPU, for a tiny world: CI's end-to-end test."""
    return Preset(
        tokenizer=TokenizerConfig(
            fine=16,
            coarse=48,
            encoder_fine_blocks=1,
            encoder_coarse_blocks=1,
            decoder_fine_blocks=1,
            decoder_coarse_blocks=1,
        ),
        latent_action=LatentActionConfig(channels=16, blocks=1, codes=6),
        text_channels=32,
        text_layers=1,
        caption_length=24,
        dynamics=DynamicsConfig(channels=64, heads=2, layers=2, sampler_layers=1, window=8),
        corruption=Corruption(own_after=1000),
        frames=5,
        judge_channels=16,
        judge_pairs=200,
        judge_moments=60,
        loops={
            stage: LoopConfig(
                steps=steps, batch=batch, learning_rate=3e-3, warmup=20, ema=0.98, validate_every=1000
            )
            for stage, steps, batch in (
                ("tokenizer", 600, 16),
                ("latent-action", 1200, 32),
                ("text", 30, 16),
                ("dynamics", 2000, 16),
                ("judge", 200, 32),
                ("attributes", 200, 32),
                ("captioner", 150, 16),
            )
        }
        | {"keys": SOLVED},
    )


PRESETS: dict[str, Callable[[], Preset]] = {"cpu": cpu, "gpu": gpu, "debug": debug}


def check_size(height: int, width: int) -> None:
    """Raise UsageError for frames that the models of a world cannot be trained on."""
    for side in (height, width):
        if side % 8 or side < 16 or (side // 4) // (side // 16) != 4:  # see latent_action._pooled
            raise UsageError(
                f"frames of {height}x{width} cannot be learned from: both sides are to be 16, 32, 48 pixels "
                "or any more that 8 divides"
            )


def preset(name: str, *, height: int, width: int, actions: str = "latent") -> Preset:
    """A preset by name, sized for a world's frames. Raises UsageError with a suggestion."""
    if name not in PRESETS:
        raise UsageError(f"no preset {name!r}; there are {', '.join(PRESETS)}.{suggest(name, PRESETS)}")
    if actions not in ("latent", "keys"):
        raise UsageError(f"actions are 'latent' or 'keys', not {actions!r}")
    base = PRESETS[name]()
    check_size(height, width)
    return dataclasses.replace(
        base,
        tokenizer=dataclasses.replace(base.tokenizer, height=height, width=width),
        latent_action=dataclasses.replace(base.latent_action, height=height, width=width),
        actions=actions,
    )
