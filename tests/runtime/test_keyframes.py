import numpy as np
import pytest

from genie.runtime.keyframes import EVERY, MOST_KEYFRAMES, Keyframe, Keyframes
from genie.runtime.stepper import State

SMALL = State(tokens=np.zeros((1, 4, 2), np.int64), frames=np.zeros((1, 1, 4, 4, 3), np.uint8), cache=None)


def keyframe(index: int, cache_bytes: int = 1000) -> Keyframe:
    cache = np.zeros(cache_bytes // 4, np.float32) if index else None
    return Keyframe(index=index, state=State(tokens=SMALL.tokens, frames=SMALL.frames, cache=cache))


def filled(frames: int, most_bytes: int) -> Keyframes:
    keyframes = Keyframes(keyframe(0), most_bytes)
    for index in range(EVERY, frames, EVERY):
        keyframes.add(keyframe(index))
        assert keyframes.nbytes <= most_bytes
    return keyframes


@pytest.mark.parametrize("room", [4, 6, 12])
def test_going_back_costs_little_more_than_the_way(room: int) -> None:
    frames = 10_000
    keyframes = filled(frames, room * 1200)
    assert len(keyframes.indices) <= room + 1
    # To replay a step for each frame gone back is fair; this few keyframes cannot do much better.
    ratio = (frames / EVERY) ** (1 / (len(keyframes.indices) - 1))
    for back in (1, 8, 20, 50, 100, 400, 1000, 3000, 9000):
        replayed = frames - back - keyframes.nearest(frames - back).index
        assert replayed <= 2 * ratio * (back + EVERY), back


def test_the_first_and_the_newest_stay_however_large() -> None:
    keyframes = Keyframes(keyframe(0), most_bytes=10)
    for index in (8, 16, 24):
        keyframes.add(keyframe(index))
    assert keyframes.indices == (0, 24)


def test_their_number_is_bounded_too() -> None:
    assert len(filled(10_000, 1 << 30).indices) == MOST_KEYFRAMES


def test_nearest_is_at_or_before_and_a_dropped_future_is_gone() -> None:
    keyframes = filled(100, 1 << 20)
    assert [keyframes.nearest(i).index for i in (0, 7, 8, 95, 500)] == [0, 0, 8, 88, 96]
    keyframes.drop_after(50)
    assert keyframes.indices[-1] == 48
    keyframes.drop_after(0)
    assert keyframes.indices == (0,)


def test_a_keyframe_is_kept_once_and_in_its_place() -> None:
    keyframes = filled(30, 1 << 20)
    keyframes.add(keyframe(16))
    keyframes.add(keyframe(13))
    assert keyframes.indices == (0, 8, 13, 16, 24)
