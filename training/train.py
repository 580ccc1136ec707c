"""Builds a stage from a dataset and what the run folder already holds, and trains it."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError, DeviceError, UsageError, suggest
from genie.models.text import TextConfig
from genie.worlds import WorldSpec, load_source
from training.loop import LoopConfig, Stage, Trainer
from training.presets import STAGES, Preset, preset
from training.train_dynamics import ActionReader, DynamicsStage
from training.train_judge import FRAMES, JudgeConfig, JudgeStage
from training.train_keys import KeysStage
from training.train_latent_action import LatentActionStage, split_transition
from training.train_text import TextStage, caption_ids, learn_vocabulary
from training.train_tokenizer import TokenizerStage
from training.trained import VOCABULARY, Run
from training.windows import Window, Windows


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What to train: a stage of a world, from the clips in `data`, in the folder `run`.

    steps and batch, where given, replace the preset's. actions: "latent", or "keys" for the yardstick.
    decoder_only: the tokenizer's tokens stay what they are and only its decoder learns on.
    cache: where the decoded frames lie; in the dataset where None.
    """

    stage: str
    data: Path
    run: Path
    preset: str = "cpu"
    steps: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    device: str = "auto"
    actions: str = "latent"
    decoder_only: bool = False
    cache: Path | None = None


def pick_device(name: str) -> torch.device:
    """The torch device for "auto", "cpu" or "cuda". Raises DeviceError when it is not there."""
    if name not in ("auto", "cpu", "cuda"):
        raise UsageError(f"the device is auto, cpu or cuda, not {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise DeviceError("no CUDA device is available to torch: use --device cpu, or install torch with CUDA")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def train(config: TrainConfig, world: WorldSpec) -> Path:
    """Train one stage to its end and return its folder; see Trainer for how it resumes.

    Raises UsageError for an unknown stage or preset, ClipError for clips that cannot be used, CheckpointError
    when an earlier stage is missing, Interrupted (state saved) on Ctrl-C.
    """
    if config.stage not in STAGES:
        raise UsageError(f"no stage {config.stage!r}; there are {', '.join(STAGES)}.{suggest(config.stage, STAGES)}")
    height, width = world.frame_size
    sizes = preset(config.preset, height=height, width=width, actions=config.actions)
    loop = _loop(sizes, config)
    device = pick_device(config.device)
    torch.manual_seed(loop.seed)
    store = FrameStore.open(config.data, "judge" if config.stage == "judge" else "train", config.cache)
    if store.action_names and store.action_names != world.actions.names:
        raise ClipError(f"{config.data} has the actions {store.action_names}, {world.id} has {world.actions.names}")
    run = Run(config.run, device)
    stage = _BUILDERS[config.stage](sizes, loop, store, run, world, config)
    Trainer(stage, loop, run.stage(config.stage), device).run()
    return run.stage(config.stage)


def _loop(sizes: Preset, config: TrainConfig) -> LoopConfig:
    given = {"steps": config.steps, "batch": config.batch, "learning_rate": config.learning_rate}
    return dataclasses.replace(sizes.loops[config.stage], **{k: v for k, v in given.items() if v is not None})


def _windows(store: FrameStore, length: int, loop: LoopConfig, run: Run) -> Windows:
    return Windows(store, length=length, batch=loop.batch, seed=loop.seed, device=run.device)


def _tokenizer(sizes: Preset, loop: LoopConfig, store: FrameStore, run: Run, world: WorldSpec, config: TrainConfig) -> Stage:
    windows = _windows(store, 1, loop, run)
    return TokenizerStage(sizes.tokenizer, windows, run.device, decoder_only=config.decoder_only)


def _latent_action(sizes: Preset, loop: LoopConfig, store: FrameStore, run: Run, world: WorldSpec, config: TrainConfig) -> Stage:
    windows = _windows(store, sizes.latent_action.history + sizes.latent_action.horizon, loop, run)
    return LatentActionStage(sizes.latent_action, windows, run.device, steps=loop.steps, seed=loop.seed)


def _keys(sizes: Preset, loop: LoopConfig, store: FrameStore, run: Run, world: WorldSpec, config: TrainConfig) -> Stage:
    model = run.latent_action()
    return KeysStage(len(world.actions), store, model, sizes.labels, loop.batch, run.device, loop.seed)


def _text(sizes: Preset, loop: LoopConfig, store: FrameStore, run: Run, world: WorldSpec, config: TrainConfig) -> Stage:
    path = run.stage("text") / VOCABULARY
    vocabulary = learn_vocabulary(store.captions, path, sizes.caption_length)
    text = TextConfig(
        vocabulary=vocabulary.size,
        length=sizes.caption_length,
        height=world.frame_size[0],
        channels=sizes.text_channels,
        layers=sizes.text_layers,
    )
    return TextStage(text, _windows(store, 1, loop, run), vocabulary, run.device)


def _dynamics(sizes: Preset, loop: LoopConfig, store: FrameStore, run: Run, world: WorldSpec, config: TrainConfig) -> Stage:
    tokenizer = run.tokenizer()
    actions, count = action_reader(sizes.actions, run, len(world.actions))
    texts = run.embed(caption_ids(store.captions, run.vocabulary(), run.device))
    dynamics = dataclasses.replace(
        sizes.dynamics,
        grid=tokenizer.config.grid,
        dims=tokenizer.config.fsq.dims,
        levels=tokenizer.config.fsq.levels,
        told="keys" if sizes.actions == "keys" else "codes",
        actions=count,
        text=texts.shape[1],
    )
    windows = _windows(store, sizes.frames, loop, run)
    return DynamicsStage(
        dynamics, windows, tokenizer, texts, actions, run.device, corruption=sizes.corruption, seed=loop.seed
    )


def _judge(sizes: Preset, loop: LoopConfig, store: FrameStore, run: Run, world: WorldSpec, config: TrainConfig) -> Stage:
    height, width = world.frame_size
    judge = JudgeConfig(actions=len(world.actions), height=height, width=width, channels=sizes.judge_channels)
    source = load_source(world) if world.source else None
    pairs = None
    if hasattr(source, "player_pairs"):
        pairs = source.player_pairs(split="judge", count=sizes.judge_pairs, seed=loop.seed)
    return JudgeStage(judge, _windows(store, FRAMES, loop, run), pairs, run.device)


def action_reader(actions: str, run: Run, keys: int) -> tuple[ActionReader, int]:
    """How the dynamics are told the actions of a window, and how many actions there are."""
    if actions == "keys":
        return lambda window: window.actions, keys
    model = run.latent_action()

    @torch.no_grad()
    def codes(window: Window) -> Tensor:
        history = model.config.history
        frames = window.frames
        # The first frames have no past: the first one is repeated, as play does at its start.
        padded = torch.cat((frames[:, :1].expand(-1, history - 1, -1, -1, -1), frames), 1)
        spans = padded.unfold(1, history + 1, 1).movedim(-1, 2)
        past, following = split_transition(spans.flatten(0, 1))
        return model.infer(past, following).unflatten(0, (len(frames), -1))

    return codes, model.config.codes


_BUILDERS: dict[str, Callable[[Preset, LoopConfig, FrameStore, Run, WorldSpec, TrainConfig], Stage]] = {
    "tokenizer": _tokenizer,
    "latent-action": _latent_action,
    "keys": _keys,
    "text": _text,
    "dynamics": _dynamics,
    "judge": _judge,
}
