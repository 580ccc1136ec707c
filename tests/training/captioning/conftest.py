"""A small dataset of moving pictures on disk, and a captioner that says what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from genie.clips.video import write_video

COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (40, 60, 210)}


def scene(colour: str, frames: int = 24, *, step: int = 0) -> np.ndarray:
    """A textured ground of one colour, over which the view moves right by `step` pixels a frame."""
    rng = np.random.default_rng(3)
    wide = rng.integers(0, 120, (32, 32 + abs(step) * frames, 3)) // 2 + np.array(COLOURS[colour]) // 2
    places = [t * step if step >= 0 else (frames - t) * -step for t in range(frames)]
    return np.stack([wide[:, x : x + 32] for x in places]).astype(np.uint8)


class Parrot:
    """Says the colour that a clip is mostly of, or what it was taught."""

    name = "parrot"

    def __init__(self, answer: Callable[[np.ndarray], str] | None = None) -> None:
        self.answer = answer or self.colour
        self.asked: list[int] = []
        self.told: list[str] = []

    def describe(self, clips: Sequence[np.ndarray], known: str = "") -> list[str]:
        self.told.append(known)
        self.asked += [len(clip) for clip in clips]
        return [self.answer(clip) for clip in clips]

    @staticmethod
    def colour(clip: np.ndarray) -> str:
        mean = clip.mean((0, 1, 2))
        return f"a {min(COLOURS, key=lambda c: np.abs(mean - COLOURS[c]).sum())} ground"


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Three clips with thin captions, in the split "train"; a field in each line that only others know."""
    folder = tmp_path / "data" / "train"
    folder.mkdir(parents=True)
    lines = []
    for number, colour in enumerate(COLOURS):
        write_video(folder / f"{number}.mp4", scene(colour, step=2), fps=15)
        lines.append(
            {
                "file_name": f"{number}.mp4",
                "caption": "a game",
                "fps": 15,
                "frames": 24,
                "captions": [{"start": 0, "end": 24, "text": "a game"}],
                "attributes": {"ground": colour},
                "theirs": {"kept": True},
            }
        )
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "metadata.jsonl").write_text(text, encoding="utf-8")
    return tmp_path / "data"


def lines(dataset: Path) -> list[dict]:
    """The lines of the dataset's metadata."""
    text = (dataset / "train" / "metadata.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
