"""Video files: written without loss or not at all, read whole or refused in one line."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from genie.clips.video import VideoReader, VideoWriter, write_video
from genie.core.errors import ClipError
from tests.support.full_disk import full_beyond


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (*shape, 3), dtype=np.uint8)


def test_video_is_lossless_and_a_failed_write_leaves_no_file(tmp_path: Path) -> None:
    frames = noise(9, 12, 20)
    write_video(tmp_path / "a.mp4", frames, fps=15)
    np.testing.assert_array_equal(VideoReader(tmp_path / "a.mp4").read(), frames)
    assert VideoReader(tmp_path / "a.mp4").fps == 15
    writer = VideoWriter(tmp_path / "b.mp4", fps=15, size=(12, 20))
    with pytest.raises(ValueError, match="uint8"), writer:
        writer.write(frames[0][:5])
    assert not (tmp_path / "b.mp4").exists()
    with pytest.raises(ClipError, match="cannot write"):
        VideoWriter(tmp_path / "missing" / "c.mp4", fps=15, size=(12, 20))


def test_a_disk_that_fills_up_leaves_no_half_video(tmp_path: Path) -> None:
    frames = noise(60, 64, 64)
    for room in (30_000, 400_000):
        with pytest.raises(ClipError, match=r"a\.mp4: cannot write the video"), full_beyond(room):
            write_video(tmp_path / "a.mp4", frames, fps=15)
        assert list(tmp_path.iterdir()) == []


def test_a_video_that_turns_in_the_middle_is_one_line(tmp_path: Path) -> None:
    whole, part = tmp_path / "a.ts", tmp_path / "part.ts"
    for size in ((32, 48), (48, 32)):
        with av.open(str(part), "w") as container:
            stream = container.add_stream("mpeg2video", rate=25)
            assert isinstance(stream, av.VideoStream)
            stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
            for _ in range(5):
                picture = av.VideoFrame.from_ndarray(np.zeros((*size, 3), np.uint8), format="rgb24")
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        with whole.open("ab") as file:
            file.write(part.read_bytes())
    with pytest.raises(ClipError, match=r"a\.ts: frame [45] has another size"):
        VideoReader(whole).read()
