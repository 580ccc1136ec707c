"""CoinRun as a source of clips."""

from __future__ import annotations

from .._procgen.coinrun_changes import LookEditor
from .._procgen.coinrun_telling import CoinRunTeller
from .._procgen.recorder import ProcgenSource


def source() -> ProcgenSource:
    """The simulator's adapter; it needs the simulator only once it records."""
    return ProcgenSource("coinrun", teller=CoinRunTeller(), editor=LookEditor())
