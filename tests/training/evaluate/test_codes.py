"""What a code does is found in the bundle: its graph, cut open, says what torch says and plays alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import genie
from genie.clips.frame_store import FrameStore
from genie.models.latent_action import stacked
from tests.support.tiny_bundle import write_tiny_bundle
from training.evaluate.codes import CodeGraph, look_at_codes
from training.evaluate.held import STEPS
from training.evaluate.real_clips import SPAN, RealClips
from training.trained import Run
from training.windows import pixels

CODES = 7


@pytest.fixture(scope="module")
def world(bundle: Path) -> Any:
    return genie.load(bundle, device="cpu")


@pytest.fixture(scope="module")
def cut(world: Any) -> CodeGraph:
    found = CodeGraph.open(world)
    assert found is not None
    return found


def past(store: FrameStore, first: int) -> np.ndarray:
    return np.ascontiguousarray(store.frames[first : first + 2])[None]


def test_the_cut_graph_says_what_the_models_say(cut: CodeGraph, run: Path, store: FrameStore) -> None:
    drafter, keys = Run(run).drafter(), Run(run).keys()
    agree = 0
    for first in range(0, 60, 6):
        frames = past(store, first)
        seen = stacked(pixels(torch.from_numpy(frames[0]))[None])
        middle = np.array([cut.motion(frames, code)[:, 2:-2, 2:-2].mean((1, 2)) for code in range(CODES)])
        assert middle == pytest.approx(-drafter.latent_action.foretell(seen).motion[0].numpy(), abs=0.02)
        codes, _ = drafter.by_key(seen.repeat(5, 1, 1, 1), torch.arange(5), keys)
        agree += sum(cut.code(frames, key) == int(codes[key]) for key in range(5))
    assert agree >= 48, "of 50; weights are stored small, so a near tie may fall the other way"


def test_a_key_and_the_code_it_means_lead_to_the_same_frames(
    world: Any, cut: CodeGraph, store: FrameStore
) -> None:
    coded = cut.world_of_codes(world)
    assert len(coded.actions) == CODES and len(world.actions) == 5, "the world itself is as it was"
    by_key, by_code = (w.start(image=store.frames[0], seed=3, prompt="") for w in (world, coded))
    seen = [by_key.frame, by_key.frame]
    different = 0
    for step in range(12):
        key = step % 5
        code = cut.code(np.stack(seen[-2:])[None], key)
        seen.append(by_key.step(key))
        mark = by_code.snapshot()
        other = by_code.step((code + 1) % CODES)
        by_code.restore(mark)
        assert np.array_equal(by_code.step(code), seen[-1])
        different += not np.array_equal(other, seen[-1])
    assert different > 0, "codes are told apart"


def test_every_code_is_held_from_one_start(world: Any, store: FrameStore) -> None:
    frames = np.stack(
        [np.resize(store.frames[first : first + 12], (SPAN, *store.frames.shape[1:])) for first in (0, 12)]
    )
    fields = {"frames": frames, "actions": np.zeros((2, SPAN - 1), int), "captions": ["", ""]}
    fields["attributes"] = [{}, {}]
    found = look_at_codes(world, RealClips(**fields), start=1)
    assert found is not None
    assert found.motion.shape[:2] == (CODES, 2)
    assert found.meant.shape == (5, CODES) and (found.meant.sum(1) == 2).all()
    assert found.held.futures.shape == (CODES, STEPS, *store.frames.shape[1:])
    assert found.held.start.shape == store.frames.shape[1:]


def test_a_world_without_codes_has_none(tmp_path: Path) -> None:
    assert CodeGraph.open(genie.load(write_tiny_bundle(tmp_path / "tiny"), device="cpu")) is None
