"""How work that was told to stop says so, where torch need not be imported to hear it."""

import os
import sys
from types import TracebackType

STOPPED = "stopped; the same command goes on from there"


class Interrupted(Exception):
    """Training was told to stop and has saved its state."""


def answer_early() -> None:
    """Let Ctrl-C be answered in one line even while modules are imported; for a program's first act."""
    sys.excepthook = _hook


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    print(STOPPED, file=sys.stderr, flush=True)
    os._exit(130)  # the interpreter would end itself by the signal, which not every caller reads as 130
