"""Leading a session to a frame that was played before; frames that are not known are made again."""

from typing import TYPE_CHECKING

from genie.clips.session_log import checksum
from genie.clips.session_tree import Tree

if TYPE_CHECKING:
    from genie.runtime.first_frames import Watch
    from genie.runtime.session import Session


def follow(session: "Session", tree: Tree, branch: int, frame: int, watch: "Watch | None" = None) -> None:
    """Lead `session` to a frame of a branch's line, and have `tree` know every frame made on the way.

    `watch` is shown each of them; what it raises ends it, and the session stays where it was. Raises
    ActionError, PromptError or ImageError for a line that is not of this world.
    """
    line = tree.line(branch, frame)
    for action in line.actions:
        session.world.actions.index(action)  # before any frame is made
    here = session.snapshot()
    try:
        session.follow(line.upto(len(line.tokens)))
        if len(line.tokens) < len(line):
            _make(session, tree, branch, frame, watch)
    except BaseException:
        session.restore(here)
        raise


def _make(session: "Session", tree: Tree, branch: int, frame: int, watch: "Watch | None") -> None:
    # Whoever makes frames has the runtime loaded.
    from genie.runtime.along import along
    from genie.runtime.first_frames import STEPS, Painting

    for made in along(session, tree.line(branch, frame)):
        tree.know(branch, session.index, session.tokens, checksum(made))
        if watch is not None:
            watch(
                Painting(
                    prompt=session.prompt,
                    frame=made,
                    candidate=session.index - 1,
                    candidates=frame,
                    step=STEPS,
                )
            )
