"""Tiny stores in memory, so that training is tested without a dataset on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genie.clips.frame_store import UNKNOWN, FrameStore
from genie.worlds import load_source, read_world

SPRITE = Path(__file__).parents[1] / "scripted_worlds" / "sprite"
CLIPS, FRAMES = 120, 12  # more than 100 clips: two are kept out of training


@pytest.fixture(scope="session")
def store() -> FrameStore:
    """Clips of the sprite world, whose rules say what each action does."""
    source = load_source(read_world(SPRITE))
    clips = list(source.record(split="train", clips=CLIPS, frames=FRAMES, seed=0))
    captions = sorted({clip.caption for clip in clips})
    return FrameStore(
        frames=np.concatenate([clip.frames for clip in clips]),
        starts=np.arange(CLIPS + 1, dtype=np.int64) * FRAMES,
        actions=np.concatenate([[*clip.actions, UNKNOWN] for clip in clips]).astype(np.int16),
        captions=captions,
        caption_of=np.repeat([captions.index(clip.caption) for clip in clips], FRAMES).astype(np.int32),
        clip_captions=[clip.caption for clip in clips],
        attributes=[dict(clip.attributes) for clip in clips],
        action_names=tuple(source.action_names),
        fps=source.fps,
        hash="sprite",
    )


@pytest.fixture(scope="session")
def numbered() -> FrameStore:
    """Clips of uneven lengths; pixels say which clip (red) and which of its frames (green) they are of."""
    lengths = np.arange(CLIPS) % 7 + 3
    starts = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
    clip = np.repeat(np.arange(CLIPS), lengths)
    frames = np.zeros((starts[-1], 2, 2, 3), np.uint8)
    frames[..., 0] = clip[:, None, None]
    frames[..., 1] = (np.arange(starts[-1]) - starts[clip])[:, None, None]
    actions = np.arange(starts[-1]).astype(np.int16)
    actions[starts[1:] - 1] = UNKNOWN
    return FrameStore(
        frames=frames,
        starts=starts,
        actions=actions,
        captions=[f"clip {number}" for number in range(CLIPS)],
        caption_of=clip.astype(np.int32),
        clip_captions=[f"clip {number}" for number in range(CLIPS)],
        attributes=[{} for _ in range(CLIPS)],
        action_names=(),
        fps=15,
        hash="numbered",
    )


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, store: FrameStore) -> Path:
    """A run folder of small random models, told codes; nobody may change it."""
    from tests.support.tiny_run import tiny_run

    return tiny_run(tmp_path_factory.mktemp("run"), store)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory, run: Path, store: FrameStore) -> Path:
    """The bundle exported from that run; nobody may change it."""
    from tests.support.tiny_run import tiny_export

    return tiny_export(tmp_path_factory.mktemp("out") / "bundle", run, store)
