"""Text on the clipboard as each system keeps it there."""

from __future__ import annotations

from typing import Any

import pygame
import pytest

from genie.app import clipboard

TEXT = "a red alien on 雪"


class Board:
    """Stands in for pygame.scrap."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, system: str) -> None:
        self.data: bytes | None = None
        for name, stands_in in (("get_init", lambda: True), ("get", self.get), ("put", self.put)):
            monkeypatch.setattr(pygame.scrap, name, stands_in)
        monkeypatch.setattr(clipboard, "sys", self)
        self.platform = system

    def get(self, kind: str) -> Any:
        return self.data

    def put(self, kind: str, data: bytes) -> None:
        self.data = data


@pytest.mark.parametrize(
    ("system", "kept"),
    [("linux", TEXT.encode()), ("win32", TEXT.encode("utf-16-le") + b"\0\0")],
    ids=["linux", "win32"],
)
def test_text_is_kept_as_the_system_keeps_it(
    monkeypatch: pytest.MonkeyPatch, system: str, kept: bytes
) -> None:
    board = Board(monkeypatch, system)
    assert clipboard.copied() == ""
    clipboard.copy(TEXT)
    assert board.data == kept
    assert clipboard.copied() == TEXT
    board.data = kept + b"\0\0\0"  # memory is handed out in larger pieces
    assert clipboard.copied() == TEXT
