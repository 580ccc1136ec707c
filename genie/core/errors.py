"""The errors a user can cause, each one line long: what is wrong and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GenieError(Exception):
    """What the user can put right; programs print it on one line and leave with `exit_code`."""

    exit_code = 1


class UsageError(GenieError):
    """The command line itself is wrong."""

    exit_code = 2


class BundleError(GenieError):
    """A world bundle is missing, damaged or not one that this version can play."""


class ClipError(GenieError):
    """A clip, a clip folder or a session file cannot be read or written."""


class WorldError(GenieError):
    """No such world, or its world.toml is wrong."""


class ActionError(GenieError):
    """No such action in this world."""


class KeyScriptError(ActionError, UsageError):
    """A key script given on the command line cannot be understood."""

    exit_code = 2


class PromptError(GenieError):
    """A text prompt cannot be used."""


class ImageError(GenieError):
    """An image given as a start frame cannot be used."""


class DeviceError(GenieError):
    """The device that was asked for cannot be used here."""


class ExportError(GenieError):
    """A clip or a bundle cannot be written."""


class SourceError(GenieError):
    """A simulator that a world records from is missing or does not work."""


class SimulatorDied(SourceError):
    """A simulator that is there died at its work: asked again, it may well answer."""


def suggest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known name nearest to `word`, or "" when none is near."""
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.5)
    return f" Did you mean '{names[near[0]]}'?" if near else ""
