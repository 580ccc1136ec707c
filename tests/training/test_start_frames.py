"""Which frames play may start from."""

import numpy as np

from genie.clips.frame_store import FrameStore
from training.start_frames import STARTS, start_frames
from training.windows import VALIDATION_EVERY

SIZE = 16


def scene(columns: int, left: int = 0) -> np.ndarray:
    frame = np.zeros((SIZE, SIZE, 3), np.uint8)
    for column in range(left, left + 8 * columns, 8):
        frame[:, column : column + 4] = 255
    return frame


def clip() -> np.ndarray:
    frames = [scene(0)] * 4 + [scene(1)] * 2 + [scene(2, left=0), scene(2, left=4), scene(1, 2), scene(2)]
    return np.array(frames)


def store(clips: int) -> FrameStore:
    length = len(clip())
    return FrameStore(
        frames=np.concatenate([clip()] * clips),
        starts=np.arange(clips + 1) * length,
        actions=np.full(clips * length, -1, np.int16),
        captions=["before", "after"],
        caption_of=np.tile(np.repeat([0, 1], [3, length - 3]), clips).astype(np.int32),
        clip_captions=["before"] * clips,
        attributes=[{}] * clips,
        action_names=("noop",),
        fps=15.0,
        hash="0" * 64,
    )


def test_a_start_is_still_and_has_the_most_to_see() -> None:
    frames, captions = start_frames(store(1))
    assert np.array_equal(frames, [scene(1)])
    assert captions == ["after"], "the caption must hold at the frame itself, not at the clip's first"


def test_starts_are_of_clips_kept_out_of_training() -> None:
    marked = store(2 * VALIDATION_EVERY)
    kept = np.isin(np.arange(len(marked.frames)) // len(clip()), (0, VALIDATION_EVERY))
    marked.frames[~kept] = 77
    frames, _ = start_frames(marked)
    assert len(frames) == 2
    assert not (frames == 77).any()


def test_there_are_so_many_starts_and_no_more() -> None:
    assert len(start_frames(store((STARTS + 3) * VALIDATION_EVERY))[0]) == STARTS


def test_a_clip_of_one_frame_starts_with_it() -> None:
    one = store(1)
    lone = FrameStore(**{**vars(one), "frames": one.frames[:1], "starts": np.array([0, 1])})
    assert np.array_equal(start_frames(lone)[0], one.frames[:1])
