"""People's own videos become clips; what cannot be read is named and left out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from genie.clips.clip_folder import ClipFolder
from genie.clips.frame_store import FrameStore
from genie.clips.video import VideoReader
from genie.core.errors import ClipError
from training.ingest import IngestConfig, ingest


def _video(
    path: Path, seconds: float, fps: int = 30, size: tuple[int, int] = (48, 80), codec: str = "mpeg4"
) -> None:
    """A video that gets lighter: at time t its grey is 20 + 40 t; the outer columns are white."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        stream.codec_context.bit_rate = 4_000_000
        for i in range(round(seconds * fps)):
            frame = np.full((*size, 3), round(20 + 40 * i / fps), np.uint8)
            frame[:, :8] = frame[:, -8:] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))


def _config(tmp_path: Path, **changes: object) -> IngestConfig:
    base = {"folder": tmp_path / "in", "out": tmp_path / "out", "size": (32, 32), "fps": 15, "frames": 20}
    return IngestConfig(**{**base, **changes})  # type: ignore[arg-type]


def _quiet(done: int, total: int) -> None:
    pass


@pytest.mark.parametrize(
    ("name", "fps", "codec"), [("a.mp4", 30, "mpeg4"), ("a.mkv", 10, "mpeg4"), ("a.avi", 24, "mpeg4")]
)
def test_clips_keep_time_and_the_middle_of_the_picture(
    tmp_path: Path, name: str, fps: int, codec: str
) -> None:
    _video(tmp_path / "in" / name, 4.0, fps, codec=codec)
    result = ingest(_config(tmp_path), _quiet)
    assert result.left_out == ()
    store = FrameStore.open(tmp_path / "out", "train")
    assert store.fps == 15
    assert store.starts.tolist() == [0, 20, 40, 60]
    assert (store.actions == -1).all()
    # at the time of every frame the grey is that of the source at that time, to within one source frame
    grey = np.asarray(store.frames).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(grey, 20 + 40 * np.arange(60) / 15, atol=40 / fps + 3)
    assert np.asarray(store.frames).max() < 200  # the white outer columns are cropped away


@pytest.mark.parametrize(("turn", "dark"), [(90, "left"), (-90, "right"), (180, "bottom"), (0, "top")])
def test_videos_are_taken_as_they_were_held(tmp_path: Path, turn: int, dark: str) -> None:
    """A phone writes what its sensor sees, and by how much that is to be turned counterclockwise."""
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width, stream.pix_fmt = 32, 48, "yuv420p"
        stream.set_display_rotation(turn)
        frame = np.full((32, 48, 3), 255, np.uint8)
        frame[:10] = 0
        container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    (seen,) = VideoReader(path)
    assert seen.shape == ((48, 32, 3) if turn in (90, -90) else (32, 48, 3))
    sides = {"top": seen[:4], "bottom": seen[-4:], "left": seen[:, :4], "right": seen[:, -4:]}
    assert min(sides, key=lambda side: sides[side].mean()) == dark


def test_captions_come_from_the_text_beside_then_the_option_then_the_name(tmp_path: Path) -> None:
    _video(tmp_path / "in" / "red_car-drives.mp4", 2)
    _video(tmp_path / "in" / "sub" / "b.mp4", 2)
    (tmp_path / "in" / "sub" / "b.txt").write_text(" a blue\n boat \n", encoding="utf-8")
    ingest(_config(tmp_path), _quiet)
    assert {entry.caption for entry in ClipFolder(tmp_path / "out")} == {"red car drives", "a blue boat"}
    ingest(_config(tmp_path, out=tmp_path / "out2", caption="a toy"), _quiet)
    assert {entry.caption for entry in ClipFolder(tmp_path / "out2")} == {"a toy", "a blue boat"}


def test_broken_videos_are_named_and_left_out(tmp_path: Path) -> None:
    _video(tmp_path / "in" / "good.mp4", 2)
    _video(tmp_path / "in" / "short.mp4", 0.5)
    (tmp_path / "in" / "text.mp4").write_text("not a video")
    (tmp_path / "in" / "empty.webm").write_bytes(b"")
    _video(tmp_path / "in" / "torn.mp4", 3)
    torn = (tmp_path / "in" / "torn.mp4").read_bytes()
    (tmp_path / "in" / "torn.mp4").write_bytes(torn[: len(torn) // 2])
    result = ingest(_config(tmp_path), _quiet)
    assert result.clips == len(ClipFolder(tmp_path / "out")) == 1
    assert len(result.left_out) == 4
    for name in ("short.mp4", "text.mp4", "empty.webm", "torn.mp4"):
        assert sum(name in line for line in result.left_out) == 1
    assert not any("\n" in line for line in result.left_out)


def test_killed_it_goes_on_with_the_next_video(tmp_path: Path) -> None:
    for i in range(4):
        _video(tmp_path / "in" / f"{i}.mp4", 2 + i)

    def kill(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(_config(tmp_path), kill)
    before = ClipFolder(tmp_path / "out").clips()[0].video.stat().st_mtime_ns
    ingest(_config(tmp_path), _quiet)
    whole = ingest(_config(tmp_path, out=tmp_path / "whole"), _quiet)
    assert list(ClipFolder(tmp_path / "out")) == list(ClipFolder(whole.folder))
    assert ClipFolder(tmp_path / "out").clips()[0].video.stat().st_mtime_ns == before
    with pytest.raises(ClipError, match="give another folder"):
        ingest(_config(tmp_path, fps=10), _quiet)


def test_nothing_to_ingest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="no such folder"):
        ingest(_config(tmp_path), _quiet)
    (tmp_path / "in").mkdir()
    with pytest.raises(ClipError, match="no videos"):
        ingest(_config(tmp_path), _quiet)
    (tmp_path / "in" / "text.mp4").write_text("not a video")
    with pytest.raises(ClipError, match="None of the 1 videos"):
        ingest(_config(tmp_path), _quiet)
    with pytest.raises(ValueError, match="at least 21 frames, not 20"):
        _config(tmp_path, shortest=21)
