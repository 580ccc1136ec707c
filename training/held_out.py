"""The clips that nothing learns from: recorded where they are not there yet, the same ones everywhere."""

from pathlib import Path

from genie.clips.atomic import replace_folder
from genie.clips.metadata import FILE_NAME
from genie.worlds import WorldSpec
from training.progress import Counter
from training.record import RecordConfig, record

HELD_OUT = {"test": 400, "unseen": 200, "judge": 600, "starts": 512}
"""Clips of each split, or a twentieth of the others where that is less."""
UNSEEN = "unseen"  # the split of clips whose combinations a world's source withholds from training
SCORED = ("test", UNSEEN)  # what reports are of
LABELLED = 256  # clips of the training split whose keys are told: the first ones of those a world is made of


def record_held_out(world: WorldSpec, data: Path) -> None:
    """Record what a world is scored on into `data`, the splits that are not there yet.

    A world without a simulator, or whose simulator has no such split, is left as it is. A split is there
    once it is whole; cut, the recording goes on in a folder beside `data`. Raises SourceError where the
    simulator is missing.
    """
    begun = data.with_name(f"{data.name}.part")
    for split, clips in {**{split: HELD_OUT[split] for split in SCORED}, "train": LABELLED}.items():
        if world.source is None or split not in world.splits or (data / split / FILE_NAME).is_file():
            continue
        if split == UNSEEN and not (data / "train" / FILE_NAME).is_file():
            continue  # which combinations a world has seen, only the clips that it learned from can tell
        config = RecordConfig(world=str(world.path), clips=clips, out=begun, split=split, processes=None)
        with Counter(f"record {split}") as counter:
            folder = record(config, counter)
        data.mkdir(parents=True, exist_ok=True)
        replace_folder(folder, data / split)  # over what an interrupted recording has left there
    if begun.is_dir() and not any(begun.iterdir()):
        begun.rmdir()
