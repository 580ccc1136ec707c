"""What is going to be played, checked as far as it can be before anything slow is begun."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from genie.app.folders import sessions_folder
from genie.app.late import import_runtime
from genie.app.options import Options
from genie.app.overlay import Look
from genie.app.recorder import Recorder
from genie.app.script import Script
from genie.app.take import Start
from genie.clips.session_log import SessionRecord
from genie.core.captions import checked_prompt
from genie.core.errors import UsageError, WorldError
from genie.core.key_script import parse_key_script
from genie.core.manifest import Manifest, read_manifest
from genie.worlds import catalog, find_bundle

if TYPE_CHECKING:
    from genie.runtime.world import World

LARGEST_SEED = 2**31
"""Seeds the app picks itself stay below this, so that they can be read out and typed."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A session to be: where it starts, what is decided in advance, and what becomes of it."""

    manifest: Manifest
    load: Callable[[], "World"]
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


def make_plan(options: Options, arguments: Sequence[str] = ()) -> Plan:
    """Resolve names and read files; raises GenieError, with its exit code, for what is wrong."""
    if options.export is not None:
        check_export(options.export)
    if options.replay is not None or options.resume is not None:
        from genie.app.session_plan import replay_plan, resume_plan

        return (replay_plan if options.replay is not None else resume_plan)(options, arguments)
    bundle = find_bundle(options.world or default_world())
    manifest = read_manifest(bundle)
    return Plan(
        manifest=manifest,
        load=lambda: load_world(bundle, options.device),
        start=_start(options, manifest),
        fps=options.fps or manifest.fps,
        script=_script(options, manifest),
        limit=options.frames,
        recorder=make_recorder(options),
        export=options.export,
        look=look_of(options),
        arguments=tuple(arguments),
    )


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


def default_world() -> str:
    """Return the id of the first world that can be played; WorldError when there is none."""
    worlds = catalog()
    for spec in worlds:
        if spec.has_bundle:
            return spec.id
    if not worlds:
        raise WorldError(
            "There are no worlds here: run from a checkout, or name a folder of worlds in GENIE_WORLDS."
        )
    raise WorldError(
        f"No world here has been trained yet: make one with python -m training make {worlds[0].id}."
    )


def new_seed() -> int:
    """Return a seed nobody chose."""
    return secrets.randbelow(LARGEST_SEED)


def load_world(bundle: Path, device: str) -> "World":
    """Load a bundle."""
    import genie

    import_runtime()
    return genie.load(bundle, device=device)


def _start(options: Options, manifest: Manifest) -> Start:
    prompt = manifest.default_prompt if options.prompt is None else checked_prompt(options.prompt)
    seed = new_seed() if options.seed is None else options.seed
    if options.image is None:
        return Start(prompt=prompt, seed=seed, expand=options.expand)
    from genie.app.image_file import read_image

    image = read_image(options.image, manifest.frame_size)
    return Start(prompt=prompt, seed=seed, image=image, expand=options.expand)


def _script(options: Options, manifest: Manifest) -> Script | None:
    if options.keys is None:
        return None
    names = parse_key_script(options.keys, manifest.actions)
    if not names and options.frames is None:
        raise UsageError('--keys is empty: give it as "right:20 right+up:5".')
    return Script(actions=tuple(manifest.actions.index(name) for name in names))


def check_export(path: Path) -> None:
    """Raise ExportError where nothing can be exported to `path`."""
    from genie.clips.export import check_export

    check_export(path)
