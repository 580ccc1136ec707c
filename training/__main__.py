"""`python -m training`: record, ingest, train, export and evaluate worlds.

Each command imports what it needs when it runs: recording and ingesting need no torch.
"""

from training.interruption import Interrupted, answer_early, said_of

if __name__ == "__main__":  # what follows takes a second or more to import
    answer_early()

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

try:
    import tyro
except ModuleNotFoundError:  # who plays need not have what training takes
    sys.exit('training takes more than playing: pip install -c constraints.txt -e ".[train]"')

from genie.core.errors import GenieError
from training.captioning.commands import caption, evaluate_captions
from training.command_line import World, checked
from training.making import export, make, train, unpack
from training.progress import Counter
from training.scoring import bench, card, challenge, compare, evaluate

Folder = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]


def record(
    world: World,
    /,
    *,
    clips: int,
    out: Path,
    frames: int = 128,
    split: str = "train",
    seed: int = 0,
    processes: int | None = None,
) -> None:
    """Record captioned clips from a world's simulator; killed and started again, it goes on.

    Args:
        world: the world's id.
        clips: how many clips.
        out: the dataset's folder; each split gets a sub-folder.
        frames: frames a clip, at most.
        split: which levels: train, test, judge, starts, or any other that the world has.
        seed: the same seed gives the same dataset.
        processes: how many simulators run beside each other; one a core where not given.
    """
    from training.record import RecordConfig
    from training.record import record as run

    config = checked(
        RecordConfig,
        world=world,
        clips=clips,
        out=out,
        frames=frames,
        split=split,
        seed=seed,
        processes=processes,
    )
    with Counter(f"record {split}") as counter:
        folder = run(config, counter)
    print(f"{clips} clips in {folder}")


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
        sessions = checked(SessionsConfig, folder=folder, out=out, world=world, frames=frames, split=split)
        with Counter("render sessions") as counter:
            rendered = render_sessions(sessions, counter)
        print(f"the clips of {len(rendered.sessions)} sessions in {rendered.folder}")
        _name_left_out(rendered.left_out, "sessions", rendered.folder)
        return
    config = checked(
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


COMMANDS: dict[str, Callable[..., Any]] = {
    "make": make,
    "record": record,
    "ingest": ingest,
    "train": train,
    "evaluate": evaluate,
    "export": export,
    "unpack": unpack,
    "compare": compare,
    "challenge": challenge,
    "bench": bench,
    "card": card,
    "caption": caption,
    "evaluate-captions": evaluate_captions,
}


def _name_left_out(lines: tuple[str, ...], what: str, folder: Path) -> None:
    if lines:
        print(*(f"left out: {line}" for line in lines), sep="\n", file=sys.stderr)
        raise GenieError(f"{len(lines)} {what} were left out; all others are in {folder}")


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
        print(said_of(sys.argv[1:] if arguments is None else arguments), file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
