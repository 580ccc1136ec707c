"""Key scripts: a session's keys written on one line, such as "right:20 right+up:5 noop:10"."""

from __future__ import annotations

from genie.core.actions import ActionSet
from genie.core.errors import ActionError, KeyScriptError

MOST_FRAMES = 1_000_000


def parse_key_script(script: str, actions: ActionSet) -> list[str]:
    """Return one action name a frame for a script of words NAME or NAME:COUNT (COUNT is 1 when left out).

    NAME is an action's name, or its keys joined with "+" in any order. An empty script is no frames. Raises
    KeyScriptError (exit code 2), naming the word, for an unknown action, a wrong count or over a million
    frames.
    """
    frames: list[str] = []
    for word in script.split():
        name, colon, count = word.partition(":")
        if not name or (colon and not (count.isascii() and count.isdigit() and len(count) <= 9)):
            raise KeyScriptError(
                f"'{word[:60]}' in the key script is not NAME or NAME:COUNT, as in right:20."
            )
        try:
            action = actions[actions.index(name)].name
        except ActionError as error:
            raise KeyScriptError(f"{error}") from None
        times = int(count) if colon else 1
        if len(frames) + times > MOST_FRAMES:
            raise KeyScriptError(f"The key script asks for more than {MOST_FRAMES:,} frames.")
        frames += [action] * times
    return frames
