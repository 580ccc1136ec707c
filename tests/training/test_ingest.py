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
from genie.core.errors import ClipError, GenieError
from training.guard import only_one
from training.ingest import IngestConfig, ingest


def _video(
    path: Path,
    seconds: float,
    fps: int = 30,
    size: tuple[int, int] = (48, 80),
    codec: str = "mpeg4",
    title: str = "",
) -> None:
    """A video that gets lighter: at time t its grey is 20 + 40 t; the outer columns are white."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        if title:
            container.metadata["title"] = title
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


def test_a_line_taken_out_is_no_number_to_write_over(tmp_path: Path) -> None:
    for i in range(3):
        _video(tmp_path / "in" / f"{i}.mp4", 2)
    folder = ingest(_config(tmp_path), _quiet).folder
    metadata, last = folder / "metadata.jsonl", folder / "000" / "000002.mp4"
    kept = metadata.read_text().splitlines(keepends=True)
    metadata.write_text("".join(kept[:1] + kept[2:]))
    before = last.read_bytes()
    (tmp_path / "in" / "1.mp4").unlink()
    _video(tmp_path / "in" / "3.mp4", 1.9)
    assert ingest(_config(tmp_path), _quiet).clips == 3
    assert last.read_bytes() == before
    names = [entry.file_name for entry in ClipFolder(tmp_path / "out")]
    assert names == [f"000/00000{number}.mp4" for number in (0, 2, 3)]


def test_what_others_wrote_into_the_metadata_stays(tmp_path: Path) -> None:
    _video(tmp_path / "in" / "0.mp4", 2)
    metadata = ingest(_config(tmp_path), _quiet).folder / "metadata.jsonl"
    line = metadata.read_text().rstrip()[:-1] + ', "theirs": 1}'
    metadata.write_text(line)  # an editor that ends no line
    _video(tmp_path / "in" / "1.mp4", 2)
    ingest(_config(tmp_path), _quiet)
    assert metadata.read_text().splitlines()[0] == line and len(ClipFolder(tmp_path / "out")) == 2


def test_two_at_once_do_not_number_alike(tmp_path: Path) -> None:
    _video(tmp_path / "in" / "0.mp4", 2)
    with only_one(tmp_path / "out" / "train"), pytest.raises(GenieError, match="another command is running"):
        ingest(_config(tmp_path), _quiet)
    assert ingest(_config(tmp_path), _quiet).clips == 1
    assert not (tmp_path / "out" / "train" / "lock").exists()


def test_a_title_that_is_not_utf8_is_no_obstacle(tmp_path: Path) -> None:
    _video(tmp_path / "in" / "a.avi", 2, title="Herr Mueller")
    raw = (tmp_path / "in" / "a.avi").read_bytes()
    assert b"Mueller" in raw
    (tmp_path / "in" / "a.avi").write_bytes(raw.replace(b"Mueller", b"M\xfcller "))
    _video(tmp_path / "in" / "good.mp4", 2)
    result = ingest(_config(tmp_path), _quiet)
    assert (result.clips, result.left_out) == (2, ())
    assert VideoReader(tmp_path / "in" / "a.avi").fps == 30


def test_another_video_of_the_same_name_is_taken_too(tmp_path: Path) -> None:
    for folder, seconds in (("A", 2.0), ("B", 1.9)):
        _video(tmp_path / folder / "jump.mp4", seconds)
    (tmp_path / "A").rename(tmp_path / "elsewhere")
    for folder, clips in (("elsewhere", 1), ("B", 2), ("B", 2), ("elsewhere", 2)):
        assert ingest(_config(tmp_path, folder=tmp_path / folder), _quiet).clips == clips
    assert [entry.source for entry in ClipFolder(tmp_path / "out")] == ["jump.mp4", "B/jump.mp4"]
    (tmp_path / "elsewhere").rename(tmp_path / "A")
    assert ingest(_config(tmp_path, folder=tmp_path / "A"), _quiet).clips == 2, "the same under a new roof"


def test_a_video_that_was_replaced_by_another_is_told_and_not_added_beside_its_former_self(
    tmp_path: Path,
) -> None:
    _video(tmp_path / "in" / "jump.mp4", 2.0)
    assert ingest(_config(tmp_path), _quiet).clips == 1
    _video(tmp_path / "in" / "jump.mp4", 1.7)
    result = ingest(_config(tmp_path), _quiet)
    assert result.clips == 1
    assert "jump.mp4: it has changed since it was ingested" in result.left_out[0]


@pytest.mark.parametrize("name", ["a.ts", "a.mpg"])
def test_recordings_put_together_keep_all_their_time(tmp_path: Path, name: str) -> None:
    part, whole = tmp_path / name, tmp_path / "in" / name
    _video(part, 3.0, codec="mpeg2video")
    whole.parent.mkdir()
    whole.write_bytes(part.read_bytes() * 2)
    ingest(_config(tmp_path), _quiet)
    store = FrameStore.open(tmp_path / "out", "train")
    assert 86 <= len(store.frames) + 10 <= 100, "six seconds, of which a rest that is too short is left out"


def test_settings_count_from_the_first_clip_on(tmp_path: Path) -> None:
    _video(tmp_path / "in" / "short.mp4", 0.8)
    with pytest.raises(ClipError, match="None of the 1 videos"):
        ingest(_config(tmp_path), _quiet)
    assert not (tmp_path / "out").exists()
    assert ingest(_config(tmp_path, fps=30), _quiet).clips == 1
    with pytest.raises(ClipError, match=r"'fps': 30.* not .*'fps': 15"):
        ingest(_config(tmp_path), _quiet)
