"""What is going to be played, checked as far as it can be before anything slow is begun."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genie.app.options import Options
from genie.app.recorder import Recorder
from genie.app.script import Ending, Script
from genie.app.take import Start
from genie.core.captions import checked_prompt
from genie.core.errors import UsageError, WorldError
from genie.core.key_script import parse_key_script
from genie.core.manifest import Manifest, read_manifest
from genie.worlds import catalog, find_bundle

if TYPE_CHECKING:
    from genie.clips.session_log import SessionRecord
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
    scale: int = 4
    replaying: bool = False
    arguments: tuple[str, ...] = ()
    """The command line it came from."""
    note: str = ""
    """Something the user should know that is no error."""


def make_plan(options: Options, arguments: Sequence[str] = ()) -> Plan:
    """Resolve names and read files; raises GenieError, with its exit code, for what is wrong."""
    record = _read_record(options.replay)
    bundle = find_bundle(options.world or (record.header.world if record else default_world()))
    manifest = read_manifest(bundle)
    if options.export is not None:
        _check_export(options.export)
    recorder = None
    if options.record is not None:
        recorder = Recorder(options.record)
        recorder.check()
    return Plan(
        manifest=manifest,
        load=lambda: _load(bundle, options.device),
        start=_start_of_record(record) if record else _start(options, manifest),
        fps=options.fps or manifest.fps,
        script=_script_of_record(record, manifest) if record else _script(options, manifest),
        limit=options.frames,
        recorder=recorder,
        export=options.export,
        scale=options.scale,
        replaying=record is not None,
        arguments=tuple(arguments),
        note=_note(record, manifest),
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


def _load(bundle: Path, device: str) -> "World":
    import genie  # late: loading brings in ONNX Runtime, which takes a third of a second

    return genie.load(bundle, device=device)


def _start(options: Options, manifest: Manifest) -> Start:
    prompt = manifest.default_prompt if options.prompt is None else checked_prompt(options.prompt)
    seed = new_seed() if options.seed is None else options.seed
    if options.image is None:
        return Start(prompt=prompt, seed=seed)
    from genie.app.image_file import read_image

    return Start(prompt=prompt, seed=seed, image=read_image(options.image, manifest.frame_size))


def _script(options: Options, manifest: Manifest) -> Script | None:
    if options.keys is None:
        return None
    names = parse_key_script(options.keys, manifest.actions)
    if not names and options.frames is None:
        raise UsageError('--keys is empty: give it as "right:20 right+up:5".')
    return Script(actions=tuple(manifest.actions.index(name) for name in names))


def _check_export(path: Path) -> None:
    from genie.clips.export import check_export

    check_export(path)


def _read_record(path: Path | None) -> "SessionRecord | None":
    if path is None:
        return None
    from genie.clips.session_log import read_session

    return read_session(path)


def _start_of_record(record: "SessionRecord") -> Start:
    header = record.header
    return Start(prompt=checked_prompt(header.prompt), seed=header.seed, image=record.image)


def _script_of_record(record: "SessionRecord", manifest: Manifest) -> Script:
    actions = tuple(
        manifest.actions.index(action) for action in record.actions
    )  # ActionError for a foreign one
    return Script(actions=actions, prompts=dict(record.prompts), ending=Ending.PAUSE)


def _note(record: "SessionRecord | None", manifest: Manifest) -> str:
    if record is None or record.header.bundle_hash == manifest.digest:
        return ""
    return f"the session was recorded with another bundle of '{record.header.world}': frames may differ."
