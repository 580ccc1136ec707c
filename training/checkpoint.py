"""Checkpoints: everything an exact resume needs, written atomically, read without running code."""

import dataclasses
import os
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from genie.core.errors import GenieError

Config = TypeVar("Config")


class CheckpointError(GenieError):
    """A checkpoint is missing, broken, or of another stage."""


def save(path: Path, state: dict[str, Any]) -> None:
    """Write tensors and plain values to a file that is either whole or absent.

    Raises CheckpointError or OSError where it cannot be written; what was there before is then still there,
    and nothing beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except RuntimeError as error:  # what torch makes of an OSError
        partial.unlink(missing_ok=True)
        why = str(error).splitlines()[0]
        raise CheckpointError(
            f"{path} cannot be written ({why}): is the disk full? Make room, and the same command goes on "
            "from what was saved before"
        ) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def load(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read what `save` wrote; nothing in the file can run (weights_only). Raises CheckpointError."""
    return _read(path, device, mmap=False)


def _read(path: Path, device: torch.device | str, *, mmap: bool) -> dict[str, Any]:
    if not path.is_file():
        raise CheckpointError(f"no checkpoint at {path}: train that stage first")
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True, mmap=mmap)
        return state
    except Exception as error:
        kind = type(error).__name__
        raise CheckpointError(
            f"{path} is not a readable checkpoint ({kind}): delete it and train again"
        ) from error


def step_of(path: Path) -> int:
    """The step of a checkpoint, its tensors left on disk. Raises CheckpointError."""
    return int(_read(path, "cpu", mmap=True)["step"])


def fill(model: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    """Give a model weights read from `path`. Raises CheckpointError where they are not its own."""
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path} was written by another version of this model: train it again, in another --run"
        ) from error


def config_from(kind: type[Config], data: dict[str, Any]) -> Config:
    """A frozen config dataclass from its `dataclasses.asdict` form (nested configs and tuples restored).

    Raises CheckpointError for one of another version.
    """
    hints = typing.get_type_hints(kind)
    values = {}
    if unknown := data.keys() - hints.keys():
        raise CheckpointError(
            f"a checkpoint has {', '.join(sorted(unknown))}, which {kind.__name__} lacks: train it again"
        )
    for name, value in data.items():
        if isinstance(value, dict) and dataclasses.is_dataclass(hints[name]):
            value = config_from(hints[name], value)
        elif isinstance(value, list):
            value = tuple(value)
        values[name] = value
    return kind(**values)
