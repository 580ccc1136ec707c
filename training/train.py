"""Trains one stage of a world: the settings of it, and the order in which it is set up."""

import dataclasses
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError, DeviceError, UsageError, suggest
from genie.core.manifest import read_manifest
from genie.worlds import WorldSpec
from training import processes
from training.build_stage import BUILDERS, Job
from training.guard import only_one
from training.levels import data_behind, keep_began_with
from training.loop import Trainer
from training.loop_config import LoopConfig
from training.placement import keep_freed_memory
from training.presets import JUDGES, SOLVED, STAGES, Preset, preset
from training.sessions import dataset_of
from training.sharded_checkpoint import newest
from training.sharding import may_shard
from training.simulated import SIMULATED
from training.stage import Stage
from training.trained import Run
from training.warm_start import warm_start


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What to train: a stage of a world, from the clips in `data`, in the folder `run`.

    steps and batch, where given, replace the preset's; seconds, where given, decide on the steps instead, and
    so does until, a time by `time.monotonic`.
    actions: "latent", or "keys" for the yardstick.
    keep_meaning: tokens (or words) stay what they are, and only the decoder (or what text sees) learns on.
    start: a bundle whose weights a training that has no checkpoint yet begins with.
    cache: where the decoded frames lie; in the dataset where None. compile: torch.compile the model first.
    shard: spread the model over torchrun's processes; see `sharding`.
    """

    stage: str
    data: Path
    run: Path
    preset: str = "cpu"
    steps: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    seconds: float | None = None
    until: float | None = None
    device: str = "auto"
    actions: str = "latent"
    keep_meaning: bool = False
    start: Path | None = None
    cache: Path | None = None
    compile: bool = False
    shard: bool = False


def pick_device(name: str) -> torch.device:
    """The torch device for "auto", "cpu" or "cuda". Raises DeviceError when it is not there."""
    if name not in ("auto", "cpu", "cuda"):
        raise UsageError(f"the device is auto, cpu or cuda, not {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise DeviceError(
            "no CUDA device is available to torch: use --device cpu, or install torch with CUDA"
        )
    if name == "cpu" or not torch.cuda.is_available():
        return processes.device_of("cpu")
    torch.backends.cudnn.benchmark = True  # every batch has the same shapes
    torch.set_float32_matmul_precision("high")
    return processes.device_of("cuda")


def train(config: TrainConfig, world: WorldSpec) -> Path:
    """Train one stage to its end and return its folder; see Trainer for how it resumes.

    Started by torchrun, each process takes its share of every batch; see `processes`.

    Raises UsageError for an unknown stage or preset, ClipError for clips that cannot be used, CheckpointError
    when an earlier stage is missing, Interrupted (state saved) on Ctrl-C.
    """
    keep_freed_memory()
    with processes.together():
        stage, loop, device = build_stage(config, world)
        folder = Run(config.run, device).stage(config.stage)
        until = None if loop == SOLVED else config.until
        if newest(folder) is None and processes.rank() == 0:
            behind = data_behind(read_manifest(config.start).trained_on) if config.start else []
            with only_one(folder):
                keep_began_with(folder, behind)
        if config.compile:
            stage.model.compile(dynamic=False)
        with closing(stage):
            Trainer(stage, loop, folder, device, until, shard=config.shard).run()
    shutil.rmtree(folder / SIMULATED, ignore_errors=True)
    if device.type == "cuda":
        del stage
        torch.cuda.empty_cache()  # the next stage's clips are to find room
    return folder


def build_stage(config: TrainConfig, world: WorldSpec) -> tuple[Stage[Any], LoopConfig, torch.device]:
    """A stage ready to be trained, how, and where. Raises as `train` does."""
    if config.shard and config.compile:
        raise UsageError("--shard and --compile do not go together: leave one out")
    if config.shard:
        may_shard()
    if config.stage not in STAGES:
        known = ", ".join(STAGES)
        raise UsageError(f"no stage {config.stage!r}; there are {known}.{suggest(config.stage, STAGES)}")
    height, width = world.frame_size
    sizes = preset(config.preset, height=height, width=width, actions=config.actions)
    loop = _loop(sizes, config)
    device = pick_device(config.device)
    if loop == SOLVED and processes.count() > 1:
        raise UsageError(f"{config.stage} are solved at once, by one process: leave out torchrun")
    processes.may_share(loop.batch)
    if loop == SOLVED and config.start is not None:
        raise UsageError(f"{config.stage} are solved from what the run has learned: leave out --start")
    torch.manual_seed(loop.seed)
    with processes.first_alone():  # what it leaves on disk is there for the others
        config = dataclasses.replace(config, data=dataset_of(config.data, world))
        return _stage(config, world, sizes, loop, device), loop, device


def _stage(
    config: TrainConfig, world: WorldSpec, sizes: Preset, loop: LoopConfig, device: torch.device
) -> Stage[Any]:
    split = "judge" if config.stage in JUDGES else "train"
    store = FrameStore.open(config.data, split, config.cache)
    _agree(store, config.data, world)
    job = Job(
        sizes=sizes,
        loop=loop,
        store=store,
        run=Run(config.run, device),
        world=world,
        keep_meaning=config.keep_meaning,
        start=config.start,
    )
    stage = BUILDERS[config.stage](job)
    if config.start and not job.begun(config.stage):
        warm_start(stage.model, config.stage, config.start)
    return stage


def _loop(sizes: Preset, config: TrainConfig) -> LoopConfig:
    loop = sizes.loops[config.stage]
    if loop == SOLVED:
        return loop
    try:
        return dataclasses.replace(
            loop,
            steps=loop.steps if config.steps is None else config.steps,
            batch=loop.batch if config.batch is None else config.batch,
            learning_rate=loop.learning_rate if config.learning_rate is None else config.learning_rate,
            checkpoint_seconds=loop.checkpoint_seconds if config.until is None else _often(config.until),
            seconds=config.seconds,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def _often(until: float) -> float:
    """Seconds between checkpoints where time is short: a kill costs a twentieth of it."""
    return max(5.0, min(240.0, (until - time.monotonic()) / 20))


def _agree(store: FrameStore, data: Path, world: WorldSpec) -> None:
    if store.action_names and store.action_names != world.actions.names:
        theirs, ours = ", ".join(store.action_names), ", ".join(world.actions.names)
        raise ClipError(
            f"{data} has the actions {theirs}, but {world.id} has {ours}: its metadata's action_names are to "
            "name all of these in this order"
        )
    size = tuple(store.frames.shape[1:3])
    if size != world.frame_size:
        theirs, ours = ("x".join(map(str, sides)) for sides in (size, world.frame_size))
        raise ClipError(f"{data} has frames of {theirs}, but {world.id} has {ours}: make the clips anew")
    if store.fps != world.fps:
        raise ClipError(
            f"{data} has {store.fps:g} frames a second, but {world.id} has {world.fps:g}: make the clips anew"
        )
