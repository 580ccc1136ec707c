import sys
from pathlib import Path

import numpy as np
import pytest

from genie.core.errors import SourceError
from genie.worlds.source import SourceClip, load_source
from genie.worlds.spec import WorldSpec, read_world
from tests.worlds.test_spec import TOML, write

SOURCE = """
from .._shared.adapter import Adapter
from .rules import FPS

def source():
    return Adapter(FPS)
"""
ADAPTER = """
import numpy as np
from genie.worlds import SourceClip

class Adapter:
    action_names = ("noop", "right")
    frame_size = (64, 48)
    splits = {"train": range(0, 10), "test": range(10, 20)}

    def __init__(self, fps):
        self.fps = fps

    def record(self, *, split, clips, frames, seed):
        for i in range(clips):
            pixels, actions = np.full((frames, 64, 48, 3), seed, np.uint8), np.zeros(frames - 1, int)
            level = self.splits[split][i]
            yield SourceClip(frames=pixels, actions=actions, caption="a toy", level=level, policy="still")
"""


def make_world(root: Path, source: str = SOURCE, adapter: str = ADAPTER) -> WorldSpec:
    toy = write(root / "toy", 'source = "source.py"\n' + TOML)
    (toy / "source.py").write_text(source)
    (toy / "rules.py").write_text("FPS = 15\n")
    (root / "_shared").mkdir()
    (root / "_shared" / "adapter.py").write_text(adapter)
    return read_world(toy)


def test_an_adapter_may_share_code_and_needs_no_search_path(tmp_path: Path) -> None:
    path = list(sys.path)
    sources = [load_source(make_world(tmp_path / root)) for root in ("one", "two")]
    (clip,) = sources[0].record(split="test", clips=1, frames=3, seed=9)
    assert clip.level == 10
    assert clip.frames.shape == (3, 64, 48, 3)
    assert type(sources[0]) is not type(sources[1])  # the same id in two folders is two adapters
    assert sys.path == path


@pytest.mark.parametrize(
    ("source", "adapter", "told"),
    [
        ("import a_missing_simulator", ADAPTER, "needs 'a_missing_simulator'"),
        ("1 / 0", ADAPTER, "ZeroDivisionError"),
        ("", ADAPTER, "has no attribute 'source'"),
        ("def source(): return 3", ADAPTER, "int"),
        (SOURCE, ADAPTER.replace("(64, 48)", "(48, 64)"), "disagree on 'frame'"),
        (SOURCE, ADAPTER.replace('"right"', '"left"'), "disagree on 'actions'"),
        (SOURCE, ADAPTER.replace("range(10, 20)", "range(10, 21)"), "disagree on 'splits'"),
    ],
)
def test_an_adapter_that_cannot_serve_says_why(tmp_path: Path, source: str, adapter: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        load_source(make_world(tmp_path, source, adapter))


def test_a_world_without_a_simulator_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="'toy' has no simulator"):
        load_source(read_world(write(tmp_path / "toy", TOML)))


def test_a_level_in_two_splits_is_refused(tmp_path: Path) -> None:
    world = make_world(tmp_path, adapter=ADAPTER.replace("range(10, 20)", "range(9, 20)"))
    (world.path / "world.toml").write_text(
        (world.path / "world.toml").read_text().replace("splits = { train = [0, 10], test = [10, 20] }", "")
    )
    with pytest.raises(SourceError, match="shares levels"):
        load_source(read_world(world.path))


@pytest.mark.parametrize(
    ("frames", "actions", "captions"),
    [
        (np.zeros((3, 8, 8, 3), np.float32), np.zeros(2, int), ()),
        (np.zeros((3, 8, 8), np.uint8), np.zeros(2, int), ()),
        (np.zeros((3, 8, 8, 3), np.uint8), np.zeros(3, int), ()),
        (np.zeros((3, 8, 8, 3), np.uint8), np.zeros(2, float), ()),
        (np.zeros((3, 8, 8, 3), np.uint8), np.zeros(2, int), ((0, 4, "x"),)),
    ],
)
def test_a_clip_whose_parts_do_not_fit_is_refused(
    frames: np.ndarray, actions: np.ndarray, captions: tuple[tuple[int, int, str], ...]
) -> None:
    with pytest.raises(SourceError):
        SourceClip(frames=frames, actions=actions, caption="", captions=captions, level=0, policy="still")
