from pathlib import Path

import pytest

from genie.core.errors import WorldError
from genie.worlds.spec import read_world

TOML = """
title = "Toy"
description = "A toy world."
fps = 15
idle = "noop"
prompt = "a toy"
credits = "nobody"
license = "MIT"
frame = { height = 64, width = 48 }
actions = [{ name = "noop" }, { name = "right", keys = ["right"] }]
splits = { train = [0, 10], test = [10, 20] }
play = { temperature = 1, strength = 1.5, emphasis = 2 }
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "world.toml").write_text(text)
    return folder


def test_a_world_is_read_whole(tmp_path: Path) -> None:
    spec = read_world(write(tmp_path / "toy", TOML))
    assert (spec.id, spec.title, spec.fps, spec.frame_size) == ("toy", "Toy", 15, (64, 48))
    assert spec.actions.names == ("noop", "right")
    assert (spec.idle, spec.prompt, spec.source) == ("noop", "a toy", None)
    assert spec.splits == {"train": range(10), "test": range(10, 20)}
    assert spec.play == {"temperature": 1.0, "strength": 1.5, "emphasis": 2.0}
    assert spec.bundle == tmp_path.resolve() / "toy" / "bundle"
    assert not spec.has_bundle


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("fps = 15", "fsp = 15", "Did you mean 'fps'"),
        ("fps = 15", "", "'fps' is missing"),
        ("fps = 15", "fps = true", "'fps'"),
        ("fps = 15", "fps = 0", "1 to 240"),
        ("fps = 15", "fps = ", "not valid TOML"),
        ("height = 64", "height = 4", "'height'"),
        ('idle = "noop"', 'idle = "stop"', "stop"),
        ('keys = ["right"]', "keys = [1]", "key names"),
        ('keys = ["right"]', 'key = ["right"]', "nothing else"),
        ("test = [10, 20]", "test = [9, 20]", "share levels"),
        ("test = [10, 20]", "test = [20, 10]", "'test'"),
        ("strength = 1.5", "strenght = 1.5", "Did you mean 'strength'"),
        ("strength = 1.5", "strength = 11", "0 to 10"),
        ("emphasis = 2", "emphasis = 0.5", "1 to 10"),
        ("temperature = 1,", "temperature = true,", "'temperature'"),
        ('prompt = "a toy"', 'source = "source.py"', "source.py"),
    ],
)
def test_a_wrong_field_is_named_with_its_file(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TOML
    with pytest.raises(WorldError, match=told) as caught:
        read_world(write(tmp_path / "toy", TOML.replace(old, new)))
    assert "world.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_name_that_cannot_be_an_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="my toy"):
        read_world(write(tmp_path / "my toy", TOML))
    with pytest.raises(WorldError, match="Cannot read"):
        read_world(tmp_path / "nowhere")
