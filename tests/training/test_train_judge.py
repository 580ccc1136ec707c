"""The judge names the action between its second and third frame, and tells who is in the picture."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from tests.scripted_worlds.sprite.rules import BACKGROUNDS, MOVES, Place, draw
from training.degrade import degrade, haze, quality
from training.equal_keys import equal_keys, guess
from training.judge import BEFORE, FRAMES, Judge, JudgeConfig
from training.train_judge import HeldKeys, JudgeStage, visible_attributes
from training.windows import Windows, pixels

CPU = torch.device("cpu")
CONFIG = JudgeConfig(actions=5, height=32, width=32, channels=8, blocks=1)
NAMES = tuple(MOVES)


@pytest.fixture(scope="module")
def restless() -> FrameStore:
    """A sprite that does something else every frame: a judge that looked one frame aside would guess."""
    rng = np.random.default_rng(0)
    clips, length = 300, 6
    actions = rng.integers(5, size=(clips, length)).astype(np.int16)
    frames = []
    for taken in actions:
        place = Place(*(int(v) for v in rng.integers(4, 21, 2)))
        for action in taken:
            frames.append(draw(place, "white", "black"))
            place = place.moved(NAMES[action])
    actions[:, -1] = -1
    return FrameStore(
        frames=np.stack(frames),
        starts=np.arange(clips + 1) * length,
        actions=actions.reshape(-1),
        captions=[""],
        caption_of=np.zeros(clips * length, np.int32),
        clip_captions=[],
        attributes=[],
        action_names=NAMES,
        fps=15,
        hash="restless",
    )


def pairs(store: FrameStore) -> tuple[np.ndarray, np.ndarray]:
    present = np.asarray(store.frames[::3])
    absent = np.empty_like(present)
    absent[:] = BACKGROUNDS["black"]
    return present, absent


def trained(stage: JudgeStage, steps: int) -> Judge:
    optimizer = torch.optim.Adam(stage.model.parameters(), 3e-3)
    for step in range(steps):
        loss, _ = stage.loss(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return stage.model.eval()


def test_it_learns_to_name_actions_and_to_see_the_character(
    restless: FrameStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.windows.VALIDATION_EVERY", 5)
    torch.manual_seed(0)
    windows = Windows(restless, length=FRAMES, batch=32, seed=0, device=CPU)
    stage = JudgeStage(CONFIG, windows, CPU, pairs=pairs(restless))
    stage.held_out = windows.held_out(128)
    model = trained(stage, 120)
    with torch.no_grad():
        figures = stage.validate(model)
    assert figures["accuracy"] > 0.6, "one in five is chance"
    assert figures["present"] == figures["absent"] == 1
    frames = pixels(stage.held_out.frames[:, 0])
    spoiled = degrade(frames, torch.Generator().manual_seed(-1))
    with torch.no_grad():
        told = model.look_at(spoiled).quality
    assert torch.corrcoef(torch.stack((told, quality(spoiled, frames))))[0, 1] > 0.3


def test_the_label_is_the_action_from_the_second_frame_to_the_third(
    restless: FrameStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = Windows(restless, length=FRAMES, batch=64, seed=0, device=CPU)
    stage = JudgeStage(CONFIG, windows, CPU)
    labels: list[torch.Tensor] = []

    def spy(logits: torch.Tensor, keys: torch.Tensor, **_: object) -> torch.Tensor:
        labels.append(keys)
        return logits.sum()

    monkeypatch.setattr("training.train_judge.F.cross_entropy", spy)
    stage.loss(0)
    frames = windows.at(0).frames.numpy()
    for window, label in zip(frames, labels[0].tolist(), strict=True):
        y, x = np.argwhere(window[1][..., 0] > 100)[0]
        assert np.array_equal(window[2], draw(Place(int(x), int(y)).moved(NAMES[label]), "white", "black"))


def test_the_last_tenth_of_the_pairs_is_held_out(restless: FrameStore) -> None:
    windows = Windows(restless, length=FRAMES, batch=32, seed=0, device=CPU)
    present, absent = pairs(restless)
    kept = len(present) * 9 // 10
    stage = JudgeStage(CONFIG, windows, CPU, pairs=(present, absent))
    before = [stage.loss(step)[0].item() for step in range(3)]
    assert stage.pairs is not None
    stage.pairs[:, kept:] = 255
    assert [stage.loss(step)[0].item() for step in range(3)] == before
    stage.pairs[:, :kept] = 255
    assert [stage.loss(step)[0].item() for step in range(3)] != before


HELD = 4


def held_keys(moments: int, seed: int = 0) -> HeldKeys:
    """White squares on black under every key held for a while; borders make some keys the same."""
    rng = np.random.default_rng(seed)
    before, after = [], []
    for _ in range(moments):
        place = Place(*(2 * int(v) for v in rng.integers(0, 13, 2)))
        still = draw(place, "white", "black")
        before.append([still, still])
        futures = []
        for name in NAMES:
            there, frames = place, []
            for _ in range(HELD):
                there = there.moved(name)
                frames.append(draw(there, "white", "black"))
            futures.append(frames)
        after.append(futures)
    return HeldKeys(np.array(before), np.array(after))


def test_it_learns_to_name_held_keys_and_equals_count_as_one(restless: FrameStore) -> None:
    torch.manual_seed(0)
    held = held_keys(200)
    assert 0.2 < float(held.same.float().mean()) < 0.4, "at the borders some keys do nothing"
    config = JudgeConfig(actions=5, height=32, width=32, channels=8, blocks=1, held=HELD)
    windows = Windows(restless, length=FRAMES, batch=8, seed=0, device=CPU)
    stage = JudgeStage(config, windows, CPU, held=held, simulated=range(7, 9))
    stage.held_out = windows.held_out(16)
    before = stage._held_accuracy(stage.model.eval(), held)
    model = trained(stage, 80)
    with torch.no_grad():
        assert stage.validate(model)["held"] > max(0.9, before + 0.2)
        shuffled = HeldKeys(held.before, held.after[:, [1, 2, 3, 4, 0]])
        assert stage._held_accuracy(model, shuffled) < 0.5, "it names what is seen, not what is likely"
    assert stage.learned_from() == {"data_hash": "restless", "levels": None, "simulated_levels": [7, 9]}


def test_held_windows_end_the_past_with_the_moment_itself() -> None:
    held = held_keys(5)
    seen = held.windows(np.array([3, 1]), np.array([2, 4])).numpy()
    assert seen.shape == (2, BEFORE + HELD, 32, 32, 3)
    assert np.array_equal(seen[0, :BEFORE], held.before[3])
    assert np.array_equal(seen[1, BEFORE:], held.after[1, 4])


def test_keys_of_equal_effect_are_those_whose_futures_are_the_same() -> None:
    futures = np.zeros((2, 3, 2, 4, 4, 3), np.uint8)
    futures[0, 2] = 200
    futures[1, 1, 1, 0, 0] = 1  # one grey level in one of 32 pixels: nobody sees it
    same = equal_keys(futures)
    assert same[0].tolist() == [[True, True, False], [True, True, False], [False, False, True]]
    assert same[1].all()
    assert guess(same) == (1 / 2 + 1) / 2


def test_attributes_that_can_be_seen_are_words_of_a_few_values(store: FrameStore) -> None:
    clips = [{"level": n, "ground": ("sand", "snow")[n % 2], "game": "x", "n": "word"} for n in range(10)]
    del clips[3]["n"]
    for clip in clips:
        clip |= {"objects": ["ball", "box"], "changes": [{"frame": 3, "ground": "snow"}]}
    described = FrameStore(**{**vars(store), "attributes": clips})
    assert visible_attributes(described) == {"ground": ["sand", "snow"]}


def test_attributes_are_those_of_the_clip_that_a_window_is_of(store: FrameStore) -> None:
    attributes = visible_attributes(store)
    assert set(attributes) == {"background", "sprite"}
    config = JudgeConfig(actions=5, height=32, width=32, channels=8, blocks=1, attributes=attributes)
    windows = Windows(store, length=FRAMES, batch=32, seed=0, device=CPU)
    stage = JudgeStage(config, windows, CPU)
    window = windows.at(0)
    told = stage.attributes["background"][window.clips].tolist()
    for frames, value in zip(window.frames.numpy(), told, strict=True):
        colour = BACKGROUNDS[attributes["background"][value]]
        assert (frames[0] == colour).all(-1).mean() > 0.5
    _, figures = stage.loss(0)
    assert {"background", "sprite"} <= set(figures)


def test_haze_leaves_half_alone_and_is_the_generators(restless: FrameStore) -> None:
    frames = pixels(torch.from_numpy(restless.frames[:240])).unflatten(0, (60, 4))
    once, again, other = (haze(frames, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(once, again) and not torch.equal(once, other)
    untouched = (once == frames).flatten(1).all(1).float().mean()
    assert 0.3 < untouched < 0.7 and once.abs().max() <= 1


def test_where_there_is_no_character_none_is_ever_missing() -> None:
    frames = torch.randint(256, (4, 32, 32, 3), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    config = JudgeConfig(actions=5, height=32, width=32, channels=8, blocks=1)
    with torch.no_grad():
        assert not (Judge(config).look(frames).present == torch.inf).any()
        assert (Judge(dataclasses.replace(config, character=False)).look(frames).present > 0).all()


def test_a_single_picture_is_seen_the_same_however_it_is_given(restless: FrameStore) -> None:
    torch.manual_seed(0)
    judge = Judge(CONFIG).eval()
    window = Windows(restless, length=FRAMES, batch=8, seed=0, device=CPU).at(0).frames
    assert judge(window).shape == (8, 5)
    seen, again = judge.look(window[:, 1]), judge.look_at(pixels(window[:, 1]))
    assert seen.present.shape == seen.quality.shape == (8,)
    assert all(torch.allclose(a, b) for a, b in zip(seen[:3], again[:3], strict=True))
