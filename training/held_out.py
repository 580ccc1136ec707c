"""The clips that nothing learns from: recorded where they are not there yet, the same ones everywhere."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from genie.clips.atomic import replace_folder
from genie.clips.metadata import FILE_NAME
from genie.core.errors import ClipError
from genie.worlds import WorldSpec
from training.guard import LOCK, only_one
from training.progress import Counter
from training.record import RecordConfig, record

HELD_OUT = {"test": 400, "unseen": 200, "judge": 600, "starts": 512}
"""Clips of each split, or a twentieth of the others where that is less."""
UNSEEN = "unseen"  # the split of clips whose combinations a world's source withholds from training
SCORED = ("test", UNSEEN)  # what reports are of
LABELLED = 256  # clips of the training split whose keys are told: the first ones of those a world is made of

_LEFT = re.compile(rf"\d{{3}}/\d{{6}}(\.mp4|\.actions\.txt)|{FILE_NAME}\..+\.tmp|{LOCK}")


def record_held_out(world: WorldSpec, data: Path) -> None:
    """Record what a world is scored on into `data`, the splits that are not there yet.

    A world without a simulator, or whose simulator has no such split, is left as it is, and so is a dataset
    with one metadata.jsonl for all its splits. A split is there once it is whole; cut, the recording goes on
    in a folder beside `data`. Raises SourceError where the simulator is missing, ClipError where other files
    lie where a split would.
    """
    if world.source is None or (data / FILE_NAME).is_file():
        return
    wanted = {**{split: HELD_OUT[split] for split in SCORED}, "train": LABELLED}
    missing = [
        split for split in wanted if split in world.splits and not (data / split / FILE_NAME).is_file()
    ]
    if UNSEEN in missing and not _learned_from(data / "train" / FILE_NAME):
        missing.remove(UNSEEN)  # which combinations a world has seen, only what it learned from can tell
    if not missing:
        return
    _check(data / split for split in missing)
    begun = data.with_name(f"{data.name}.part")
    with only_one(begun, "recording", "give another --data"):
        for split in missing:
            config = RecordConfig(
                world=str(world.path), clips=wanted[split], out=begun, split=split, processes=None
            )
            with Counter(f"record {split}") as counter:
                folder = record(config, counter)
            with only_one(data / split, "recording", "give another --data"):
                if (data / split / FILE_NAME).is_file():
                    shutil.rmtree(folder)  # somebody has recorded it meanwhile
                else:
                    _check([data / split])
                    replace_folder(folder, data / split)  # over what an interrupted recording has left there
    if begun.is_dir() and not any(begun.iterdir()):
        begun.rmdir()


def _learned_from(metadata: Path) -> bool:
    """Whether more clips are there than the few that were recorded here for their labels alone."""
    return metadata.is_file() and len(metadata.read_bytes().splitlines()) > LABELLED


def _check(folders: Iterable[Path]) -> None:
    """Raise ClipError for a folder that holds what no interrupted recording leaves: it is the user's own."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not _LEFT.fullmatch(path.relative_to(folder).as_posix()):
                raise ClipError(
                    f"{path} is no clip of a recording, and {folder} is where clips are to be recorded: move "
                    f"it elsewhere, or list its clips in a {FILE_NAME}"
                )
