"""The attribute judge names what single frames show, whole or spoiled, and nothing it was not shown."""

from pathlib import Path

import numpy as np
import pytest

from genie.core.errors import ClipError
from training.attribute_judge import AttributeJudge, accuracy, fit
from training.checkpoint import CheckpointError

GROUNDS = {"stripes": (0, 1), "checks": (1, 1), "plain": (0, 0)}
SPRITES = {"red": (220, 40, 40), "blue": (40, 60, 220)}


def pictures(count: int, seed: int) -> tuple[np.ndarray, list[dict[str, str]]]:
    """Noisy frames 32x32: a ground in one of three patterns, and a small sprite in the middle."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((32, 32)) // 4
    frames, truths = [], []
    for _ in range(count):
        ground, sprite = rng.choice(list(GROUNDS)), rng.choice(list(SPRITES))
        across, down = GROUNDS[ground]
        pattern = (columns * across + rows * down + rng.integers(2)) % 2 * 80 + 60
        frame = np.repeat(pattern[..., None], 3, 2) + rng.integers(-10, 10, (32, 32, 3))
        y, x = rng.integers(12, 16, 2)
        frame[y : y + 5, x : x + 5] = SPRITES[sprite]
        frames.append(frame.clip(0, 255).astype(np.uint8))
        truths.append({"ground": str(ground), "sprite": str(sprite)})
    return np.stack(frames), truths


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> AttributeJudge:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.attribute_judge.CENTROIDS", 24)
        patch.setattr("training.attribute_judge.SAMPLED_PATCHES", 2000)
        return fit(*pictures(90, 1))


def test_what_frames_show_is_named(judge: AttributeJudge) -> None:
    found = accuracy(judge, *pictures(60, 2))
    assert set(found) == {"ground", "sprite"}
    assert min(found.values()) > 0.9


def test_another_truth_is_not_agreed_with(judge: AttributeJudge) -> None:
    frames, truths = pictures(60, 2)
    other = {"red": "blue", "blue": "red"}
    wrong = [{**truth, "sprite": other[truth["sprite"]]} for truth in truths]
    assert accuracy(judge, frames, wrong)["sprite"] < 0.1


def test_a_judge_comes_back_from_its_file(judge: AttributeJudge, tmp_path: Path) -> None:
    judge.save(tmp_path / "judge" / "attributes.npz")
    frames, _ = pictures(8, 3)
    assert AttributeJudge.load(tmp_path / "judge" / "attributes.npz").name(frames) == judge.name(frames)


def test_a_file_that_is_no_judge_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04 no")
    np.savez(tmp_path / "y.npz", labels=np.array([["a", "b"]]))
    for name in ("x.npz", "y.npz", "none.npz"):
        with pytest.raises(CheckpointError, match=name):
            AttributeJudge.load(tmp_path / name)


def test_frames_without_attributes_cannot_be_judged() -> None:
    frames, truths = pictures(4, 0)
    for broken in ([{}] * 4, [*truths[:3], {"ground": "plain"}]):
        with pytest.raises(ClipError, match="attributes"):
            fit(frames, broken)
