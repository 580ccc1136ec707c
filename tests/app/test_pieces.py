"""The small parts that need no window: pacing, layout, text editing, pictures."""

import struct
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pygame
import pytest

from genie.app.clip import shots
from genie.app.export_order import ExportOrder
from genie.app.image_file import read_image
from genie.app.overlay import Look
from genie.app.pacer import FrameRate, Pacer
from genie.app.plan import Start
from genie.app.take import Take
from genie.app.text_field import TextField
from genie.app.view import picture_rect
from genie.app.window import _quiet_stderr
from genie.clips.png import png_bytes
from genie.core.actions import Action, ActionSet
from genie.core.errors import ImageError
from genie.core.line import Line


def test_pacing_keeps_time_and_never_catches_up_in_a_burst() -> None:
    pacer = Pacer(10)
    assert pacer.take(100.0)
    assert not pacer.take(100.09)
    assert pacer.wait(100.06) == pytest.approx(0.04)
    assert pacer.take(100.13), "a little late"
    assert pacer.wait(100.13) == pytest.approx(0.07), "the next is due by the clock, not by the late frame"
    assert pacer.take(105.0)
    assert not pacer.take(105.05), "five lost seconds are not made up for"


def test_frame_rate_is_measured_over_frames_shown() -> None:
    rate = FrameRate()
    assert rate.fps is None
    for frame in range(31):
        rate.add(frame / 15, 0.02 if frame % 2 else 0.01)
    assert rate.fps == pytest.approx(15)
    assert rate.seconds in (0.01, 0.02)


@pytest.mark.parametrize(
    ("window", "scale", "top"),
    [((640, 480), 7, 5), ((1280, 800), 12, 5), ((64, 64), 1, 0), ((130, 200), 2, 25)],
)
def test_the_picture_gets_the_largest_whole_scale(window: tuple[int, int], scale: int, top: int) -> None:
    rect = picture_rect(window, (64, 64), bar=22)
    assert rect.size == (64 * scale, 64 * scale)
    assert abs(rect.centerx - window[0] // 2) <= 1
    assert rect.top == top
    assert rect.bottom <= window[1]


def test_a_window_smaller_than_the_frame_shrinks_it() -> None:
    assert picture_rect((32, 100), (64, 64)).size == (32, 32)
    assert picture_rect((1, 1), (64, 64)).size == (1, 1)


def test_a_window_opens_where_there_is_no_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with _quiet_stderr():
        pass


def key(code: int, mod: int = 0) -> pygame.event.Event:
    return pygame.event.Event(pygame.KEYDOWN, key=code, mod=mod)


def typed(text: str) -> pygame.event.Event:
    return pygame.event.Event(pygame.TEXTINPUT, text=text)


def test_typing_replaces_what_was_there_and_moving_keeps_it() -> None:
    field = TextField("old words", 100)
    field.handle(typed("n"))
    assert field.text == "n"
    field = TextField("old words", 100)
    field.handle(key(pygame.K_HOME))
    field.handle(typed("my "))
    assert field.text == "my old words"
    field.handle(key(pygame.K_DELETE))
    assert field.text == "my ld words"
    field.handle(key(pygame.K_END))
    field.handle(key(pygame.K_BACKSPACE, pygame.KMOD_LCTRL))
    assert field.text == "my ld "


@pytest.mark.parametrize("letter", [pygame.K_a, pygame.K_u, pygame.K_c, pygame.K_x, pygame.K_v])
@pytest.mark.parametrize("held", [pygame.KMOD_LALT, pygame.KMOD_RALT | pygame.KMOD_LCTRL])
def test_letters_written_with_alt_are_no_commands(letter: int, held: int) -> None:
    field = TextField("old words", 100)
    field.handle(key(pygame.K_END, 0))
    field.handle(key(letter, held))
    field.handle(pygame.event.Event(pygame.TEXTINPUT, text="ą"))
    assert field.text == "old wordsą"


def test_a_text_cannot_outgrow_its_limit_or_hold_line_breaks() -> None:
    field = TextField("", 10)
    field.handle(typed("a\nb" * 50))
    assert field.text == "a ba ba ba"
    assert field.caret == 10


def test_text_is_copied_cut_and_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    board = [""]
    monkeypatch.setattr("genie.app.clipboard.copied", lambda: board[0])
    monkeypatch.setattr("genie.app.clipboard.copy", lambda text: board.append(text) or board.pop(0))
    field = TextField("a red alien", 100)
    assert field.handle(key(pygame.K_x, pygame.KMOD_CTRL))
    assert (field.text, board) == ("", ["a red alien"])
    assert field.handle(key(pygame.K_v, pygame.KMOD_CTRL))
    assert field.handle(key(pygame.K_v, pygame.KMOD_META))
    assert field.text == "a red aliena red alien"
    assert field.handle(key(pygame.K_c, pygame.KMOD_CTRL))
    assert board == ["a red alien"], "nothing is selected"


def test_what_an_input_method_composes_replaces_what_is_selected() -> None:
    field = TextField("old words", 100)
    field.handle(pygame.event.Event(pygame.TEXTEDITING, text="yuk", start=3, length=0))
    field.handle(typed("雪"))
    assert field.text == "雪"


def test_an_input_method_has_the_keys_while_it_composes() -> None:
    field = TextField("", 10)
    field.handle(pygame.event.Event(pygame.TEXTEDITING, text="yuk", start=3, length=0))
    assert not field.handle(key(pygame.K_BACKSPACE)), "it edits what is being composed, not the text"
    field.handle(typed("雪"))
    assert (field.text, field.composing) == ("雪", "")


def test_an_image_is_cut_and_scaled(tmp_path: Path) -> None:
    picture = np.zeros((100, 300, 3), np.uint8)
    picture[:, 100:200] = (250, 10, 20)
    path = tmp_path / "wide.png"
    path.write_bytes(png_bytes(picture))
    image = read_image(path, (16, 16))
    assert image.shape == (16, 16, 3)
    assert (image == (250, 10, 20)).all(), "the middle third is all that is left"


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n" + b"\0" * 100])
def test_what_is_no_image_is_refused_in_one_line(
    tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match="not an image"):
        read_image(path, (16, 16))
    assert capfd.readouterr().err == "", "FFmpeg keeps quiet"
    with pytest.raises(ImageError, match="no image at"):
        read_image(tmp_path / "nowhere.png", (16, 16))
    with pytest.raises(ImageError, match="not an image"):
        read_image(tmp_path, (16, 16))


def test_a_photo_is_turned_as_the_camera_was_held(tmp_path: Path) -> None:
    """Orientation 6 of EXIF: what the sensor saw at the top belongs at the right."""
    path, seen = tmp_path / "a.jpg", np.full((48, 48, 3), 255, np.uint8)
    seen[:16] = 0
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("mjpeg", rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 48, 48, "yuvj420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(seen, format="rgb24")))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    note = b"Exif\0\0II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x112, 3, 1, 6, 0, 0)
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note + data[2:])
    image = read_image(path, (12, 12))
    assert image[:, -3:].mean() < 20 and image[:, :6].mean() > 235


def test_a_clip_shows_the_keys_that_the_player_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = ActionSet([Action("code-0"), Action("code-1", ("right",))], idle="code-0")
    told: dict[str, Any] = {}
    monkeypatch.setattr("genie.app.export_order.clip_of", lambda *_, **given: told.update(given))
    player: Any = SimpleNamespace(
        take=lambda **_: [0, 1, 2], tree=SimpleNamespace(end=2), index=2, world=None
    )
    plan: Any = SimpleNamespace(fps=15, manifest=SimpleNamespace(actions=chosen))
    ExportOrder(path=Path("a.mp4"), look=Look()).clip(player, plan)
    assert told["actions"] is chosen and told["fps"] == 15
    take = Take(start=Start(prompt="words", seed=1), line=Line(actions=(0, 1)))
    seen = shots([np.zeros((4, 4, 3), np.uint8)] * 3, take, chosen, 0, 2)
    assert [shot.keys for shot in seen] == [(), (), ("right",)]
