"""One writer for each kind of file that a clip can be exported to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import av.filter
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from genie.clips.png import png_bytes

_BT709 = (
    1  # the colour standard players assume for new video; unmarked files are guessed at, and guessed wrong
)
_H264 = {"crf": "12", "preset": "medium"}
_VP9 = {"crf": "16", "b": "0", "deadline": "realtime", "cpu-used": "7", "row-mt": "1"}
_COMMENT_BLOCK, _GIF_TRAILER = b"\x21\xfe", b"\x3b"


class ClipWriter(Protocol):
    """Takes frames uint8 [height, width, 3], all of one size; `close` makes the file whole."""

    def write(self, frame: np.ndarray) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None:
        """Let go of the file without finishing it."""


class VideoClip:
    """H.264 or VP9, 4:4:4, so that single pixels keep their colour."""

    def __init__(self, path: Path, fps: int, size: tuple[int, int], metadata: Mapping[str, str]) -> None:
        mp4 = path.suffix == ".mp4"
        options = {"movflags": "+faststart+use_metadata_tags"} if mp4 else {}
        self._container = av.open(str(path), "w", options=options)
        self._container.metadata.update(metadata)
        codec, settings = ("libx264", _H264) if mp4 else ("libvpx-vp9", _VP9)
        self._stream = _video_stream(self._container.add_stream(codec, rate=fps, options=dict(settings)))
        self._stream.height, self._stream.width = size
        self._stream.pix_fmt = "yuv444p"
        context = self._stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = 1
        self._converter = VideoReformatter()  # one for all frames: making one takes longer than encoding

    def write(self, frame: np.ndarray) -> None:
        picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
        converted = self._converter.reformat(
            picture,
            format="yuv444p",
            src_colorspace=Colorspace.ITU709.value,
            dst_colorspace=Colorspace.ITU709.value,
            dst_color_range=ColorRange.MPEG.value,
        )
        self._container.mux(self._stream.encode(converted))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def abandon(self) -> None:
        self._container.close()


def _video_stream(stream: object) -> av.VideoStream:
    assert isinstance(stream, av.VideoStream)
    return stream


class GifClip:
    """A looping GIF with a palette of its own for every frame."""

    def __init__(self, path: Path, fps: int, size: tuple[int, int], metadata: Mapping[str, str]) -> None:
        self._path, self._metadata = path, metadata
        self._count, self._shown = 0, -1
        self._tick = Fraction(1, fps)
        self._container = av.open(str(path), "w")
        # GIF counts hundredths of a second: each frame's own time is rounded, so errors do not add up
        self._stream = _video_stream(self._container.add_stream("gif", rate=100))
        self._stream.height, self._stream.width = size
        self._stream.pix_fmt = "pal8"
        self._stream.codec_context.time_base = Fraction(1, 100)
        self._graph = _palette_graph(size)

    def write(self, frame: np.ndarray) -> None:
        due = round(100 * self._count * self._tick)
        self._count += 1
        if due == self._shown:
            return  # above 100 frames a second: there is no time between the two
        self._shown = due
        picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
        picture.time_base, picture.pts = Fraction(1, 100), due
        self._graph.push(picture)
        coloured = self._graph.pull()
        assert isinstance(coloured, av.VideoFrame)
        self._container.mux(self._stream.encode(coloured))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        self._add_comment()

    def abandon(self) -> None:
        self._container.close()

    def _add_comment(self) -> None:
        text = json.dumps(dict(self._metadata), ensure_ascii=False).encode("utf-8")
        blocks = b"".join(
            bytes([len(text[i : i + 255])]) + text[i : i + 255] for i in range(0, len(text), 255)
        )
        with self._path.open("r+b") as file:
            file.seek(-1, 2)
            file.write(_COMMENT_BLOCK + blocks + b"\0" + _GIF_TRAILER)


def _palette_graph(size: tuple[int, int]) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=size[1], height=size[0], format=av.VideoFormat("rgb24"), time_base=Fraction(1, 100)
    )
    split = graph.add("split")
    generate = graph.add("palettegen", "stats_mode=single:reserve_transparent=0")
    use = graph.add("paletteuse", "new=1:dither=none")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(generate, 1, 0)
    generate.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph


class PngFolder:
    """A folder of numbered PNG files, and metadata.json beside them."""

    def __init__(self, path: Path, fps: int, size: tuple[int, int], metadata: Mapping[str, str]) -> None:
        self._path, self._count = path, 0
        path.mkdir()
        text = json.dumps({**metadata, "fps": fps}, ensure_ascii=False, indent=1)
        (path / "metadata.json").write_text(text + "\n", encoding="utf-8")

    def write(self, frame: np.ndarray) -> None:
        (self._path / f"{self._count:06d}.png").write_bytes(png_bytes(frame))
        self._count += 1

    def close(self) -> None:
        pass

    def abandon(self) -> None:
        pass
