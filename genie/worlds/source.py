"""Sources: simulators that worlds are recorded from, each behind one small adapter, worlds/<id>/source.py."""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from genie.core.errors import GenieError, SourceError
from genie.worlds.spec import WorldSpec


@dataclass(frozen=True, kw_only=True)
class SourceClip:
    """One recorded clip.

    `frames` uint8 [T, height, width, 3], RGB; `actions` integer [T - 1], indices into the source's action
    names, action t leading from frame t to frame t + 1; `captions` (start, end, text), the text being true of
    frames start..end-1; `attributes` whatever the simulator knows, fit for JSON; `level` the level's number
    in its split; `policy` the name of what chose the actions. Raises SourceError when the shapes do not fit
    together.
    """

    frames: np.ndarray
    actions: np.ndarray
    caption: str
    captions: tuple[tuple[int, int, str], ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    level: int
    policy: str

    def __post_init__(self) -> None:
        if self.frames.dtype != np.uint8 or self.frames.ndim != 4 or self.frames.shape[3] != 3:
            raise SourceError(
                f"A clip's frames are uint8 [T, H, W, 3], not {self.frames.dtype} {self.frames.shape}."
            )
        count = len(self.frames)
        if count < 1 or self.actions.shape != (count - 1,) or self.actions.dtype.kind not in "iu":
            raise SourceError(
                f"A clip of {count} frames has {count - 1} whole-number actions, "
                f"not {self.actions.dtype} {self.actions.shape}."
            )
        for start, end, text in self.captions:
            if not 0 <= start < end <= count:
                raise SourceError(f"The caption '{text[:60]}' spans frames {start} to {end} of {count}.")


class Branches(NamedTuple):
    """Moments of a world, each gone on from under every action in turn.

    past uint8 [M, C, H, W, 3], the last one the moment itself; actions int [M, C - 1] that led there; futures
    uint8 [M, A, F, H, W, 3], what follows while action a is held; captions of the moments, one each.
    """

    past: np.ndarray
    actions: np.ndarray
    futures: np.ndarray
    captions: list[str]


@runtime_checkable
class Branching(Protocol):
    """What a source may offer beside its clips, if its simulator can be put back into a former state."""

    def branches(self, *, split: str, count: int, past: int, future: int, seed: int) -> Branches:
        """Return `count` moments of a split's levels, with `past` frames before and `future` after each."""


@runtime_checkable
class Playable(Protocol):
    """What a source may offer beside its clips, if its simulator can be played with given keys."""

    def play(self, *, split: str, keys: np.ndarray, every: int, seed: int) -> Iterator[np.ndarray]:
        """Yield what sessions on a split's levels show after every `every`-th of their keys.

        keys: int [S, F], actions by index; each session's frames are uint8 [F // every, H, W, 3]. Where a
        level ends, another one of the split follows.
        """


@runtime_checkable
class Source(Protocol):
    """What worlds/<id>/source.py returns from its function `source()`.

    `frame_size` is (height, width); `splits` maps a split's name to its level numbers, and no level is in
    two.
    """

    @property
    def action_names(self) -> tuple[str, ...]:
        """The actions, in the order that the clips' indices mean."""

    @property
    def fps(self) -> int:
        """Frames a second."""

    @property
    def frame_size(self) -> tuple[int, int]:
        """Height and width of a frame."""

    @property
    def splits(self) -> Mapping[str, range]:
        """Level numbers by split."""

    def record(self, *, split: str, clips: int, frames: int, seed: int) -> Iterator[SourceClip]:
        """Yield `clips` clips of `frames` frames each, the same for the same arguments.

        Raises SourceError when the simulator is not installed, saying how to install it.
        """


def load_source(world: WorldSpec) -> Source:
    """Import a world's adapter and return its source, checked against world.toml.

    The adapter is imported as part of a package made of the folder that holds the world, so it may say
    `from . import rules` (a file beside it) or `from .._shared import adapter` (for several worlds).
    Raises SourceError when the world has no source, it does not work, or it disagrees with world.toml.
    """
    if world.source is None:
        raise SourceError(
            f"The world '{world.id}' has no simulator: record it from videos, or add a source.py."
        )
    try:
        found = import_adapter(world.source).source()
    except GenieError:
        raise
    except ModuleNotFoundError as error:
        raise SourceError(f"{world.source} needs '{error.name}', which is not installed.") from None
    except Exception as error:
        raise SourceError(f"{world.source} does not work: {type(error).__name__}: {error}") from error
    if not isinstance(found, Source):
        raise SourceError(f"{world.source}: source() did not return a Source, but a {type(found).__name__}.")
    _agree(world, found)
    return found


def _agree(world: WorldSpec, source: Source) -> None:
    pairs = {
        "actions": (world.actions.names, tuple(source.action_names)),
        "fps": (world.fps, source.fps),
        "frame": (world.frame_size, tuple(source.frame_size)),
        "splits": (dict(world.splits) or dict(source.splits), dict(source.splits)),
    }
    for name, (told, found) in pairs.items():
        if told != found:
            raise SourceError(f"{world.source} and world.toml disagree on '{name}': {found} and {told}.")
    seen: set[int] = set()
    for name, levels in source.splits.items():
        if not seen.isdisjoint(levels):
            raise SourceError(f"{world.source}: the split '{name}' shares levels with another.")
        seen.update(levels)


def import_adapter(file: Path) -> ModuleType:
    """Import a Python file of an adapter as part of a package made of the folder that holds its world."""
    # A package of our own naming for each folder of worlds: two may hold worlds of the same id, and neither
    # needs to be on sys.path.
    root = file.parent.parent
    package = f"_genie_worlds_{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"
    for name, folder in ((package, root), (f"{package}.{file.parent.name}", file.parent)):
        if name not in sys.modules:
            module = ModuleType(name)
            module.__path__ = [str(folder)]
            sys.modules[name] = module
    return importlib.import_module(f"{package}.{file.parent.name}.{file.stem}")
