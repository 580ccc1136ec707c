"""Playing without a display: what `--headless` does."""

import sys
import time
from collections.abc import Iterator

import numpy as np

from genie.app.clip import clip_metadata, shots
from genie.app.overlay import check_look, pictures
from genie.app.plan import Plan
from genie.app.player import Player
from genie.app.progress import Progress
from genie.app.script import Script
from genie.app.take import Take
from genie.core.errors import ClipError
from genie.core.line import Line

WHOLE = 100
"""Parts of a first frame that is being painted, of which so many are said to be done."""


def play_headless(plan: Plan) -> str:
    """Play the plan's script to its end, export it when asked to, and return a summary of one line.

    Recordings are closed and nothing half-written is left, whatever happens.
    """
    if plan.note:
        print(f"play.py: {plan.note}", file=sys.stderr)
    check_look(plan.look, plan.manifest.frame_size)
    world = plan.load()
    script = _whole_script(plan)
    with Progress("painting", WHOLE, sys.stderr) as progress:
        player = Player(
            world, plan.start, plan.recorder, watch=lambda look: progress.show(round(look.share * WHOLE))
        )
    if player.reading.note:
        print(f"play.py: {player.reading.note}", file=sys.stderr)
    began = time.perf_counter()
    try:
        frames = _play(player, script)
        where = _consume(frames, plan, script)
        seconds = time.perf_counter() - began
        made = player.index + 1
    finally:
        player.close()
    if player.trouble:
        raise ClipError(player.trouble)
    recorded = f", recorded in {plan.recorder.paths[-1]}" if plan.recorder else ""
    return (
        f"{made} frames ({made / plan.fps:.1f} s of play) in {seconds:.1f} s, "
        f"{made / max(seconds, 1e-9):.1f} frames/s on {world.device}, seed {plan.start.seed}{where}{recorded}"
    )


def _whole_script(plan: Plan) -> Script:
    script = plan.script or Script(actions=())
    if plan.limit is None:
        return script
    actions = plan.manifest.actions
    return script.lengthened(plan.limit, actions.index(actions.idle.name))


def _play(player: Player, script: Script) -> Iterator[np.ndarray]:
    yield player.moment().frame
    for index, action in enumerate(script.actions):
        yield player.step(action, script.prompts.get(index)).frame


def _consume(frames: Iterator[np.ndarray], plan: Plan, script: Script) -> str:
    total = len(script) + 1
    if plan.export is None:
        with Progress("playing", total, sys.stderr) as progress:
            for done, _ in enumerate(frames, 1):
                progress.show(done)
        return ""
    from genie.clips.export import export_clip

    take = Take(start=plan.start, line=Line(actions=script.actions, prompts=tuple(script.prompts.items())))
    actions = plan.manifest.actions
    with Progress("exporting", total, sys.stderr) as progress:
        written = export_clip(
            pictures(shots(frames, take, actions, 0, total), plan.look, actions),
            plan.export,
            plan.fps,
            scale=1,
            metadata=clip_metadata(plan.manifest, take),
            progress=progress.show,
        )
    return f", exported to {written}"
