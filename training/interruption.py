"""How work that was told to stop says so, where torch need not be imported to hear it."""

import os
import sys
from collections.abc import Sequence
from types import TracebackType

GOES_ON = ("make", "record", "ingest", "train", "caption")
"""The commands that keep what they have done so far."""
STOPPED = "stopped; the same command goes on from there"
UNDONE = "stopped; what was there before is there, and the same command begins anew"


class Interrupted(Exception):
    """Training was told to stop and has saved its state."""


def said_of(arguments: Sequence[str]) -> str:
    """What the command line that was stopped leaves behind."""
    return STOPPED if not arguments or arguments[0] in GOES_ON else UNDONE


def answer_early() -> None:
    """Let Ctrl-C be answered in one line even while modules are imported; for a program's first act."""
    sys.excepthook = _hook


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    print(said_of(sys.argv[1:]), file=sys.stderr, flush=True)
    os._exit(130)  # the interpreter would end itself by the signal, which not every caller reads as 130
