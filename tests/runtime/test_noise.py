import numpy as np
import pytest

from genie.core.errors import UsageError
from genie.runtime.noise import LARGEST_SEED, checked_seed, shuffle, step_noise


def test_noise_is_a_pure_function_of_seed_and_frame() -> None:
    noise = step_noise(7, 100, (2, 3, 4))
    assert noise.shape == (2, 3, 4)
    assert noise.dtype == np.float32
    assert np.array_equal(noise, step_noise(7, 100, (2, 3, 4)))
    for other in (step_noise(8, 100, (2, 3, 4)), step_noise(7, 101, (2, 3, 4))):
        assert not np.isin(other, noise).any()


def test_noise_is_uniform_and_never_0_or_1() -> None:
    noise = step_noise(1, 1, (500_000,))
    assert noise.min() > 0
    assert noise.max() < 1
    assert np.histogram(noise, 10, (0, 1))[0] == pytest.approx(np.full(10, 50_000), rel=0.03)
    top = (np.float32((1 << 23) - 1) + np.float32(0.5)) * np.float32(2.0**-23)
    assert 0 < 1 - top < 1e-6


def test_frames_share_no_draws() -> None:
    # Counters that are merely one apart would give the same numbers, shifted.
    first, second = step_noise(3, 10, (1000,)), step_noise(3, 11, (1000,))
    assert len(np.intersect1d(first, second)) < 5


def test_choices_reach_everything_and_follow_the_seed() -> None:
    assert {shuffle(seed, 5)[0] for seed in range(60)} == set(range(5))
    assert shuffle(9, 1000) == shuffle(9, 1000) != shuffle(8, 1000)
    assert sorted(shuffle(9, 1000)) == list(range(1000))


@pytest.mark.parametrize("seed", [-1, 1.5, "7", None, 2**63])
def test_what_is_no_seed_is_refused(seed: object) -> None:
    with pytest.raises(UsageError, match="seed"):
        checked_seed(seed)  # type: ignore[arg-type]


def test_any_whole_number_is_a_seed() -> None:
    assert checked_seed(np.int32(5)) == 5
    assert step_noise(checked_seed(LARGEST_SEED), 10**9, (1,)).size
