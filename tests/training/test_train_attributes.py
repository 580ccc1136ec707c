"""The judge of attributes learns what captions speak of, where it is so, and says from whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from training import checkpoint
from training.attribute_judge import AttributeJudge, AttributeJudgeConfig
from training.evaluate.judging import load_attribute_judge
from training.judge import Judge, JudgeConfig
from training.loop_config import LoopConfig
from training.train_attributes import (
    AttributesStage,
    attribute_numbers,
    eye_of_judge,
    spoken_attributes,
)

CPU = torch.device("cpu")
SIZES = {"height": 32, "width": 32, "channels": 8, "blocks": 1}
LOOP = LoopConfig(steps=240, batch=24)


def described(store: FrameStore, clips: list[dict]) -> FrameStore:
    return FrameStore(**{**vars(store), "attributes": clips})


def test_only_what_captions_speak_of_is_read(store: FrameStore) -> None:
    """Who drew the actions is told of every clip, and no picture shows it."""
    clips = [{**one, "policy": ("sticky", "random")[n % 2]} for n, one in enumerate(store.attributes)]
    found = spoken_attributes(described(store, clips))
    assert set(found) == {"background", "sprite"}
    assert found["sprite"] == sorted({one["sprite"] for one in store.attributes})


def test_frames_after_a_change_of_look_have_the_new_value(store: FrameStore) -> None:
    clips = [dict(one) for one in store.attributes]
    clips[1] = {"sprite": "a", "changes": [{"frame": 5, "sprite": "b"}]}
    numbers = attribute_numbers(described(store, clips), "sprite", ["a", "b"])
    first, last = store.starts[1:3]
    assert numbers[first : first + 5].tolist() == [0] * 5
    assert numbers[first + 5 : last].tolist() == [1] * (last - first - 5)
    assert (numbers[:first] == -1).all(), "of other values nothing is learned"


def test_it_learns_to_name_what_clips_it_never_saw_show(store: FrameStore) -> None:
    torch.manual_seed(0)
    config = AttributeJudgeConfig(attributes=spoken_attributes(store), **SIZES)
    stage = AttributesStage(config, store, LOOP, CPU)
    optimizer = torch.optim.Adam(stage.model.parameters(), 3e-3)
    before = stage.validate(stage.model)
    for step in range(LOOP.steps):
        loss, figures = stage.loss(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    after = stage.validate(stage.model)
    assert set(figures) == set(after) == {"background", "sprite"}
    assert min(after.values()) > 0.9 and min(before.values()) < 0.7


def test_a_batch_is_a_function_of_the_step_and_no_kept_out_clip_is_in_it(numbered: FrameStore) -> None:
    clips = [{"look": ("a", "b")[n % 2]} for n in range(len(numbered.attributes))]
    frames = np.repeat(np.repeat(numbered.frames, 8, 1), 8, 2)
    store = FrameStore(**{**vars(described(numbered, clips)), "frames": frames})
    config = AttributeJudgeConfig(attributes={"look": ["a", "b"]}, **{**SIZES, "height": 16, "width": 16})
    stage = AttributesStage(config, store, LOOP, CPU)
    assert {0, 100} == set(frames[stage.held_out][:, 0, 0, 0].tolist())
    assert not {0, 100} & set(frames[stage.rows][:, 0, 0, 0].tolist())
    once, twice = (float(stage.loss(3)[0].detach()) for _ in range(2))
    assert once == twice != float(stage.loss(4)[0].detach())


def test_it_begins_with_a_judges_eye_and_owns_up_to_its_levels(store: FrameStore) -> None:
    judge = Judge(JudgeConfig(actions=5, **SIZES))
    said = {"data_hash": "x", "levels": [7, 9], "simulated_levels": [2000, 2100]}
    state = {"config": vars(judge.config), "average": judge.state_dict(), "learned_from": said}
    clips = [{**one, "level": 3000 + n} for n, one in enumerate(store.attributes)]
    config = AttributeJudgeConfig(attributes=spoken_attributes(store), **SIZES)
    stage = AttributesStage(config, described(store, clips), LOOP, CPU, eye=eye_of_judge(state))
    ours, theirs = stage.model.see, judge.picture.see
    assert torch.equal(ours[1].weight, theirs[1].weight)
    assert torch.equal(ours[2].first.weight, theirs[2].first.weight)
    learned = stage.learned_from()
    assert {7, 9, 3000} <= set(learned["levels"]) and learned["simulated_levels"] == [2000, 2100]
    assert learned["data_hash"] == store.hash


def test_clips_that_say_nothing_are_refused(numbered: FrameStore) -> None:
    with pytest.raises(ClipError, match="speak of no attribute"):
        AttributesStage(AttributeJudgeConfig(attributes={}, **SIZES), numbered, LOOP, CPU)
    with pytest.raises(ClipError, match="more than 100 clips"):
        AttributesStage(AttributeJudgeConfig(attributes={"x": ["a", "b"]}, **SIZES), numbered, LOOP, CPU)


def test_a_run_folders_judge_is_loaded_and_a_broken_one_refused(tmp_path: Path) -> None:
    assert load_attribute_judge(tmp_path) is None
    config = {"attributes": {"look": ["a", "b"]}, **SIZES}
    judge = AttributeJudge(AttributeJudgeConfig(**config))  # type: ignore[arg-type]
    state = {"config": config, "average": judge.state_dict(), "learned_from": {"levels": [1]}}
    file = tmp_path / "attributes" / "checkpoint.pt"
    checkpoint.save(file, state)
    found = load_attribute_judge(tmp_path)
    assert found is not None and found.learned_from == {"levels": [1]} and len(found.digest) == 64
    frames = torch.randint(256, (3, 32, 32, 3), dtype=torch.uint8)
    assert torch.equal(found.judge(frames)["look"], judge.eval()(frames)["look"])
    checkpoint.save(file, state | {"config": {"attributes": {"look": ["a", "b", "c"]}, **SIZES}})
    with pytest.raises(checkpoint.CheckpointError, match="train it again"):
        load_attribute_judge(tmp_path)
