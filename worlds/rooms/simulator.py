"""The simulator, opened when it is needed; without it, one line that says how to install it."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import sys
from typing import TYPE_CHECKING

from genie.core.errors import SourceError

if TYPE_CHECKING:
    from .drawing import Drawing
    from .scene import Scene

INSTALL = "the MiniWorld simulator is not installed: run  pip install -c constraints.txt miniworld"
LIBRARIES = (
    "MiniWorld cannot draw on this machine: it needs OpenGL (on Debian without a display: apt-get install "
    "libegl1 libgl1 libglu1-mesa libgl1-mesa-dri libfontconfig1 libfreetype6)"
)


def require_simulator() -> None:
    """Raise SourceError where the simulator's packages are missing."""
    for package in ("miniworld", "pyglet", "gymnasium"):
        if importlib.util.find_spec(package) is None:
            raise SourceError(INSTALL)


def open_drawing(scene: Scene) -> Drawing:
    """The one thing in this process that draws; raises SourceError without the simulator or OpenGL."""
    require_simulator()
    os.environ.setdefault("LP_NUM_THREADS", "1")  # a software renderer: the processes share the cores already
    import pyglet

    pyglet.options["headless"] = sys.platform == "linux"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from .drawing import Drawing

            return Drawing(scene)
    except Exception as error:  # the simulator's libraries raise whatever they like
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise SourceError(f"{LIBRARIES}  ({reason})") from error
