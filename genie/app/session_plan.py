"""Plans that come from a recorded session: to see it again, or to go on with it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from genie.app.details import first_look
from genie.app.folders import slots_folder
from genie.app.options import Options
from genie.app.plan import Plan, load_world, look_of, make_recorder
from genie.app.recorder import Recorder
from genie.app.script import Ending, Script
from genie.app.take import Start
from genie.clips.png import read_png
from genie.clips.session_log import SessionRecord, read_session
from genie.clips.shelf import THUMBNAIL
from genie.core.captions import checked_prompt
from genie.core.errors import ClipError, UsageError
from genie.core.manifest import Manifest, read_manifest
from genie.worlds import find_bundle


def replay_plan(options: Options, arguments: Sequence[str] = ()) -> Plan:
    """Return the plan to play a recorded session again from its start; raises GenieError."""
    assert options.replay is not None
    record = read_session(options.replay)
    choose_branch(record, options.branch)
    plan = _plan(record, options, arguments)
    return replace(
        plan,
        script=_script(record, plan.manifest),
        limit=options.frames,
        recorder=make_recorder(options) if options.record is not None else None,
        replayed=record,
    )


def resume_plan(options: Options, arguments: Sequence[str] = ()) -> Plan:
    """Return the plan to go on with a recorded session where it was left; raises GenieError."""
    assert options.resume is not None
    path = options.resume
    record = read_session(path)
    plan = _plan(record, options, arguments)
    if path.resolve().parent == slots_folder(plan.manifest.world).resolve():
        recorder = make_recorder(options)  # a slot is saved into, and never played in
    elif record.header.bundle_hash == plan.manifest.digest:
        recorder = Recorder(path, keep_empty=False, reopen=True)
    else:
        recorder = Recorder(path.parent, keep_empty=False)
    return replace(plan, recorder=recorder, resumed=record, preview=lambda: _last_seen(path))


def choose_branch(record: SessionRecord, number: int | None) -> None:
    """Stand at the end of a branch, counted from 1; None is where the session was left. UsageError."""
    tree = record.tree
    if number is not None:
        if number > len(tree.branches):
            many = len(tree.branches)
            raise UsageError(f"The session has {many} branch{'es' * (many > 1)}: there is no {number}.")
        if number - 1 in tree.removed:
            raise UsageError(
                f"Branch {number} of the session was deleted: bring it back on its map of branches."
            )
        tree.go(number - 1, tree.branches[number - 1].end)


def start_of(record: SessionRecord, digest: str) -> Start:
    """Return how a recorded session began, to begin so in the bundle of this digest.

    Which of the first frames it was means nothing to another bundle: it has others, and begins with the best.
    """
    header = record.header
    return Start(
        prompt=checked_prompt(header.prompt),
        seed=header.seed,
        image=record.image,
        choice=header.choice if header.bundle_hash == digest else 0,
        strength=header.strength,
        told=True,
    )


def find_world(record: SessionRecord, options: Options) -> tuple[Path, Manifest]:
    """Return the bundle that a recorded session is played in: its own world's, or the one asked for."""
    bundle = find_bundle(options.world or record.header.world)
    return bundle, read_manifest(bundle)


def _plan(record: SessionRecord, options: Options, arguments: Sequence[str]) -> Plan:
    bundle, manifest = find_world(record, options)
    note = ""
    if record.header.bundle_hash != manifest.digest:
        note = f"the session was recorded with another bundle of '{record.header.world}': frames may differ."
    start = replace(start_of(record, manifest.digest), expand=options.expand)
    return Plan(
        manifest=manifest,
        load=lambda: load_world(bundle, options.device),
        preview=lambda: first_look(bundle, start),
        start=start,
        fps=options.fps or manifest.fps,
        export=options.export,
        look=look_of(options),
        arguments=tuple(arguments),
        note=note,
    )


def _last_seen(session: Path) -> np.ndarray | None:
    """The frame that a session was left at, or nearly, where its summary shows it."""
    try:
        return read_png(session / THUMBNAIL)
    except ClipError:
        return None


def _script(record: SessionRecord, manifest: Manifest) -> Script:
    line = record.tree.line()
    actions = tuple(manifest.actions.index(action) for action in line.actions)  # ActionError: a foreign one
    return Script(
        actions=actions,
        prompts=dict(line.prompts),
        strengths=dict(line.strengths),
        given=line.given,
        ending=Ending.PAUSE,
    )
