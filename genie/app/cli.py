"""The command line of `play.py`."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from genie.app.options import DEVICES, OVERLAYS, Options
from genie.core.errors import GenieError, UsageError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it; 143 after SIGTERM, 129 after SIGHUP."""
ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end play in order; the second comes when the terminal is closed, and not on Windows."""

EPILOG = """\
examples:
  play.py                                              choose a world in a window, and play
  play.py WORLD                                        play it at once
  play.py WORLD --prompt "a pink alien on snow"        start from a description
  play.py WORLD --headless --keys "right:30 right+up:10" --export clip.mp4
  play.py --replay FILE.genie-session --export clip.mp4 --span 2s:10s --overlay all
  play.py --replay FILE.genie-session --export both.gif --branch 1 --beside 2

exit codes: 0 done; 1 it failed and one line says why; 2 the command line is wrong;
130 stopped by Ctrl-C, with recordings closed."""


class _Terminated(BaseException):
    """One of ENDINGS arrived."""

    def __init__(self, signum: int) -> None:
        super().__init__()
        self.exit_code = 128 + signum


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (play.py --help lists the flags)")


def run() -> NoReturn:
    """Do what the command line says, then end the process, even where a thread of it will not end."""
    code = main()
    if any(thread.daemon for thread in threading.enumerate()):
        # The runtime, in use by a thread while Python takes it down, would abort. All is closed by now.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, OSError):  # there may be none, or nobody at its end
                stream.flush()
        os._exit(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Play as `argv` says and return the exit code; never raises for a mistake of the user's."""
    if threading.current_thread() is threading.main_thread():
        for kind in ENDINGS:
            if signal.getsignal(kind) is not signal.SIG_IGN:  # as under nohup
                signal.signal(kind, _terminate)
    try:
        arguments = sys.argv[1:] if argv is None else argv
        return _dispatch(parse(arguments), arguments)
    except GenieError as error:
        print(f"play.py: {' '.join(str(error).split())}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nplay.py: stopped.", file=sys.stderr)
        return INTERRUPTED
    except _Terminated as end:
        return end.exit_code
    except BrokenPipeError:  # `play.py --list | head`
        sys.stdout = None  # or the interpreter complains once more at exit
        return 1
    except OSError as error:  # a folder that one may not enter, a name too long, a full disk
        reason = error.strerror or str(error)
        told = reason if error.filename is None else f"Cannot use {error.filename}: {reason}."
        print(f"play.py: {' '.join(told.split())}", file=sys.stderr)
        return GenieError.exit_code


def parse(arguments: Sequence[str]) -> Options:
    """Turn arguments into Options; UsageError (exit code 2) when they make no sense."""
    return Options(**vars(_parser().parse_args(arguments)))


def _dispatch(options: Options, arguments: Sequence[str]) -> int:
    # Imported late: --list and --headless never touch pygame, and --help touches nothing.
    if options.list_worlds:
        from genie.app.world_table import world_table

        print(world_table())
        return 0
    if options.renders:
        from genie.app.replay import render_replay

        print(render_replay(options))
        return 0
    if options.headless:
        from genie.app.headless import play_headless
        from genie.app.planning import make_plan

        print(play_headless(make_plan(options, arguments)))
        return 0
    from genie.app.window import play_in_window

    for line in play_in_window(options, arguments):
        print(line)
    return 0


def _terminate(signum: int, frame: FrameType | None) -> NoReturn:
    for kind in ENDINGS:  # a terminal may say twice that it closes: what is being closed is left to it
        signal.signal(kind, signal.SIG_IGN)
    raise _Terminated(signum)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="play.py",
        description="Play a learned world: type a prompt, steer with keys, rewind, export a clip.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("world", nargs="?", metavar="WORLD", help="id of a world (see --list) or path of a bundle")
    add("--prompt", metavar="TEXT", help="what the world should look like; default: the world's own")
    add(
        "--no-expand",
        dest="expand",
        action="store_false",
        help="tell the world prompts as typed, not in the wording it was trained on",
    )
    add(
        "--strength",
        metavar="X",
        type=float,
        help="how much words count: 0 not at all, 1 as trained, 10 most",
    )
    add("--image", metavar="FILE", type=Path, help="start from this picture")
    add("--seed", metavar="N", type=int, help="the same seed, prompt and keys give the same frames")
    add("--device", choices=DEVICES, default="auto", help="where to compute (default: auto)")
    add("--list", dest="list_worlds", action="store_true", help="list the worlds and leave")
    add("--headless", action="store_true", help="play without a display")
    add("--keys", metavar="SCRIPT", help='keys to press, NAME[:FRAMES] each: "right:20 right+up:5 noop:10"')
    add("--frames", metavar="N", type=int, help="play N frames, idle after the end of --keys, then stop")
    add(
        "--export",
        metavar="OUT",
        type=Path,
        help="write the session as OUT.mp4, .webm, .gif or frames in DIR/",
    )
    add("--record", metavar="DIR", type=Path, help="keep every session played, as DIR/*.genie-session")
    add(
        "--replay",
        metavar="SESSION",
        type=Path,
        help="see a recorded session again, and whether its frames are the same; "
        "with --export or --headless, without a window",
    )
    add("--resume", metavar="SESSION", type=Path, help="go on with a recorded session where it was left")
    add(
        "--span",
        metavar="A:B",
        help="with --replay and --export or --headless: only frames A to B, or seconds: 2s:10s",
    )
    add(
        "--branch",
        metavar="N",
        type=int,
        help="with --replay and --export or --headless: this branch; default: the one left last",
    )
    add(
        "--beside",
        metavar="N",
        type=int,
        help="with --replay and --export: this branch beside it, from where they part",
    )
    add("--overlay", choices=OVERLAYS, default="none", help="draw keys, caption or all into exported clips")
    add("--scale", metavar="N", type=int, default=4, help="enlarge exported frames N times (default: 4)")
    add("--fps", metavar="N", type=int, help="frames a second; default: the world's own")
    add("--version", action="version", version=_version())
    return parser


def _version() -> str:
    import genie

    return f"genie {genie.__version__}"
