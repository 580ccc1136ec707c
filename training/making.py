"""The commands that make a world of clips; each imports what it needs when it runs."""

import contextlib
import dataclasses
import os
import sys
from pathlib import Path
from typing import Annotated

import tyro

from genie.core.errors import ClipError
from training.command_line import World, checked

Stage = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="STAGE")]


def train(
    stage: Stage,
    world: World,
    /,
    *,
    data: Path,
    run: Path,
    preset: str = "cpu",
    steps: int | None = None,
    batch: int | None = None,
    learning_rate: float | None = None,
    minutes: float | None = None,
    device: str = "auto",
    actions: str = "latent",
    keep_meaning: bool = False,
    start: Path | None = None,
    cache: Path | None = None,
    compile: bool = False,
    shard: bool = False,
) -> None:
    """Train one stage; killed and started again, it goes on exactly where it was.

    With torchrun --nproc-per-node N -m -- training train ..., N processes share every batch.

    Args:
        stage: tokenizer, latent-action, keys, text, dynamics, in this order; or judge, attributes, captioner.
        world: the world's id.
        data: the dataset's folder, or a folder of sessions that were played in the world.
        run: the training's folder, such as runs/WORLD.
        preset: debug, cpu or gpu: all sizes.
        steps: instead of the preset's.
        batch: instead of the preset's.
        learning_rate: instead of the preset's.
        minutes: train for so long, instead of so many steps.
        device: auto, cpu or cuda.
        actions: latent, or keys for the yardstick model that is told the true keys.
        keep_meaning: train only the tokenizer's decoder, or what text sees in pictures, so that tokens and
            words keep the meaning that later stages were trained with.
        start: a bundle to begin with the weights of, where there is no checkpoint yet.
        cache: where the decoded frames lie (12 kB each; /dev/shm where memory is plenty and disks are slow).
        compile: compile the model first, with torch.compile: minutes at first, then steps a fifth faster.
        shard: with torchrun, spread the model over the processes (FSDP2), where one GPU cannot hold it all.
    """
    from genie.worlds import find
    from training.train import TrainConfig
    from training.train import train as run_stage

    spec = find(world)
    config = TrainConfig(
        stage=stage,
        data=data,
        run=run,
        preset=preset,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        seconds=None if minutes is None else 60 * minutes,
        device=device,
        actions=actions,
        keep_meaning=keep_meaning,
        start=start,
        cache=cache,
        compile=compile,
        shard=shard,
    )
    _name_unlisted(data)
    print(f"{stage} trained: {run_stage(config, spec)}")


def _name_unlisted(data: Path) -> None:
    """Say what lies in a clip folder and is not learned from; what else is wrong in it, who reads it says."""
    from genie.clips.clip_folder import ClipFolder

    if os.environ.get("RANK", "0") != "0":
        return  # the first of torchrun's processes says it for all
    with contextlib.suppress(ClipError):
        if videos := ClipFolder(data).unlisted():
            shown = ", ".join(path.relative_to(data).as_posix() for path in videos[:3])
            more = f" and {len(videos) - 3} more" if len(videos) > 3 else ""
            what = f"{len(videos)} videos in {data} that no line of a metadata.jsonl names"
            print(f"left out: {what}: {shown}{more}", file=sys.stderr)


def export(
    world: World,
    /,
    *,
    data: Path,
    run: Path,
    out: Path | None = None,
    temperature: float | None = None,
    strength: float | None = None,
    codes: bool = False,
    captioner: bool = False,
    ranker: str | None = None,
    cache: Path | None = None,
) -> None:
    """Write the bundle of a trained world, checked against torch before it is sealed.

    Args:
        world: the world's id.
        data: the dataset's folder, or a folder of sessions, for start frames and for the check.
        run: the training's folder.
        out: the bundle's folder; the world's own where not given.
        temperature: how boldly tokens are drawn in play, 0 taking the likeliest; else as the world says.
        strength: how much the words of a prompt count, 1 as in training, 0 not at all; as the world says too.
        codes: the actions are the latent codes, on no keys: whoever plays is asked for theirs.
        captioner: put the run's captioner beside the bundle, for caption --captioner WORLD.
        ranker: a pretrained CLIP, by its name on the Hugging Face hub or a folder, that ranks first frames.
        cache: where the decoded frames lie.
    """
    from genie.worlds import find
    from training.export import ExportConfig
    from training.export import export as run_export
    from training.sessions import dataset_of

    spec = find(world)
    config = checked(
        ExportConfig,
        data=data,
        run=run,
        out=out,
        temperature=temperature,
        strength=strength,
        codes=codes,
        captioner=captioner,
        ranker=ranker,
        cache=cache,
    )
    config = dataclasses.replace(config, data=dataset_of(data, spec))
    print(run_export(config, spec))


def unpack(
    world: World,
    /,
    *,
    run: Path,
    bundle: Path | None = None,
    stages: tuple[str, ...] = (),
) -> None:
    """Write the models of a bundle into a run folder, for later stages to use or to export them again.

    A stage that is to be trained on is left out here, and begins with `train --start BUNDLE`.

    Args:
        world: the world's id.
        run: the run folder.
        bundle: the bundle's folder; the world's own where not given.
        stages: which; all where none is named.
    """
    from genie.worlds import find
    from training.unpack import unpack as unpack_bundle

    print(f"{', '.join(unpack_bundle(bundle or find(world).bundle, run, stages))} unpacked: {run}")


def make(
    world: World,
    /,
    *,
    data: Path | None = None,
    run: Path | None = None,
    preset: str = "cpu",
    videos: Path | None = None,
    clips: int | None = None,
    frames: int = 128,
    out: Path | None = None,
    device: str = "auto",
    cache: Path | None = None,
    temperature: float | None = None,
    minutes: float | None = None,
) -> None:
    """Do all of it for a world: clips, every stage, the bundle; killed and started again, it goes on.

    With --minutes each part has its share of them, and judges and a report are made too; cut at any moment,
    the same command goes on with what time is left. RUN/progress.txt says how far it is.

    Args:
        world: the world's id.
        data: the dataset's folder; data/WORLD where not given.
        run: the training's folder; runs/WORLD where not given.
        preset: debug, cpu or gpu: all sizes.
        videos: videos to learn from, instead of the world's simulator; they tell no keys, so the actions are
            the latent codes themselves.
        clips: how many clips to record: 8,000; with --minutes as many as time allows, 16,000 at most.
        frames: frames a clip, at most.
        out: the bundle's folder; the world's own where not given.
        device: auto, cpu or cuda.
        cache: where the decoded frames lie.
        temperature: how boldly tokens are drawn in play, 0 taking the likeliest; else as the world says.
        minutes: how long all of it may take, over all starts.
    """
    from genie.worlds import find
    from training.make import make as run_all
    from training.parts import MakeConfig

    spec = find(world)
    config = checked(
        MakeConfig,
        data=data or Path("data") / spec.id,
        run=run or Path("runs") / spec.id,
        preset=preset,
        videos=videos,
        clips=clips,
        frames=frames,
        out=out,
        device=device,
        cache=cache,
        temperature=temperature,
        minutes=minutes,
    )
    bundle = run_all(config, spec, lambda line: print(line, file=sys.stderr, flush=True))
    print(f"made: {bundle}")
