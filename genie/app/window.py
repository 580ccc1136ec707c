"""The window: opened, played in, and closed in order."""

import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genie.app.options import Options
from genie.app.plan import Plan
from genie.app.planning import make_plan
from genie.core.errors import ClipError, GenieError

if TYPE_CHECKING:
    from genie.app.home import Home
    from genie.app.inputs import Gamepads, Keyboard
    from genie.app.loop import Loop
    from genie.app.settings import SettingsFile

FAKE_DRIVERS = ("dummy", "offscreen")
USUAL_FRAME = (64, 64)
"""What the window is sized for while it is open what will be played."""


class DisplayError(GenieError):
    """There is no display to open a window on."""


def play_in_window(options: Options, arguments: Sequence[str]) -> list[str]:
    """Play in a window until the player leaves; return lines that say what was written.

    With nothing named to play, the gallery is shown first. Raises DisplayError, with the command that plays
    without one, where there is no display. Whatever happens, Ctrl-C included, the recording is closed and no
    half-written clip is left.
    """
    plan = None if options.leaves_the_choice else make_plan(options, arguments)
    open_display(lambda: plan or make_plan(options, arguments), plan.manifest.frame_size if plan else None)
    import pygame

    from genie.app.home import Home
    from genie.app.inputs import Gamepads, Keyboard
    from genie.app.settings import SettingsFile

    settings, pads, keyboard = SettingsFile(), Gamepads(), Keyboard()
    home = Home(options, arguments, settings, pads, keyboard)
    try:
        return _play(home, plan, settings, pads, keyboard)
    finally:
        home.close()
        pygame.quit()


def _play(
    home: "Home", plan: Plan | None, settings: "SettingsFile", pads: "Gamepads", keyboard: "Keyboard"
) -> list[str]:
    """Play what is planned, then what is chosen in the gallery, until the player has had enough."""
    import pygame

    from genie.app.loop import Loop

    written: list[str] = []
    was_chosen, problem = plan is None, ""
    while True:
        plan = plan or home.choose(problem)
        if plan is None:
            return written
        pygame.display.set_caption(f"{plan.manifest.title} · Genie")
        problem = ""
        loop = None
        try:
            plan = home.ready(plan)
            if plan is not None:
                loop = Loop(plan, Path.cwd(), settings, pads, keyboard)
                loop.run()
        except GenieError as error:
            if not was_chosen:
                raise
            problem = str(error)
        finally:
            if loop is not None:
                loop.game.close()
        if plan is not None and loop is not None:
            written += _written(plan, loop)
            if not (loop.boxes.to_worlds or problem):
                if plan.recorder and plan.recorder.trouble and not plan.recorder.quiet:
                    raise ClipError(plan.recorder.trouble)
                return written
        plan, was_chosen = None, True


def _written(plan: Plan, loop: "Loop") -> list[str]:
    exported = [f"exported to {path}" for path in loop.game.exports.written]
    if plan.recorder is None:
        return exported
    recorded = [f"recorded in {path}" for path in plan.recorder.paths]
    return exported + recorded + [trouble for trouble in (plan.recorder.trouble,) if trouble]


def open_display(plan: Callable[[], Plan], frame_size: tuple[int, int] | None = None) -> None:
    """Open the window, or raise DisplayError; `plan` is made only to say how to play without one."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    # Windows then gives real pixels on high-density screens, instead of enlarging a blurred picture.
    os.environ.setdefault("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")
    # Words that an input method composes are drawn where they go, by us.
    os.environ.setdefault("SDL_IME_SHOW_UI", "1")
    if not _may_have_display():
        raise _no_display(plan())
    import pygame

    try:
        with _quiet_stderr():
            pygame.display.init()
        # SDL falls back to a driver that shows nothing rather than fail: only a user who asks gets that.
        if pygame.display.get_driver() in FAKE_DRIVERS and not os.environ.get("SDL_VIDEODRIVER"):
            raise _no_display(plan())
        pygame.font.init()
        from genie.app.view import window_size

        desktop = pygame.display.get_desktop_sizes()[0]
        pygame.display.set_caption("Genie")
        pygame.display.set_mode(window_size(frame_size or USUAL_FRAME, desktop), pygame.RESIZABLE)
        pygame.key.stop_text_input()
        pygame.event.set_blocked(pygame.MOUSEMOTION)  # nothing in play follows the mouse
    except pygame.error:
        raise _no_display(plan()) from None


def _may_have_display() -> bool:
    """Whether it is worth asking SDL, which on a bare Linux complains in several lines before giving in."""
    if not sys.platform.startswith("linux") or os.environ.get("SDL_VIDEODRIVER"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _no_display(plan: Plan) -> DisplayError:
    return DisplayError(f"There is no display here; play without one: {headless_command(plan)}")


def headless_command(plan: Plan) -> str:
    """Return the command given, made one that plays without a display and writes a clip."""
    given = [argument.replace("--resume", "--replay", 1) for argument in plan.arguments]
    words = [_quoted(_python()), "play.py", *map(_quoted, given), "--headless"]
    if plan.script is None and plan.limit is None and plan.resumed is None:
        names = [name for name in plan.manifest.actions.names if name != plan.manifest.actions.idle.name]
        chosen = [name for name in ("right", "right+up") if name in names] or names[:2]
        words.append("--keys " + _quoted(" ".join(f"{name}:30" for name in chosen)))
    if plan.export is None:
        words.append("--export clip.mp4")
    return " ".join(words)


def _python() -> str:
    """Return the interpreter as it is typed from here: that of a virtual environment here has to be named."""
    try:
        return str(Path(sys.executable).relative_to(Path.cwd()))
    except ValueError:
        return "python"


def _quoted(argument: str) -> str:
    """Quote as both Unix and Windows shells read it, where that is possible."""
    if argument and not set(argument) & set(" \t\n'\"\\$`!*?<>|&;()[]{}~#"):
        return argument
    return shlex.quote(argument) if set(argument) & set('"\\$`!\n') else f'"{argument}"'


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Silence what C libraries write about displays they do not find; our own line follows."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (AttributeError, OSError):  # started without a standard error
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
