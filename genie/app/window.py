"""The window: opened, played in, and closed in order."""

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from genie.app.plan import Plan
from genie.core.errors import GenieError

FAKE_DRIVERS = ("dummy", "offscreen")


class DisplayError(GenieError):
    """There is no display to open a window on."""


def play_in_window(plan: Plan) -> list[str]:
    """Play in a window until the player leaves; return lines that say what was written.

    Raises DisplayError, with the command that plays without one, where there is no display. Whatever happens,
    Ctrl-C included, the recording is closed and no half-written clip is left.
    """
    open_display(plan)
    import pygame

    from genie.app.loop import Loop

    loop = Loop(plan, Path.cwd())
    try:
        loop.run()
    finally:
        loop.game.close()
        pygame.quit()
    recorded = plan.recorder.paths if plan.recorder else []
    return [f"exported to {path}" for path in loop.game.exports.written] + [
        f"recorded in {path}" for path in recorded
    ]


def open_display(plan: Plan) -> None:
    """Open the window, or raise DisplayError."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if not _may_have_display():
        raise _no_display(plan)
    import pygame

    try:
        with _quiet_stderr():
            pygame.display.init()
        # SDL falls back to a driver that shows nothing rather than fail: only a user who asks gets that.
        if pygame.display.get_driver() in FAKE_DRIVERS and not os.environ.get("SDL_VIDEODRIVER"):
            raise _no_display(plan)
        pygame.font.init()
        from genie.app.view import window_size

        desktop = pygame.display.get_desktop_sizes()[0]
        pygame.display.set_caption(f"{plan.manifest.title} · Genie")
        pygame.display.set_mode(window_size(plan.manifest.frame_size, desktop), pygame.RESIZABLE)
        pygame.key.stop_text_input()
        pygame.event.set_blocked(pygame.MOUSEMOTION)  # nothing follows the mouse: do not wake up for it
    except pygame.error:
        raise _no_display(plan) from None


def _may_have_display() -> bool:
    """Whether it is worth asking SDL, which on a bare Linux complains in several lines before giving in."""
    if not sys.platform.startswith("linux") or os.environ.get("SDL_VIDEODRIVER"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _no_display(plan: Plan) -> DisplayError:
    return DisplayError(f"There is no display here; play without one: {headless_command(plan)}")


def headless_command(plan: Plan) -> str:
    """Return the command given, made one that plays without a display and writes a clip."""
    words = ["python play.py", *map(_quoted, plan.arguments), "--headless"]
    if plan.script is None and plan.limit is None:
        names = [name for name in plan.manifest.actions.names if name != plan.manifest.actions.idle.name]
        chosen = [name for name in ("right", "right+up") if name in names] or names[:2]
        words.append("--keys " + _quoted(" ".join(f"{name}:30" for name in chosen)))
    if plan.export is None:
        words.append("--export clip.mp4")
    return " ".join(words)


def _quoted(argument: str) -> str:
    """Quote as both Unix and Windows shells read it, where that is possible."""
    if argument and not set(argument) & set(" \t\n'\"\\$`!*?<>|&;()[]{}~#"):
        return argument
    return shlex.quote(argument) if set(argument) & set('"\\$`!\n') else f'"{argument}"'


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Silence what C libraries write about displays they do not find; our own line follows."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # started without a standard error
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
