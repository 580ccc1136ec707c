"""Session files survive a crash at any byte, and refuse what they cannot mean."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from genie.clips.session_log import SessionHeader, read_session
from genie.clips.session_writer import SessionWriter
from genie.core.errors import ClipError

HEADER = SessionHeader(
    world="sprite", bundle_hash="abc", device="cpu", seed=2**63, prompt="ein Würfel", fps=15
)
IMAGE = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


@pytest.fixture
def session(tmp_path: Path) -> Path:
    writer = SessionWriter(tmp_path / "a.genie-session", HEADER, image=IMAGE)
    for action in (1, 2, 3):
        writer.append_action(action)
    writer.append_prompt("night", 3)
    writer.append_strength(2.5, 3)
    for action in (4, 5):
        writer.append_action(action)
    writer.append_prompt("day", 5)
    writer.append_go(0, 4)
    writer.append_action(0)
    writer.append_removal(0)
    # not closed: what is read below is what a crash would leave
    return tmp_path / "a.genie-session"


def test_what_was_played_is_read_back_with_rewinds_applied(session: Path) -> None:
    record = read_session(session)
    assert record.header == HEADER
    assert record.image is not None
    np.testing.assert_array_equal(record.image, IMAGE)
    assert record.actions == (1, 2, 3, 4, 0)
    assert record.prompts == ((3, "night"),)
    assert record.tree.line().strengths == ((3, 2.5),)
    assert (record.tree.branch, record.tree.removed) == (1, [0])


def test_a_session_of_an_older_version_is_of_this_one_once_it_is_gone_on_with(session: Path) -> None:
    header = json.loads((session / "session.json").read_text(encoding="utf-8"))
    (session / "session.json").write_text(json.dumps({**header, "schema": 2}), encoding="utf-8")
    played = session.with_name("copy.genie-session")
    shutil.copytree(session, played)  # the other one is still being written
    writer = SessionWriter.reopen(played)
    writer.append_return(0)
    writer.close()
    assert json.loads((played / "session.json").read_text(encoding="utf-8")) == header
    assert read_session(played).tree.removed == []
    assert read_session(played).header == HEADER


def test_a_log_cut_at_any_byte_gives_the_longest_whole_part(session: Path) -> None:
    whole = (session / "log.jsonl").read_bytes()
    for size in range(len(whole) + 1):
        (session / "log.jsonl").write_bytes(whole[:size])
        lines = whole[:size].count(b"\n")
        record = read_session(session)
        if lines <= 3:
            assert record.actions == (1, 2, 3)[:lines]


@pytest.mark.parametrize(
    "line",
    [
        '{"a": -1}',
        '{"a": "x"}',
        '{"a": true}',
        '{"r": 9}',
        '{"p": [7, "x"]}',
        '{"p": [0, 5]}',
        '{"w": [7, 1.5]}',
        '{"w": [0, -1]}',
        '{"w": [0, NaN]}',
        '{"w": [0, "x"]}',
        '{"x": 0}',
        '{"u": 0}',
        "[]",
        "nonsense",
        "[" * 9999,
    ],
)
def test_a_senseless_line_is_named(session: Path, line: str) -> None:
    (session / "log.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ClipError, match=r"log\.jsonl:1"):
        read_session(session)


def test_a_header_of_before_first_frames_could_be_chosen(session: Path) -> None:
    known = json.loads((session / "session.json").read_text(encoding="utf-8"))
    before = {**known, "schema": 3}
    del before["choice"], before["strength"]
    (session / "session.json").write_text(json.dumps(before))
    header = read_session(session).header
    assert (header.choice, header.strength) == (0, None)
    for change in ({"choice": -1}, {"choice": "best"}, {"strength": "much"}):
        (session / "session.json").write_text(json.dumps({**known, **change}))
        with pytest.raises(ClipError, match=r"choice|strength"):
            read_session(session)


def test_a_session_of_before_strength_could_change_opens_as_it_did(session: Path) -> None:
    known = json.loads((session / "session.json").read_text(encoding="utf-8"))
    (session / "session.json").write_text(json.dumps({**known, "schema": 4, "strength": 1.5}))
    lines = (session / "log.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (session / "log.jsonl").write_text("".join(line for line in lines if not line.startswith('{"w"')))
    record = read_session(session)
    assert (record.header.strength, record.tree.line().strengths) == (1.5, ())
    assert record.actions == (1, 2, 3, 4, 0)


def test_headers_that_cannot_be_used(session: Path) -> None:
    good = json.loads((session / "session.json").read_text(encoding="utf-8"))
    for change, words in (({"schema": 6}, "newer"), ({"seed": "x"}, "seed"), ({"schema": None}, "header")):
        (session / "session.json").write_text(json.dumps({**good, **change}))
        with pytest.raises(ClipError, match=words):
            read_session(session)
    for raw in (b"", b"\xff\xfe", b"[1", b"[]"):
        (session / "session.json").write_bytes(raw)
        with pytest.raises(ClipError, match=r"session\.json"):
            read_session(session)


def test_incomplete_or_oversized_sessions(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("_MAX_LINE", "_MAX_IMAGE"):
        with monkeypatch.context() as limited:
            limited.setattr(f"genie.clips.session_log.{limit}", 8)
            with pytest.raises(ClipError, match="bytes"):
                read_session(session)
    (session / "start.png").write_bytes(b"not a picture")
    with pytest.raises(ClipError, match=r"start\.png"):
        read_session(session)
    shutil.rmtree(session)
    with pytest.raises(ClipError, match="not a session"):
        read_session(session)


def test_of_a_long_session_one_line_at_a_time_is_in_memory(tmp_path: Path) -> None:
    writer = SessionWriter(tmp_path / "long.genie-session", HEADER)
    writer.append_action(1)
    for turn in range(40_000):
        writer.append_go(0, turn % 2)
    writer.close()
    for read in (read_session, SessionWriter.reopen):
        tracemalloc.start()
        done = read(writer.path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < writer.size / 2
    assert isinstance(done, SessionWriter)
    assert done.size == writer.size
    done.close()


def test_writing_over_a_session_is_refused(session: Path) -> None:
    with pytest.raises(ClipError, match="already"):
        SessionWriter(session, HEADER)
    assert read_session(session).actions == (1, 2, 3, 4, 0)


def test_a_session_that_cannot_be_begun_leaves_nothing_behind(
    session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, header: SessionHeader) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("genie.clips.session_writer.write_header", full)
    with pytest.raises(ClipError, match="No space"):
        SessionWriter(tmp_path / "b.genie-session", HEADER, image=IMAGE)
    with pytest.raises(ClipError, match="already"):
        SessionWriter(session, HEADER)
    assert list(tmp_path.iterdir()) == [session], "and takes nothing away that was there before"


def test_where_nothing_can_be_locked_sessions_are_kept_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def no_locks(file: object, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    path = tmp_path / "a.genie-session"
    SessionWriter(path, HEADER).append_action(1)
    SessionWriter.reopen(path).append_action(2)
    assert read_session(path).actions == (1, 2)


class Msvcrt:
    """Windows' locks of bytes: one holder each, until its file is closed."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        self.held: dict[tuple[int, int], int] = {}

    def locking(self, number: int, mode: int, count: int) -> None:
        place = os.fstat(number).st_ino, os.lseek(number, 0, os.SEEK_CUR)
        assert (mode, count) == (self.LK_NBLCK, 1) and 2**30 < place[1] < 2**31
        if self.held.setdefault(place, number) != number:
            raise PermissionError(13, "Permission denied")


def test_on_windows_too_only_one_window_goes_on_with_a_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = Msvcrt()
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    path = tmp_path / "a.genie-session"
    writer = SessionWriter(path, HEADER)
    writer.append_action(1)
    assert len(windows.held) == 1
    with pytest.raises(ClipError, match="another window"):
        SessionWriter.reopen(path)
    writer.append_action(2)
    writer.close()
    windows.held.clear()
    writer = SessionWriter.reopen(path)
    writer.append_action(3)
    writer.close()
    assert read_session(path).actions == (1, 2, 3)


def test_a_killed_player_loses_nothing_it_had_logged(tmp_path: Path) -> None:
    script = (
        "import sys; from genie.clips.session_writer import *\n"
        "header = SessionHeader(world='w', bundle_hash='', device='cpu', seed=0, prompt='')\n"
        "writer = SessionWriter(sys.argv[1], header)\n"
        "for action in range(60000):\n"
        "    writer.append_action(action); print(action, flush=True)\n"
    )
    for stop in (0, 7, 400):
        path = tmp_path / f"{stop}.genie-session"
        command = [sys.executable, "-c", script, str(path)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        ) as player:
            assert player.stdout is not None
            while int(player.stdout.readline()) < stop:
                pass
            player.kill()
        actions = read_session(path).actions
        assert len(actions) > stop
        assert actions == tuple(range(len(actions)))
