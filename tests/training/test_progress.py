"""How far a piece of work is, said wherever it runs."""

from __future__ import annotations

import sys

import pytest

from training.progress import Progress


def test_work_goes_on_where_there_is_no_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with Progress("counting", 3) as progress:
        progress.advance()
    assert progress.done == 1
