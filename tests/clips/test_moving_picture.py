"""Previews read back."""

from pathlib import Path

import numpy as np
import pytest

from genie.clips.export import export_clip
from genie.clips.moving_picture import read_moving_picture
from genie.core.errors import ClipError


def test_a_gif_is_read_at_the_size_it_was_made_at(tmp_path: Path) -> None:
    frames = np.zeros((5, 16, 16, 3), np.uint8)
    for number, frame in enumerate(frames):
        frame[:, number : number + 4] = (250, 250, 250)
    export_clip(frames, tmp_path / "preview.gif", 10, scale=4)
    moving = read_moving_picture(tmp_path / "preview.gif", (16, 16))
    assert moving.frames.shape == (5, 16, 16, 3)
    assert np.abs(moving.frames.astype(int) - frames).max() < 10
    assert moving.fps == pytest.approx(10, rel=0.1)
    assert [moving.at(second) for second in (0.0, 0.15, 0.55)] == [0, 1, 0]
    assert read_moving_picture(tmp_path / "preview.gif").frames.shape == (5, 64, 64, 3)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"not a picture at all"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "preview.gif").write_bytes(content)
    with pytest.raises(ClipError, match=r"preview\.gif"):
        read_moving_picture(tmp_path / "preview.gif")
    with pytest.raises(ClipError, match=r"nowhere\.gif"):
        read_moving_picture(tmp_path / "nowhere.gif")
