"""Lists of sessions: quick, in order, and never stopped by one that is damaged."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from genie.clips.png import read_png
from genie.clips.session_log import SCHEMA, SessionHeader
from genie.clips.session_writer import SessionWriter
from genie.clips.shelf import list_sessions, read_card, remove_session, write_card
from genie.core.errors import ClipError

FRAME = np.random.default_rng(0).integers(0, 256, (8, 10, 3), dtype=np.uint8)


def session(folder: Path, name: str, world: str = "sprite", actions: int = 3, saved: float = 100.0) -> Path:
    header = SessionHeader(world=world, bundle_hash="x", device="cpu", seed=4, prompt="ein Würfel", fps=10)
    writer = SessionWriter(folder / f"{name}.genie-session", header)
    for _ in range(actions):
        writer.append_action(1)
    writer.close()
    os.utime(writer.path / "log.jsonl", (saved, saved))
    return writer.path


def test_sessions_are_listed_the_latest_first(tmp_path: Path) -> None:
    first = session(tmp_path, "a", saved=100)
    second = session(tmp_path, "b", world="other", actions=9, saved=200)
    (tmp_path / "notes.txt").write_text("not a session")
    cards = list_sessions(tmp_path)
    assert [card.path for card in cards] == [second, first]
    assert (cards[0].world, cards[0].frames, cards[0].seconds) == ("other", 10, 1.0)
    assert (cards[1].prompt, cards[1].seed, cards[1].thumbnail) == ("ein Würfel", 4, None)
    assert [card.path for card in list_sessions(tmp_path, world="sprite")] == [first]
    assert list_sessions(tmp_path / "nowhere") == []


def test_a_summary_is_used_as_long_as_it_is_true(tmp_path: Path) -> None:
    path = session(tmp_path, "a")
    size = (path / "log.jsonl").stat().st_size
    write_card(path, frames=77, branches=5, prompt="as summed up", log_bytes=size, last=FRAME)
    card = read_card(path)
    assert (card.frames, card.branches, card.prompt) == (77, 5, "as summed up")
    np.testing.assert_array_equal(read_png(card.thumbnail), FRAME)
    SessionWriter.reopen(path).append_action(2)
    assert (read_card(path).frames, read_card(path).branches) == (5, 1), "played on since: counted again"
    for nonsense in (b"", b"[]", b'{"log_bytes": 1}', b"\xff", b"[" * 9999):
        (path / "card.json").write_bytes(nonsense)
        assert read_card(path).frames == 5


def test_a_summary_that_is_not_true_is_made_anew_unless_the_session_is_being_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, played = session(tmp_path, "left"), session(tmp_path, "played")
    writer = SessionWriter.reopen(played)
    assert [card.frames for card in list_sessions(tmp_path)] == [4, 4]
    assert not (played / "card.json").exists()
    writer.close()
    monkeypatch.setattr("genie.clips.shelf.read_session", lambda path: pytest.fail("read whole once more"))
    card = read_card(left)
    assert (card.frames, card.branches, card.prompt) == (4, 1, "ein Würfel")
    assert card.saved == 100.0, "as old as it was"


def test_a_damaged_session_is_listed_with_the_reason(tmp_path: Path) -> None:
    newer, torn, empty = (session(tmp_path, name) for name in ("newer", "torn", "empty"))
    text = (newer / "session.json").read_text(encoding="utf-8")
    (newer / "session.json").write_text(text.replace(f'"schema": {SCHEMA}', '"schema": 99'), encoding="utf-8")
    (torn / "log.jsonl").write_text("{]\n")
    (empty / "session.json").unlink()
    damage = {card.path: card.damage for card in list_sessions(tmp_path)}
    assert "newer version" in damage[newer]
    assert "log.jsonl:1" in damage[torn]
    assert "session.json" in damage[empty]


@pytest.mark.parametrize("file", ["session.json", "log.jsonl", "card.json"])
def test_a_session_cut_at_any_64th_byte_is_read_or_refused_in_one_line(tmp_path: Path, file: str) -> None:
    path = session(tmp_path, "a", actions=40)
    write_card(
        path, frames=41, branches=1, prompt="x", log_bytes=(path / "log.jsonl").stat().st_size, last=FRAME
    )
    whole = (path / file).read_bytes()
    for size in {*range(0, len(whole), 64), len(whole) - 1}:
        (path / file).write_bytes(whole[:size])
        card = read_card(path)
        if file == "session.json":
            assert card.damage.count("\n") == 0
            assert "session.json" in card.damage or size == len(whole) - 1
        else:
            assert card.damage == ""
            assert card.frames == (41 if file == "card.json" else 1 + whole[:size].count(b"\n"))


def test_only_sessions_are_deleted(tmp_path: Path) -> None:
    path = session(tmp_path, "a")
    other = tmp_path / "photos"
    other.mkdir()
    with pytest.raises(ClipError, match="nothing was deleted"):
        remove_session(other)
    remove_session(path)
    assert not path.exists()
    assert other.exists()
