"""Exported clips: right pictures and times, and never a half-written file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from genie.clips.export import check_export, export_clip
from genie.clips.png import read_png
from genie.clips.video import VideoReader
from genie.core.errors import ExportError

INFO = {"world": "sprite", "prompt": "a red square, größer"}


def _frames(count: int = 31) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    base = rng.integers(0, 256, (8, 10, 3), dtype=np.uint8).repeat(2, 0).repeat(2, 1)
    # two equal frames in a row: a writer that merges them would shift every later action
    return [np.roll(base, 2 * (i // 2), axis=1) for i in range(count)]


@pytest.mark.parametrize(("ending", "least_psnr"), [(".mp4", 36), (".webm", 34), (".gif", 34)])
def test_every_frame_arrives_in_order_and_on_time(tmp_path: Path, ending: str, least_psnr: float) -> None:
    frames = _frames()
    told: list[int] = []
    path = export_clip(frames, tmp_path / f"out{ending}", 15, scale=4, metadata=INFO, progress=told.append)
    assert path == tmp_path / f"out{ending}"
    assert told == list(range(1, 32))
    with av.open(str(path)) as container:
        decoded = list(container.decode(video=0))
    assert len(decoded) == len(frames)
    for frame, got in zip(frames, decoded, strict=True):
        large = frame.repeat(4, 0).repeat(4, 1).astype(float)
        error = ((got.to_ndarray(format="rgb24") - large) ** 2).mean()
        assert 10 * np.log10(255**2 / max(error, 1e-9)) > least_psnr
    assert abs(decoded[30].time - 2.0) < 0.011


@pytest.mark.parametrize("fps", [120, 240])
def test_a_gif_of_more_frames_than_it_can_time_leaves_some_out(tmp_path: Path, fps: int) -> None:
    with av.open(str(export_clip(_frames(25), tmp_path / "fast.gif", fps))) as container:
        times = [round(100 * frame.time) for frame in container.decode(video=0)]
    assert times == list(range(round(100 * 24 / fps) + 1)), "none is late"


def test_metadata_is_in_the_file(tmp_path: Path) -> None:
    for ending in (".mp4", ".webm"):
        with av.open(str(export_clip(_frames(3), tmp_path / f"a{ending}", 15, metadata=INFO))) as container:
            found = {key.lower(): value for key, value in container.metadata.items()}
            assert INFO.items() <= found.items()
    gif = export_clip(_frames(3), tmp_path / "a.gif", 15, metadata={"long": "x" * 600})
    assert gif is not None
    assert b"x" * 200 in gif.read_bytes()
    assert len(list(VideoReader(gif))) == 3


def test_a_folder_of_pngs_is_exact(tmp_path: Path) -> None:
    frames = _frames(4)
    folder = export_clip(frames, tmp_path / "pngs", 15, scale=2, metadata=INFO)
    assert folder is not None
    for i, frame in enumerate(frames):
        np.testing.assert_array_equal(read_png(folder / f"{i:06d}.png"), frame.repeat(2, 0).repeat(2, 1))
    assert json.loads((folder / "metadata.json").read_text(encoding="utf-8")) == {**INFO, "fps": 15}


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.gif", "a"])
def test_cancelled_or_failed_leaves_nothing(tmp_path: Path, name: str) -> None:
    seen: list[int] = []
    result = export_clip(_frames(), tmp_path / name, 15, progress=seen.append, cancel=lambda: len(seen) >= 5)
    assert result is None
    assert list(tmp_path.iterdir()) == []

    def breaking() -> Iterator[np.ndarray]:
        yield from _frames(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_clip(breaking(), tmp_path / name, 15)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")
    assert export_clip(_frames(4), tmp_path / "a.mp4", 15, cancel=lambda: True) is None
    assert (tmp_path / "a.mp4").read_bytes() == b"old"
    export_clip(_frames(4), tmp_path / "a.mp4", 15)
    assert len(list(VideoReader(tmp_path / "a.mp4"))) == 4


@pytest.mark.parametrize(
    "name", ["a.avi", "missing/a.mp4", "full", "file/a.gif", "dir.mp4", ".mp4", ".frames", "clip."]
)
def test_bad_paths_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("keep")
    (tmp_path / "file").write_text("keep")
    (tmp_path / "dir.mp4").mkdir()
    with pytest.raises(ExportError) as caught:
        check_export(tmp_path / name)
    assert name.split("/")[0] in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(ExportError):
        export_clip(_frames(2), tmp_path / name, 15)
    assert (tmp_path / "full" / "precious.txt").read_text() == "keep"


def test_the_ending_counts_however_it_is_written(tmp_path: Path) -> None:
    export_clip(_frames(2), tmp_path / ".a.GIF", 15)
    assert (tmp_path / ".a.GIF").read_bytes().startswith(b"GIF8")


def test_no_frames_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no frames"):
        export_clip([], tmp_path / "a.gif", 15)
    assert list(tmp_path.iterdir()) == []
