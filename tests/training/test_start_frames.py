"""Which frames play may start from."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from genie.clips.frame_store import FrameStore
from training.record import RecordConfig, record
from training.start_frames import FEWEST, SPAN, STARTS, start_clips, validation_clips
from training.start_frames import start_frames as frames_of
from training.windows import VALIDATION_EVERY

SIZE = 16


def scene(columns: int, left: int = 0) -> np.ndarray:
    frame = np.zeros((SIZE, SIZE, 3), np.uint8)
    for column in range(left, left + 8 * columns, 8):
        frame[:, column % SIZE : column % SIZE + 4] = 255
    return frame


def store_of(clips: list[np.ndarray]) -> FrameStore:
    """Clips of which only the first and every hundredth after it are kept out of training."""
    frames, starts = np.concatenate(clips), np.cumsum([0, *map(len, clips)])
    return FrameStore(
        frames=frames,
        starts=starts,
        actions=np.full(len(frames), -1, np.int16),
        captions=["before", "after"],
        caption_of=np.concatenate([np.arange(len(clip)) >= 3 for clip in clips]).astype(np.int32),
        clip_captions=["before"] * len(clips),
        attributes=[{}] * len(clips),
        action_names=("noop",),
        fps=15.0,
        hash="0" * 64,
    )


def start_frames(store: FrameStore) -> tuple[np.ndarray, list[str]]:
    return frames_of(store, validation_clips(store))


def still(length: int, seed: int) -> np.ndarray:
    picture = np.random.default_rng(seed).integers(0, 256, (1, SIZE, SIZE, 3), np.uint8)
    return picture.repeat(length, 0)


def test_a_start_is_still_with_much_to_see_and_a_way_on() -> None:
    plain, stuck = [scene(0)] * 6, [scene(1)] * 5
    left = [*[scene(2)] * 5, *(scene(2, left=n) for n in range(1, 41))]
    frames, captions = start_frames(store_of([np.array([*plain, *stuck, *left])]))
    assert np.array_equal(frames, [scene(2)])
    assert captions == ["after"], "the caption must hold at the frame itself, not at the clip's first"


def test_a_change_of_look_is_no_way_on() -> None:
    clip = np.array([*[scene(1)] * 6, *[scene(2)] * 8, *(scene(2, left=n % 2) for n in range(12))])
    assert np.array_equal(start_frames(store_of([clip]))[0], [scene(2)])


def test_after_a_change_of_look_nobody_starts() -> None:
    plain = np.array([*[scene(1)] * 6, *[scene(2)] * 8, *(scene(2, left=n % 2) for n in range(9))])
    store = store_of([plain])
    assert np.array_equal(start_frames(store)[0], [scene(2)])
    store.attributes[0] = {"changes": [{"frame": 6, "ground": "snow"}]}
    assert np.array_equal(start_frames(store)[0], [scene(1)])


def test_nobody_starts_in_mid_air() -> None:
    falling = np.array([np.roll(still(1, 3)[0], 3 * n, 0) for n in range(SPAN[1])])
    frames, _ = start_frames(store_of([np.concatenate((falling, still(SPAN[1], 4)))]))
    assert np.array_equal(frames, still(1, 4))


def test_starts_are_of_clips_kept_out_of_training_and_unlike() -> None:
    clips = [still(4, seed % 9 + 1) for seed in range((FEWEST - 1) * VALIDATION_EVERY + 1)]
    clips[::VALIDATION_EVERY] = [still(4, 100)] * FEWEST
    clips[2 * VALIDATION_EVERY] = still(4, 200)
    frames, _ = start_frames(store_of(clips))
    assert sorted(frames.sum((1, 2, 3))) == sorted([still(1, 100).sum(), still(1, 200).sum()])


def test_of_few_clips_all_may_be_started_from() -> None:
    frames, _ = start_frames(store_of([still(4, seed) for seed in range(1, 7)]))
    assert len(frames) > 3


def test_there_are_so_many_starts_and_no_more() -> None:
    clips = [still(2, n // VALIDATION_EVERY) for n in range((STARTS + 3) * VALIDATION_EVERY)]
    assert len(start_frames(store_of(clips))[0]) == STARTS


def test_a_clip_of_one_frame_starts_with_it() -> None:
    assert np.array_equal(start_frames(store_of([still(1, 5)]))[0], still(1, 5))


def test_nobody_starts_where_there_is_next_to_nothing_to_see() -> None:
    rich, bare = still(SPAN[1], 5), np.zeros((SPAN[1], SIZE, SIZE, 3), np.uint8)
    bare[:, 0, 0] = 255
    frames, _ = start_frames(store_of([np.concatenate((rich, bare, np.roll(rich, 3, 1)))]))
    assert len(frames) and all(frame.mean() > 50 for frame in frames)


def test_starts_have_clips_of_their_own_and_no_look_that_training_never_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENIE_WORLDS", str(Path(__file__).parents[1] / "scripted_worlds"))
    names = ["background", "sprite"]
    for split, clips in (("train", 6), ("starts", 20)):
        record(
            RecordConfig(world="sprite", clips=clips, out=tmp_path, frames=8, split=split), lambda *_: None
        )
        if split == "train":
            trained = FrameStore.open(tmp_path, "train")
            assert start_clips(tmp_path, trained, names, None) == (trained, validation_clips(trained))
    seen = {(look["background"], look["sprite"]) for look in trained.attributes}
    changed = {"frame": 4, "sprite": next(iter({b for _, b in seen}))}
    trained = dataclasses.replace(
        trained, attributes=[*trained.attributes[1:], {**trained.attributes[0], "changes": [changed]}]
    )
    seen.add((trained.attributes[-1]["background"], changed["sprite"]))
    store, clips = start_clips(tmp_path, trained, names, None)
    assert store.hash == FrameStore.open(tmp_path, "starts").hash != trained.hash
    looks = [(look["background"], look["sprite"]) for look in store.attributes]
    assert 0 < len(clips) < len(looks)
    assert list(clips) == [n for n, look in enumerate(looks) if look in seen]
