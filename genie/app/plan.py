"""What is going to be played, and what plans are made of."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genie.app.folders import sessions_folder
from genie.app.late import import_runtime
from genie.app.options import Options
from genie.app.overlay import Look
from genie.app.recorder import Recorder
from genie.app.script import Script
from genie.app.take import Start
from genie.clips.session_log import SessionRecord
from genie.core.manifest import Manifest

if TYPE_CHECKING:
    from genie.runtime.world import World

LARGEST_SEED = 2**31
"""Seeds the app picks itself stay below this, so that they can be read out and typed."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A session to be: where it starts, what is decided in advance, and what becomes of it."""

    manifest: Manifest
    load: Callable[[], "World"]
    preview: Callable[[], np.ndarray | None] = lambda: None
    """Returns the frame uint8 [height, width, 3] that is to be seen first, without loading the world."""
    start: Start
    fps: int
    script: Script | None = None
    limit: int | None = None
    """Stop after this many actions."""
    recorder: Recorder | None = None
    export: Path | None = None
    look: Look = field(default_factory=Look)
    replayed: SessionRecord | None = None
    """The recording that the script is, to compare frames with."""
    resumed: SessionRecord | None = None
    """The recording to go on with, where it was left; `recorder` then goes on with its file."""
    arguments: tuple[str, ...] = ()
    """The command line it came from."""
    note: str = ""
    """Something the user should know that is no error."""


def make_recorder(options: Options) -> Recorder | None:
    """Return what records: into the folder asked for, else, in a window, where sessions are kept."""
    if options.record is not None:
        recorder = Recorder(options.record)
        recorder.check()
        return recorder
    return None if options.headless else Recorder(sessions_folder(), keep_empty=False)


def look_of(options: Options) -> Look:
    """Return how exported pictures look."""
    return Look(
        scale=options.scale,
        keys=options.overlay in ("keys", "all"),
        caption=options.overlay in ("caption", "all"),
    )


def new_seed() -> int:
    """Return a seed nobody chose."""
    return secrets.randbelow(LARGEST_SEED)


def load_world(bundle: Path, device: str) -> "World":
    """Load a bundle."""
    import genie

    import_runtime()
    return genie.load(bundle, device=device)


def check_export(path: Path) -> None:
    """Raise ExportError where nothing can be exported to `path`."""
    from genie.clips.export import check_export

    check_export(path)
