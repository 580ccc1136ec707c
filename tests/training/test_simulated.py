"""What a simulator shows is made once, in pieces, and goes on after a kill."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from genie.worlds import read_world
from tests.training.conftest import SPRITE
from training import simulated as module
from training.simulated import Simulated

MORE = '''

class Branched:
    """What `branches` returns."""

    def __init__(self, past, futures):
        self.past, self.futures = past, futures


def _player_pairs(self, *, split, count, seed):
    with (Path(__file__).parent / "made").open("a") as told:
        told.write(f"{count}\\n")
    rows = np.arange(count, dtype=np.uint8) + seed % 100
    return np.broadcast_to(rows[:, None, None, None], (count, 4, 4, 3)), np.zeros((count, 4, 4, 3), np.uint8)


def _branches(self, *, split, count, past, future, seed):
    assert split == "judge"
    return Branched(np.ones((count, past, 4, 4, 3), np.uint8), np.ones((count, 5, future, 4, 4, 3), np.uint8))


SpriteSource.player_pairs = _player_pairs
SpriteSource.branches = _branches
'''


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulated:
    """A sprite world that shows more, five pairs at a time, three moments at a time."""
    shutil.copytree(SPRITE, tmp_path / "worlds" / "sprite")
    source = tmp_path / "worlds" / "sprite" / "source.py"
    source.write_text(
        source.read_text().replace("import numpy", "from pathlib import Path\n\nimport numpy") + MORE
    )
    monkeypatch.setattr(module, "PAIRS", 5)
    monkeypatch.setattr(module, "MOMENTS", 3)
    monkeypatch.setattr(module, "cores", lambda: 1)
    return Simulated(read_world(source.parent), tmp_path / "kept", seed=3)


def made(kept: Simulated) -> list[str]:
    return (Path(kept.world) / "made").read_text().split()


def test_pieces_are_joined_and_made_once(kept: Simulated) -> None:
    present, absent = kept.pairs(12)
    assert present.shape == absent.shape == (12, 4, 4, 3) and not absent.any()
    firsts = present[::5, 0, 0, 0]
    assert len(set(firsts.tolist())) == 3, "each piece has a seed of its own"
    np.testing.assert_array_equal(present[:5, 0, 0, 0], firsts[0] + np.arange(5))
    again, _ = kept.pairs(12)
    np.testing.assert_array_equal(again, present)
    assert made(kept) == ["5", "5", "2"]
    past, futures = kept.moments(7, past=2, future=8)
    assert past.shape == (7, 2, 4, 4, 3) and futures.shape == (7, 5, 8, 4, 4, 3)


def test_killed_only_what_is_missing_is_made(kept: Simulated) -> None:
    present, _ = kept.pairs(12)
    files = sorted(kept.folder.iterdir())
    files[1].rename(files[1].with_suffix(".partial"))
    again, _ = kept.pairs(12)
    np.testing.assert_array_equal(again, present)
    assert made(kept) == ["5", "5", "2", "5"]


def test_several_processes_make_the_same(kept: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, _ = kept.pairs(12)
    shutil.rmtree(kept.folder)
    monkeypatch.setattr(module, "cores", lambda: 2)
    together, _ = kept.pairs(12)
    np.testing.assert_array_equal(together, alone)
