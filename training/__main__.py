"""`python -m training`: record, ingest, train, export and evaluate worlds.

Each command imports what it needs when it runs: recording and ingesting need no torch.
"""

from training.interruption import STOPPED, Interrupted, answer_early

if __name__ == "__main__":  # what follows takes a second or more to import
    answer_early()

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import tyro

from genie.core.errors import GenieError, UsageError
from training.captioning.commands import attribute_judge, caption, evaluate_captions
from training.progress import Counter
from training.scoring import World, card, challenge, compare, evaluate

Stage = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="STAGE")]
Folder = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]
Config = TypeVar("Config")


def record(
    world: World,
    /,
    *,
    clips: int,
    out: Path,
    frames: int = 128,
    split: str = "train",
    seed: int = 0,
) -> None:
    """Record captioned clips from a world's simulator; killed and started again, it goes on.

    Args:
        world: the world's id.
        clips: how many clips.
        out: the dataset's folder; each split gets a sub-folder.
        frames: frames a clip, at most.
        split: train, test or judge: which levels.
        seed: the same seed gives the same dataset.
    """
    from training.record import RecordConfig
    from training.record import record as run

    config = _checked(RecordConfig, world=world, clips=clips, out=out, frames=frames, split=split, seed=seed)
    with Counter(f"record {split}") as counter:
        folder = run(config, counter)
    print(f"{clips} clips in {folder}")


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
    device: str = "auto",
    actions: str = "latent",
    decoder_only: bool = False,
    start: Path | None = None,
    cache: Path | None = None,
) -> None:
    """Train one stage; killed and started again, it goes on exactly where it was.

    Args:
        stage: tokenizer, latent-action, keys, text, dynamics, in this order; or judge, captioner.
        world: the world's id.
        data: the dataset's folder, or a folder of sessions that were played in the world.
        run: the training's folder, outside the repository.
        preset: debug, cpu or gpu: all sizes.
        steps: instead of the preset's.
        batch: instead of the preset's.
        learning_rate: instead of the preset's.
        device: auto, cpu or cuda.
        actions: latent, or keys for the yardstick model that is told the true keys.
        decoder_only: train the tokenizer's decoder alone, so that its tokens keep their meaning.
        start: a bundle to begin with the weights of, where there is no checkpoint yet.
        cache: where the decoded frames lie (12 kB each; /dev/shm where memory is plenty and disks are slow).
    """
    from genie.worlds import find
    from training.sessions import dataset_of
    from training.train import TrainConfig
    from training.train import train as run_stage

    spec = find(world)
    config = TrainConfig(
        stage=stage,
        data=dataset_of(data, spec),
        run=run,
        preset=preset,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        device=device,
        actions=actions,
        decoder_only=decoder_only,
        start=start,
        cache=cache,
    )
    print(f"{stage} trained: {run_stage(config, spec)}")


def export(
    world: World, /, *, data: Path, run: Path, out: Path | None = None, temperature: float = 0.5
) -> None:
    """Write the bundle of a trained world, checked against torch before it is sealed.

    Args:
        world: the world's id.
        data: the dataset's folder, or a folder of sessions, for start frames and for the check.
        run: the training's folder.
        out: the bundle's folder; the world's own where not given.
        temperature: how boldly tokens are drawn in play; 0 takes the likeliest.
    """
    from genie.worlds import find
    from training.export import ExportConfig
    from training.export import export as run_export
    from training.sessions import dataset_of

    spec = find(world)
    config = _checked(ExportConfig, data=data, run=run, out=out, temperature=temperature)
    config = dataclasses.replace(config, data=dataset_of(data, spec))
    print(run_export(config, spec))


def ingest(
    folder: Folder,
    /,
    *,
    out: Path,
    size: tuple[int, int] = (64, 64),
    fps: int = 15,
    frames: int = 128,
    caption: str | None = None,
    split: str = "train",
    world: str | None = None,
) -> None:
    """Turn a folder of videos, or of played sessions, into a captioned-clip dataset.

    Args:
        folder: the videos; a text file of the same name beside a video is its caption. Or the sessions.
        out: the dataset's folder.
        size: height and width of a frame; sessions keep their world's.
        fps: frames a second; videos of another rate are resampled, sessions keep their world's.
        frames: frames a clip, at most.
        caption: for videos without a text file; of sessions, prompts are the captions.
        split: the name of the split.
        world: of sessions, the world whose sessions are meant, or the bundle that they were played with.
    """
    from training.ingest import IngestConfig
    from training.ingest import ingest as run
    from training.sessions import SessionsConfig, render_sessions, session_folders

    if session_folders(folder):
        sessions = _checked(SessionsConfig, folder=folder, out=out, world=world, frames=frames, split=split)
        with Counter("render sessions") as counter:
            rendered = render_sessions(sessions, counter)
        print(f"the clips of {len(rendered.sessions)} sessions in {rendered.folder}")
        _name_left_out(rendered.left_out, "sessions", rendered.folder)
        return
    config = _checked(
        IngestConfig,
        folder=folder,
        out=out,
        size=size,
        fps=fps,
        frames=frames,
        caption=caption,
        split=split,
    )
    with Counter("ingest") as counter:
        done = run(config, counter)
    print(f"{done.clips} clips in {done.folder}")
    _name_left_out(done.left_out, "videos", done.folder)


def make(
    world: World,
    /,
    *,
    data: Path | None = None,
    run: Path | None = None,
    preset: str = "cpu",
    videos: Path | None = None,
    clips: int = 8000,
    frames: int = 128,
    out: Path | None = None,
    device: str = "auto",
    cache: Path | None = None,
    temperature: float = 0.5,
) -> None:
    """Do all of it for a world: clips, every stage, the bundle; killed and started again, it goes on.

    Args:
        world: the world's id.
        data: the dataset's folder; data/WORLD where not given.
        run: the training's folder; runs/WORLD where not given.
        preset: debug, cpu or gpu: all sizes.
        videos: videos to learn from, instead of the world's simulator.
        clips: how many clips to record.
        frames: frames a clip, at most.
        out: the bundle's folder; the world's own where not given.
        device: auto, cpu or cuda.
        cache: where the decoded frames lie.
        temperature: how boldly tokens are drawn in play; 0 takes the likeliest.
    """
    from genie.worlds import find
    from training.make import MakeConfig
    from training.make import make as run_all

    spec = find(world)
    config = _checked(
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
    )
    with Counter("clips") as counter:
        bundle = run_all(config, spec, lambda line: print(line, file=sys.stderr, flush=True), counter)
    print(f"made: {bundle}")


COMMANDS: dict[str, Callable[..., Any]] = {
    "make": make,
    "record": record,
    "ingest": ingest,
    "train": train,
    "evaluate": evaluate,
    "export": export,
    "compare": compare,
    "challenge": challenge,
    "card": card,
    "caption": caption,
    "evaluate-captions": evaluate_captions,
    "attribute-judge": attribute_judge,
}


def _name_left_out(lines: tuple[str, ...], what: str, folder: Path) -> None:
    if lines:
        print(*(f"left out: {line}" for line in lines), sep="\n", file=sys.stderr)
        raise GenieError(f"{len(lines)} {what} were left out; all others are in {folder}")


def _checked(kind: Callable[..., Config], **values: Any) -> Config:
    """A config made from the command line: what it refuses is the command line's fault."""
    try:
        return kind(**values)
    except ValueError as error:
        raise UsageError(str(error)) from None


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code.

    0 done; 1 it failed, and one line says why; 2 the command line is wrong; 130 it was told to stop.
    """
    try:
        tyro.extras.subcommand_cli_from_dict(COMMANDS, args=arguments, prog="python -m training")
    except (GenieError, OSError) as error:  # or a disk that is full, a folder that may not be written
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code if isinstance(error, GenieError) else 1
    except Interrupted as stopped:
        print(stopped, file=sys.stderr)
        return 130
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
