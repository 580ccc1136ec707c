"""The tiny world, what really happens in it, and a judge of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genie
from genie.clips.frame_store import FrameStore
from tests.support.judged_world import Oracle
from tests.support.tiny_bundle import CAPTIONS, NAMES, start_frames, write_tiny_bundle
from training.evaluate.real_clips import SPAN, RealClips, real_clips

CLIPS = 12


@pytest.fixture(scope="package")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="package")
def world(tiny_bundle: Path) -> Any:
    return genie.load(tiny_bundle, device="cpu")


@pytest.fixture(scope="package")
def tests(world: Any) -> FrameStore:
    """Clip n is what the tiny world does with seed n, of a level of its own; all are just long enough."""
    rng = np.random.default_rng(0)
    actions = rng.integers(len(NAMES), size=(CLIPS, SPAN)).astype(np.int16)
    frames = []
    for number, taken in enumerate(actions):
        session = world.start(prompt=CAPTIONS[number % 3], image=start_frames()[number % 3], seed=number)
        frames += [session.frame, *(session.step(int(action)) for action in taken[:-1])]
    actions[:, -1] = -1
    return FrameStore(
        frames=np.stack(frames),
        starts=np.arange(CLIPS + 1) * SPAN,
        actions=actions.reshape(-1),
        captions=list(CAPTIONS),
        caption_of=np.repeat(np.arange(CLIPS) % 3, SPAN).astype(np.int32),
        clip_captions=[CAPTIONS[number % 3] for number in range(CLIPS)],
        attributes=[
            {"level": 100 + number, "ground": ("grass", "snow")[number % 2]} for number in range(CLIPS)
        ],
        action_names=NAMES,
        fps=15,
        hash="tiny",
    )


@pytest.fixture
def clips(tests: FrameStore) -> RealClips:
    return real_clips(tests, CLIPS)


@pytest.fixture
def oracle() -> Any:
    return Oracle()
