"""What a world's own folder says of it, in world.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genie.core.actions import Action, ActionSet
from genie.core.errors import ActionError, WorldError, suggest
from genie.core.manifest import MANIFEST

WORLD_FILE = "world.toml"
FIELDS = (
    "title", "description", "fps", "frame", "actions", "idle", "prompt", "source", "splits", "play",
    "credits", "began", "license",
)  # fmt: skip
PLAY = {"temperature": (0, 10), "strength": (0, 10), "emphasis": (1, 10)}  # from, to
ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, kw_only=True)
class WorldSpec:
    """A world as its folder describes it; the folder's name is its id.

    `frame_size` is (height, width); `prompt` the default text; `splits` names disjoint ranges of level
    numbers, when world.toml gives any; `source` the simulator adapter's file, when the world learns from one;
    `play` at what "temperature" and "strength" of words its bundle is to be played, 0 to 10 each, and with
    what "emphasis" on new ones, 1 to 10, where that is not as usual; `began` what its training began from,
    where that was not from nothing.
    """

    id: str
    title: str
    description: str
    fps: int
    frame_size: tuple[int, int]
    actions: ActionSet
    path: Path
    prompt: str = ""
    source: Path | None = None
    splits: Mapping[str, range] = field(default_factory=dict)
    play: Mapping[str, float] = field(default_factory=dict)
    credits: str = ""
    began: str = ""
    license: str = ""

    @property
    def idle(self) -> str:
        """The name of the action taken when no key is held."""
        return self.actions.idle.name

    @property
    def bundle(self) -> Path:
        """Where the trained bundle belongs; see `has_bundle`."""
        return self.path / "bundle"

    @property
    def has_bundle(self) -> bool:
        """Whether a trained bundle lies there, so that the world can be played."""
        return (self.bundle / MANIFEST).is_file()


def read_world(folder: Path | str) -> WorldSpec:
    """Read `folder`/world.toml; WorldError names the file and the field that is wrong or unknown."""
    folder = Path(folder).resolve()
    file = folder / WORLD_FILE
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise WorldError(f"Cannot read {file}: {error.strerror or error}.") from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise WorldError(f"{file} is not valid TOML: {error}.") from None
    try:
        return _spec(folder, table)
    except (WorldError, ActionError) as error:
        raise WorldError(f"{file}: {error}") from None


def _spec(folder: Path, table: dict[str, Any]) -> WorldSpec:
    if not ID_PATTERN.fullmatch(folder.name):
        raise WorldError(
            f"the folder's name '{folder.name}' is the world's id: use letters, digits, - and _ only."
        )
    for name in table:
        if name not in FIELDS:
            raise WorldError(f"unknown field '{name}'.{suggest(name, FIELDS)}")
    frame = _get(table, "frame", dict)
    source = _get(table, "source", str, None)
    if source is not None and not (folder / source).is_file():
        raise WorldError(f"the source '{source}' is not a file beside it.")
    return WorldSpec(
        id=folder.name,
        title=_get(table, "title", str),
        description=_get(table, "description", str),
        fps=_whole(table, "fps", 1, 240),
        frame_size=(_whole(frame, "height", 8, 1024), _whole(frame, "width", 8, 1024)),
        actions=_actions(_get(table, "actions", list), _get(table, "idle", str)),
        path=folder,
        prompt=_get(table, "prompt", str, ""),
        source=None if source is None else folder / source,
        splits=_splits(_get(table, "splits", dict, {})),
        play=_play(_get(table, "play", dict, {})),
        credits=_get(table, "credits", str, ""),
        began=_get(table, "began", str, ""),
        license=_get(table, "license", str, ""),
    )


_REQUIRED = object()


def _get(table: Mapping[str, Any], name: str, kind: type, default: Any = _REQUIRED) -> Any:
    if name not in table:
        if default is _REQUIRED:
            raise WorldError(f"'{name}' is missing.")
        return default
    value = table[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise WorldError(f"'{name}' is {value!r}, not a {kind.__name__}.")
    return value


def _whole(table: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value: int = _get(table, name, int)
    if not least <= value <= most:
        raise WorldError(f"'{name}' is {value}, not in {least} to {most}.")
    return value


def _actions(listed: list[Any], idle: str) -> ActionSet:
    for entry in listed:
        if not isinstance(entry, dict) or set(entry) - {"name", "keys"}:
            raise WorldError(f"an action has 'name' and 'keys' and nothing else, not {entry!r}.")
    return ActionSet((Action(_get(a, "name", str), tuple(_get(a, "keys", list, []))) for a in listed), idle)


def _play(table: Mapping[str, Any]) -> dict[str, float]:
    for name, value in table.items():
        if name not in PLAY:
            raise WorldError(f"unknown field '{name}' in 'play'.{suggest(name, PLAY)}")
        least, most = PLAY[name]
        if type(value) not in (int, float) or not least <= value <= most:
            raise WorldError(f"'{name}' in 'play' is {value!r}, not a number from {least} to {most}.")
    return {name: float(value) for name, value in table.items()}


def _splits(table: Mapping[str, Any]) -> dict[str, range]:
    splits: dict[str, range] = {}
    for name, ends in table.items():
        whole = isinstance(ends, list) and len(ends) == 2 and all(type(end) is int for end in ends)
        if not whole or not 0 <= ends[0] < ends[1]:
            raise WorldError(f"the split '{name}' is {ends!r}, not [first level, one past the last level].")
        splits[name] = range(ends[0], ends[1])
        for other, levels in splits.items():
            if other != name and levels.start < ends[1] and ends[0] < levels.stop:
                raise WorldError(f"the splits '{other}' and '{name}' share levels.")
    return splits
