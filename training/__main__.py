"""`python -m training`: record, ingest, train, export and evaluate worlds."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import tyro

from genie.core.errors import GenieError

Positional = tyro.conf.Positional


def record(
    world: Positional[str], /, *, clips: int, out: Path, frames: int = 128, split: str = "train", seed: int = 0
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
    from training.progress import Counter
    from training.record import RecordConfig
    from training.record import record as run

    with Counter(f"record {split}") as counter:
        folder = run(RecordConfig(world=world, clips=clips, out=out, frames=frames, split=split, seed=seed), counter)
    print(f"{clips} clips in {folder}")


def train(
    stage: Positional[str],
    world: Positional[str],
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
) -> None:
    """Train one stage; killed and started again, it goes on exactly where it was.

    Args:
        stage: tokenizer, latent-action, keys, text or dynamics, in this order.
        world: the world's id.
        data: the dataset's folder.
        run: the training's folder, outside the repository.
        preset: debug, cpu or gpu: all sizes.
        steps: instead of the preset's.
        batch: instead of the preset's.
        learning_rate: instead of the preset's.
        device: auto, cpu or cuda.
        actions: latent, or keys for the yardstick model that is told the true keys.
        decoder_only: train the tokenizer's decoder alone, so that its tokens keep their meaning.
    """
    from genie.worlds import find
    from training.train import TrainConfig
    from training.train import train as run_stage

    config = TrainConfig(
        stage=stage,
        data=data,
        run=run,
        preset=preset,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        device=device,
        actions=actions,
        decoder_only=decoder_only,
    )
    print(f"{stage} trained: {run_stage(config, find(world))}")


def export(
    world: Positional[str], /, *, data: Path, run: Path, out: Path | None = None, temperature: float = 0.5
) -> None:
    """Write the bundle of a trained world, checked against torch before it is sealed.

    Args:
        world: the world's id.
        data: the dataset's folder, for start frames and for the check.
        run: the training's folder.
        out: the bundle's folder; the world's own where not given.
        temperature: how boldly tokens are drawn in play; 0 takes the likeliest.
    """
    from genie.worlds import find
    from training.export import ExportConfig
    from training.export import export as run_export

    print(run_export(ExportConfig(data=data, run=run, out=out, temperature=temperature), find(world)))


COMMANDS: dict[str, Callable[..., Any]] = {"record": record, "train": train, "export": export}


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 it failed (one line says why), 2 a wrong command line."""
    from training.loop import Interrupted

    try:
        tyro.extras.subcommand_cli_from_dict(COMMANDS, args=arguments, prog="python -m training")
    except GenieError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except (ValueError, OSError) as error:  # a config that refuses its values; a disk that is full
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 1
    except Interrupted as stopped:
        print(stopped, file=sys.stderr)
        return 130
    except KeyboardInterrupt:
        print("stopped; the same command goes on from there", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
