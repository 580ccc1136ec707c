"""Clips written from the window, and what is left when the window closes or Ctrl-C comes in between."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pygame
import pytest

from genie.app.export_order import ExportOrder
from genie.app.overlay import Look
from genie.app.recorder import Recorder
from genie.app.take import render
from genie.clips.session_log import read_session
from tests.app.conftest import Driver
from tests.app.fake_world import FakeWorld, fake_manifest

Make = Callable[..., Driver]


def count_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


class SlowEncoder:
    """Holds every export back at its third frame until `go` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from genie.clips import export

        self.go, self.begun = threading.Event(), threading.Event()
        write = export._write

        def held_back(frames, *told):  # type: ignore[no-untyped-def]
            cancel = told[-1]

            def slowly():  # type: ignore[no-untyped-def]
                for number, frame in enumerate(frames):
                    if number == 2:
                        self.begun.set()
                        while not self.go.wait(0.01) and not cancel():
                            pass
                    yield frame

            return write(slowly(), *told)

        monkeypatch.setattr(export, "_write", held_back)


def clips_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("kept"))


def test_the_last_seconds_and_the_whole_session(drive: Make, tmp_path: Path) -> None:
    driver = drive(FakeWorld(fake_manifest(fps=60))).play()
    driver.frames(30)
    driver.tap(pygame.K_p)
    driver.until(lambda: driver.game.time.paused)
    driver.settle()
    driver.tap(pygame.K_e)
    driver.until(lambda: driver.loop.modal is not None)
    for key in (pygame.K_RIGHT, pygame.K_DOWN, pygame.K_RIGHT, pygame.K_RETURN):  # everything, as webm
        driver.tap(key)
    driver.until(lambda: driver.game.exports.written)
    assert driver.game.exports.written[0].suffix == ".webm"
    assert count_frames(driver.game.exports.written[0]) == driver.game.index + 1
    assert str(driver.game.exports.written[0]) in driver.game.notice.text
    last = ExportOrder(path=tmp_path / "last.mp4", look=Look(scale=1), first=driver.game.index - 15)
    driver.game.exports.begin(last)
    driver.until(lambda: len(driver.game.exports.written) == 2)
    assert count_frames(tmp_path / "last.mp4") == 16, "a quarter of a second is 15 steps between 16 frames"


def test_a_whole_line_is_written_as_it_was_played(drive: Make, tmp_path: Path) -> None:
    driver = drive(FakeWorld(fake_manifest(fps=120))).play()
    driver.press(pygame.K_RIGHT)
    driver.frames(20)
    driver.game.words.describe("a blue alien")
    driver.frames(10)
    driver.game.time.paused = True
    driver.settle()
    driver.game.exports.write(tmp_path / "frames")
    driver.until(lambda: driver.game.exports.written)
    written = sorted((tmp_path / "frames").glob("*.png"))
    expected = list(render(FakeWorld(driver.world.manifest), driver.game.orders.player.take()))
    assert len(written) == len(expected) == driver.game.index + 1
    for path, frame in list(zip(written, expected, strict=True))[::7]:
        shown = pygame.surfarray.array3d(pygame.image.load(path)).swapaxes(0, 1)
        np.testing.assert_array_equal(shown, frame)


def test_play_goes_on_while_a_clip_is_written(
    drive: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = SlowEncoder(monkeypatch)
    driver = drive().play()
    driver.frames(10)
    driver.game.exports.write(tmp_path / "clip.mp4")
    driver.until(encoder.begun.is_set)
    driver.frames(5)
    assert 0 < driver.game.exports.running.fraction < 1
    driver.game.exports.write(tmp_path / "second.mp4")
    assert driver.game.notice.is_error, "one at a time, and the player is told"
    encoder.go.set()
    driver.until(lambda: driver.game.exports.written)
    assert clips_in(tmp_path) == ["clip.mp4"]


def test_a_second_clip_is_refused_before_the_first_is_begun(drive: Make, tmp_path: Path) -> None:
    driver = drive().play()
    driver.frames(5)
    driver.world.gate.clear()
    driver.until(lambda: driver.game.busy)
    driver.game.exports.write(tmp_path / "nowhere" / "first.gif")
    driver.game.exports.write(tmp_path / "second.gif")
    assert "One export at a time" in driver.game.notice.text
    driver.world.gate.set()
    driver.until(lambda: "nowhere" in driver.game.notice.text)
    driver.game.exports.write(tmp_path / "third.gif")
    driver.until(lambda: driver.game.exports.written)
    assert clips_in(tmp_path) == ["third.gif"]


def test_after_a_clip_that_cannot_be_made_another_can(drive: Make, tmp_path: Path) -> None:
    driver = drive().play()
    driver.frames(3)
    driver.game.exports.begin(ExportOrder(path=tmp_path / "a.gif", look=Look(scale=1, keys=True)))
    driver.until(lambda: driver.game.notice is not None)
    assert driver.game.notice.is_error
    driver.game.exports.write(tmp_path / "b.gif")
    driver.until(lambda: driver.game.exports.written)
    assert clips_in(tmp_path) == ["b.gif"]


def test_closing_the_window_finishes_the_clip_first(
    drive: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = SlowEncoder(monkeypatch)
    driver = drive().play()
    driver.frames(10)
    driver.game.exports.write(tmp_path / "clip.mp4")
    driver.until(encoder.begun.is_set)
    driver.close_window()
    driver.until(lambda: driver.game.leaving)
    driver.settle()
    assert not driver.game.over
    encoder.go.set()
    driver.loop.run()
    assert count_frames(tmp_path / "clip.mp4") >= 10
    assert clips_in(tmp_path) == ["clip.mp4"]


def test_closing_it_twice_gives_the_clip_up_and_leaves_nothing(
    drive: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = SlowEncoder(monkeypatch)
    driver = drive(recorder=Recorder(tmp_path / "kept")).play()
    driver.frames(10)
    driver.game.exports.write(tmp_path / "clip.mp4")
    driver.until(encoder.begun.is_set)
    driver.close_window()
    driver.settle()
    driver.close_window()
    driver.loop.run()
    assert clips_in(tmp_path) == []
    driver.game.close()
    assert len(read_session(driver.game.plan.recorder.paths[0]).actions) == driver.session.index


def test_ctrl_c_in_mid_export_leaves_no_half_clip_and_a_whole_recording(
    drive: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = SlowEncoder(monkeypatch)
    driver = drive(recorder=Recorder(tmp_path / "kept")).play()
    driver.frames(10)
    driver.game.exports.write(tmp_path / "clip.mp4")
    driver.until(encoder.begun.is_set)

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(driver.loop, "draw", interrupt)
    with pytest.raises(KeyboardInterrupt):
        driver.loop.run()
    driver.game.close()
    assert clips_in(tmp_path) == []
    assert len(read_session(driver.game.plan.recorder.paths[0]).actions) == driver.session.index


def test_an_export_is_given_up_by_the_key_that_asked_for_it(
    drive: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = SlowEncoder(monkeypatch)
    driver = drive().play()
    driver.frames(10)
    driver.game.exports.write(tmp_path / "clip.webm")
    driver.until(encoder.begun.is_set)
    driver.tap(pygame.K_e)
    driver.until(lambda: driver.game.exports.running is None)
    assert "given up" in driver.game.notice.text
    assert driver.loop.modal is None
    assert clips_in(tmp_path) == []
    driver.frames(3)


def test_an_export_that_cannot_be_written_is_news_not_the_end(drive: Make, tmp_path: Path) -> None:
    driver = drive().play()
    driver.frames(3)
    driver.game.exports.write(tmp_path / "nowhere" / "clip.mp4")
    driver.until(lambda: driver.game.notice is not None)
    assert driver.game.notice.is_error
    assert "nowhere" in driver.game.notice.text
    driver.frames(3)


def test_the_clip_asked_for_on_the_command_line_is_written_on_leaving(drive: Make, tmp_path: Path) -> None:
    driver = drive(export=tmp_path / "all.gif").play()
    driver.frames(10)
    driver.tap(pygame.K_q)
    driver.loop.run()
    assert driver.game.exports.written == [tmp_path / "all.gif"]
    assert clips_in(tmp_path) == ["all.gif"]


def test_every_session_played_is_recorded(drive: Make, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "kept")
    driver = drive(recorder=recorder).play()
    driver.press(pygame.K_RIGHT)
    driver.frames(5)
    driver.tap(pygame.K_n)
    driver.until(lambda: len(recorder.paths) == 2)
    driver.game.words.describe("a blue alien")
    driver.frames(5)
    driver.close_window()
    driver.loop.run()
    driver.game.close()
    first, second = map(read_session, recorder.paths)
    assert first.header.seed == 7
    assert "right" in [driver.world.actions[action].name for action in first.actions]
    assert second.header.seed == driver.session.seed != 7
    assert list(second.actions) == driver.session.actions_taken
    assert [text for _, text in second.prompts] == ["a blue alien"]


def test_a_full_disk_ends_the_recording_not_the_game(drive: Make, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "kept")
    driver = drive(recorder=recorder).play()
    driver.frames(5)
    driver.settle()
    written = driver.game.index

    def full(content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    recorder._writer._log = SimpleNamespace(
        write=full, flush=lambda: None, close=lambda: None, fileno=lambda: 0
    )
    driver.until(lambda: driver.game.notice is not None and driver.game.notice.is_error)
    assert "No space left" in driver.game.notice.text
    driver.frames(10)
    driver.game.close()
    assert len(read_session(recorder.paths[0]).actions) == written
