"""Batches depend on seed and step alone, keep to their clips, and pair each action with what it did."""

from __future__ import annotations

import dataclasses
import threading

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from tests.scripted_worlds.sprite.rules import BACKGROUNDS, SPRITES, draw, find_sprite
from training.windows import VALIDATION_EVERY, Window, Windows, pixels

CPU = torch.device("cpu")


def windows(store: FrameStore, length: int = 5, batch: int = 16, seed: int = 0) -> Windows:
    return Windows(store, length=length, batch=batch, seed=seed, device=CPU)


def same(a: Window, b: Window) -> bool:
    return all(np.array_equal(ours, theirs) for ours, theirs in zip(a, b, strict=True))


def obeyed(window: Window, names: tuple[str, ...]) -> float:
    """Share of a batch's transitions that are what the sprite's rules make of the action."""
    colours = {colour: name for name, colour in (SPRITES | BACKGROUNDS).items()}
    right = []
    for frames, actions in zip(window.frames.numpy(), window.actions.tolist(), strict=True):
        found, counts = np.unique(frames[0].reshape(-1, 3), axis=0, return_counts=True)
        sprite, background = (colours[tuple(found[i].tolist())] for i in np.argsort(counts))
        for before, action, after in zip(frames[:-1], actions, frames[1:], strict=True):
            place = find_sprite(before, sprite, background).moved(names[action])
            right.append(np.array_equal(after, draw(place, sprite, background)))
    return float(np.mean(right))


def test_a_batch_is_a_pure_function_of_seed_and_step(store: FrameStore) -> None:
    first, again = windows(store, seed=3), windows(store, seed=3)
    later = first.at(41)
    first.at(7)
    assert same(later, again.at(41)) and same(first.at(41), later)
    assert not same(later, again.at(42))
    assert not same(later, windows(store, seed=4).at(41))
    assert same(first.held_out(8), windows(store, seed=4, batch=2).held_out(8))


def test_windows_keep_to_their_clip_and_miss_no_frame(numbered: FrameStore) -> None:
    drawn = windows(numbered, length=4, batch=64)
    for step in range(20):
        window = drawn.at(step)
        clip, position = window.frames[:, :, 0, 0, 0].int(), window.frames[:, :, 0, 0, 1].int()
        assert (clip == clip[:, :1]).all()
        assert (position.diff(dim=1) == 1).all()
        assert torch.equal(window.captions, clip.long())
        rows = torch.from_numpy(numbered.starts)[clip.long()] + position
        assert torch.equal(window.actions, rows[:, :-1])


def test_every_window_of_every_long_enough_clip_can_be_drawn(numbered: FrameStore) -> None:
    drawn = windows(numbered, length=4)
    possible = int(np.maximum(np.diff(numbered.starts) - 3, 0).sum())
    starts = np.concatenate((drawn.training, drawn.validation))
    assert len(np.unique(starts)) == len(starts) == possible


def test_validation_clips_are_never_trained_on(numbered: FrameStore) -> None:
    drawn = windows(numbered, length=3, batch=64)
    trained = {int(n) for step in range(60) for n in drawn.at(step).frames[..., 0].unique()}
    assert len(trained) > 100 and all(n % VALIDATION_EVERY for n in trained)
    assert {int(n) for n in drawn.held_out(64).frames[..., 0].unique()} == {0, VALIDATION_EVERY}


def test_the_action_at_t_leads_to_frame_t_plus_1(store: FrameStore) -> None:
    drawn = windows(store, length=6, batch=32)
    for window in (drawn.at(0), drawn.at(1), drawn.held_out(32)):
        assert obeyed(window, store.action_names) == 1
    for shift in (1, -1):  # the check itself can tell
        late = dataclasses.replace(store, actions=np.roll(store.actions, shift))
        batch = windows(late, length=6, batch=64).at(0)
        batch = batch._replace(actions=batch.actions.clamp(min=0))
        assert obeyed(batch, store.action_names) < 0.95


def test_steady_windows_do_not_reach_over_a_change_but_may_begin_with_one(numbered: FrameStore) -> None:
    attributes: list[dict] = [{} for _ in numbered.attributes]
    attributes[4] = {"changes": [{"frame": 3, "floor": "lava"}]}  # a clip of seven frames
    attributes[6] = {"changes": "none of ours"}
    store = dataclasses.replace(numbered, attributes=attributes)
    change = int(store.starts[4]) + 3
    assert store.changed().tolist() == [change]
    every = windows(store, length=3)
    steady = Windows(store, length=3, batch=16, seed=0, device=CPU, steady=True)
    assert np.setdiff1d(every.training, steady.training).tolist() == [change - 2, change - 1]
    np.testing.assert_array_equal(every.validation, steady.validation)
    single = Windows(store, length=1, batch=16, seed=0, device=CPU, steady=True)
    np.testing.assert_array_equal(single.training, windows(store, length=1).training)


def test_windows_over_changes_are_drawn_as_often_as_asked(numbered: FrameStore) -> None:
    attributes: list[dict] = [{} for _ in numbered.attributes]
    attributes[4] = {"changes": [{"frame": 3, "floor": "lava"}]}
    store = dataclasses.replace(numbered, attributes=attributes)
    change = int(store.starts[4]) + 3

    def share_over(drawn: Windows) -> float:
        clip, frame = drawn.at(0).frames[:, 0, 0, 0, :2].unbind(-1)  # as `numbered` paints them
        return float(((clip == 4) & (frame < 3) & (frame > 0)).float().mean())

    over = Windows(store, length=3, batch=400, seed=0, device=CPU, changing=0.5)
    assert over.over_changes.tolist() == [change - 2, change - 1]
    rare = 2 / len(over.training)
    assert share_over(over) == pytest.approx(0.5 + rare / 2, abs=0.08)
    assert share_over(windows(store, length=3, batch=400)) == pytest.approx(rare, abs=0.05)
    without = Windows(numbered, length=3, batch=4, seed=0, device=CPU, changing=0.5)
    assert torch.equal(without.at(1).frames, windows(numbered, length=3, batch=4).at(1).frames)


@pytest.mark.parametrize("asked", [{"steady": True}, {"changing": 0.5}, {}], ids=str)
def test_windows_are_the_same_wherever_the_frames_lie(
    store: FrameStore, asked: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.windows._PIECE", 100)  # frames are moved in many pieces, the last one short
    assert len(store.frames) > 1000 and len(store.frames) % 100
    clips = [dict(one) for one in store.attributes]
    clips[7] |= {"changes": [{"frame": 5, "sprite": "green"}]}
    changing = dataclasses.replace(store, attributes=clips)
    resident, read = (
        Windows(changing, length=5, batch=64, seed=2, device=CPU, resident=where, **asked)
        for where in (True, False)
    )
    assert read.resident is None and resident.resident is not None
    assert np.array_equal(resident.resident.numpy(), store.frames)
    assert not np.shares_memory(resident.resident.numpy(), store.frames)
    for step in (0, 1, 40, 2):
        assert same(resident.at(step), read.at(step))
    assert same(resident.held_out(32), read.held_out(32))
    assert resident.waited() == 0 < read.waited(), "nothing is read ahead, nothing waited for"
    for drawn in (resident, read):
        drawn.close()
    assert resident.resident is None, "its memory is free again"


def test_closed_it_has_no_thread_left(store: FrameStore) -> None:
    before = set(threading.enumerate())
    drawn = windows(store)
    drawn.at(0)
    (reader,) = set(threading.enumerate()) - before
    drawn.close()
    assert not reader.is_alive()


def test_clips_that_are_too_short_are_one_line(store: FrameStore) -> None:
    with pytest.raises(ClipError, match="no clip has 13 frames") as caught:
        windows(store, length=13)
    assert "\n" not in str(caught.value)


def test_pixels_are_channels_first_in_minus_one_to_one() -> None:
    frame = torch.tensor([[[[0, 255, 51]]]], dtype=torch.uint8)
    assert torch.allclose(pixels(frame)[0, :, 0, 0], torch.tensor([-1.0, 1.0, -0.6]))
