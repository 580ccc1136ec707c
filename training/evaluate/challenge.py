"""The held-out clips that any program may predict: see docs/exchange.md."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genie.clips.atomic import replace_file
from genie.clips.frame_store import FrameStore
from genie.core.errors import GenieError
from genie.worlds import find_bundle
from genie.worlds.source import Branches, Branching, Source
from training.evaluate.counterfactuals import FUTURE, PAST
from training.evaluate.looks_only import told_looks
from training.evaluate.random_keys import random_keys
from training.evaluate.real_clips import CONTEXT, PREDICTED, RealClips, real_clips

SCHEMA = 2
TOLD, ASKED = "challenge.json", "challenge.npz"


@dataclass(frozen=True, eq=False, kw_only=True)
class Challenge:
    """What is asked of a model.

    clips: real ones, of which the first CONTEXT frames are given; random_actions: int [C, 13], other keys
    for the same clips; branches: moments at which every key is held, None where the world has no simulator
    that can go back; looks_alone: whether captions say no more than what is to be seen.
    """

    world: str
    data_hash: str
    action_names: tuple[str, ...]
    fps: float
    clips: RealClips
    random_actions: np.ndarray
    branches: Branches | None
    looks_alone: bool = False

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """What the model is given."""
        return self._of_clips | self._of_moments

    @property
    def _of_clips(self) -> dict[str, np.ndarray]:
        return {
            "context": self.clips.frames[:, :CONTEXT],
            "actions": self.clips.actions.astype(np.int64),
            "random_actions": self.random_actions.astype(np.int64),
            "captions": np.array(self.clips.captions),
        }

    @property
    def _of_moments(self) -> dict[str, np.ndarray]:
        if self.branches is None:
            return {}
        past, actions, _, captions = self.branches
        return {
            "moment_context": past,
            "moment_actions": actions.astype(np.int64),
            "moment_captions": np.array(captions),
        }

    @property
    def answers(self) -> dict[str, tuple[int, ...]]:
        """The shapes of what is asked: uint8 frames, by name; only the first must be answered."""
        size = self.clips.frames.shape[2:]
        count = len(self.clips.frames)
        asked = {"frames": (count, PREDICTED, *size), "random_frames": (count, PREDICTED, *size)}
        if self.branches is not None:
            asked["moment_frames"] = self.branches.futures.shape
        return asked

    @property
    def digest(self) -> str:
        """SHA-256 over all that is given of clips: frames made for other clips are not scored on these."""
        return self._digest(self._of_clips)

    @property
    def moments_digest(self) -> str:
        """The same of moments, which only their simulator can tell; empty where there are none."""
        return self._digest(self._of_moments) if self.branches is not None else ""

    def _digest(self, arrays: dict[str, np.ndarray]) -> str:
        digest = hashlib.sha256(json.dumps([self.world, self.action_names]).encode())
        for name, array in arrays.items():
            plain = array.tolist() if array.dtype.kind == "U" else None
            digest.update(name.encode())
            digest.update(json.dumps(plain).encode() if plain else np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def told(self) -> dict[str, Any]:
        """The content of challenge.json."""
        height, width = self.clips.frames.shape[2:4]
        return {
            "schema": SCHEMA,
            "digest": self.digest,
            "moments_digest": self.moments_digest,
            "world": self.world,
            "data_hash": self.data_hash,
            "frame": {"height": height, "width": width},
            "fps": self.fps,
            "actions": list(self.action_names),
            "clips": len(self.clips.frames),
            "moments": 0 if self.branches is None else len(self.branches.past),
            "given": {name: list(array.shape) for name, array in self.arrays.items()},
            "asked": {name: list(shape) for name, shape in self.answers.items()},
        }


def write_challenge(challenge: Challenge, folder: Path) -> Path:
    """Write challenge.npz and then challenge.json into a folder, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ASKED).open("wb") as file:
        np.savez_compressed(file, **challenge.arrays)  # type: ignore[arg-type]
    text = json.dumps(challenge.told(), indent=1, ensure_ascii=False) + "\n"
    replace_file(folder / TOLD, text.encode("utf-8"))
    return folder


def make_challenge(
    world: str, store: FrameStore, source: Source | None, *, clips: int, moments: int
) -> Challenge:
    """The challenge of so many clips of a store, and so many moments of the world's simulator, if it has one.

    Captions are what the world's own bundle is told of them, where there is one (`told_looks`). Raises
    ClipError where the clips do not do, SourceError where the simulator is not installed.
    """
    told = told_looks(store, _bundle(world))
    chosen = real_clips(told, clips)
    branches = None
    if moments and isinstance(source, Branching):
        branches = source.branches(split="test", count=moments, past=PAST, future=FUTURE, seed=0)
    return Challenge(
        world=world,
        data_hash=store.hash,
        action_names=store.action_names,
        fps=store.fps,
        clips=chosen,
        random_actions=random_keys(chosen, len(store.action_names)),
        branches=branches,
        looks_alone=told is not store,
    )


def _bundle(world: str) -> Path | None:
    try:
        return find_bundle(world)
    except GenieError:  # any program may be the first that predicts a world
        return None
