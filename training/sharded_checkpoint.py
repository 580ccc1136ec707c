"""Checkpoints of a sharded training: folders into which every process writes its own parts.

RUN/STAGE/checkpoint-STEP holds plain values (training.json), and tensors as `torch.distributed.checkpoint`
writes them, to be read by any number of processes, sharded or not. Its table of contents, `.metadata`, is
written last, and is a pickle, which could run code: resume in run folders of your own only. Whole
checkpoints, which are what is handed on, are read without any (see checkpoint.py).
"""

import json
import re
import shutil
import warnings
from pathlib import Path
from typing import Any

from torch.distributed.checkpoint import state_dict_loader, state_dict_saver
from torch.distributed.checkpoint.api import CheckpointException

from training import checkpoint, processes

PLAIN = "checkpoint.pt"
_FACTS, _CONTENTS = "training.json", ".metadata"
_NAME = re.compile(r"checkpoint-(\d+)")


def save(stage: Path, facts: dict[str, Any], tensors: dict[str, Any]) -> None:
    """Write a checkpoint into a stage's folder, all processes together, and remove those before it.

    facts: plain values, "step" among them; tensors: nested dicts of them. Raises OSError where it cannot be
    written; the checkpoint before it is then still there.
    """
    folder = stage / f"checkpoint-{facts['step']}"
    with processes.first_alone():
        if not processes.rank():
            shutil.rmtree(folder, ignore_errors=True)  # what a kill left of it, maybe by more processes
            folder.mkdir(parents=True)
            (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
    try:
        state_dict_saver.save(tensors, checkpoint_id=folder)
    except CheckpointException as error:
        if not processes.rank():
            shutil.rmtree(folder, ignore_errors=True)  # on a full disk it would take the room there is
        raise _reason(error) or checkpoint.CheckpointError(
            f"{folder} could not be written ({_first(error)}); the checkpoint before it is still there"
        ) from error
    if not processes.rank():
        remove(stage, but=folder)


def load(folder: Path, tensors: dict[str, Any]) -> None:
    """Fill tensors with those of the same names of a checkpoint. Raises CheckpointError where one lacks."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", message="torch.distributed is disabled"
            )  # one process is enough
            state_dict_loader.load(tensors, checkpoint_id=folder, no_dist=processes.count() == 1)
    except CheckpointException as error:
        raise _reason(error) or checkpoint.CheckpointError(
            f"{folder} is broken, or was written by another version: delete it, or give another --run"
        ) from error


def _first(error: CheckpointException) -> BaseException:
    """What went wrong in the first of the processes in which anything did."""
    return min(error.failures.items())[1][0]


def _reason(error: CheckpointException) -> BaseException | None:
    """What is no fault of a checkpoint: torch wraps whatever ends a process's part, Ctrl-C too."""
    kinds = (KeyboardInterrupt, MemoryError, OSError)
    found = (cause for cause, _ in error.failures.values() if isinstance(cause, kinds))
    return next((cause for cause in found if not isinstance(cause, FileNotFoundError)), None)


def facts_of(folder: Path) -> dict[str, Any]:
    """A checkpoint's plain values. Raises CheckpointError where they cannot be read."""
    try:
        facts: dict[str, Any] = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        return facts
    except (OSError, ValueError) as error:
        raise checkpoint.CheckpointError(
            f"{folder} is not a readable checkpoint: delete it and train again"
        ) from error


def newest(stage: Path) -> Path | None:
    """The newest checkpoint in a stage's folder, its checkpoint.pt or one of `save`; None without any."""
    plain = stage / PLAIN
    finished = {step: folder for step, folder in _folders(stage) if (folder / _CONTENTS).exists()}
    if not finished:
        return plain if plain.exists() else None
    last = max(finished)
    return plain if plain.exists() and checkpoint.step_of(plain) >= last else finished[last]


def remove(stage: Path, but: Path | None = None) -> None:
    """Remove a stage's checkpoints of `save`, finished or not, but for one."""
    for _, folder in _folders(stage):
        if folder != but:
            (folder / _CONTENTS).unlink(missing_ok=True)  # first: from here on it counts as unfinished
            shutil.rmtree(folder)


def _folders(stage: Path) -> list[tuple[int, Path]]:
    named = ((_NAME.fullmatch(path.name), path) for path in stage.glob("checkpoint-*"))
    return [(int(name[1]), path) for name, path in named if name]
