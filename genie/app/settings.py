"""What the player has chosen, remembered in a file of the user's config folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from genie.app.folders import config_folder
from genie.clips.atomic import replace_file

Keys = Mapping[str, tuple[str, ...]]
"""What is pressed for each thing: inputs ("left", "space", "pad a") by the name of a key or command."""

FILE = "settings.json"
VERSION = 1
MOST_BYTES = 1 << 20
MOST_PROMPTS = 40


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How a world without keys is played: the action each set of held keys means, and the idle one."""

    idle: str
    keys: Keys


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything remembered, by world id where it belongs to a world; nothing in it is needed to play."""

    keys: Mapping[str, Keys] = field(default_factory=dict)
    commands: Keys = field(default_factory=dict)
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    prompts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The last prompts given to each world, newest first."""
    world: str = ""
    """The world played last."""
    met: tuple[str, ...] = ()
    """The worlds whose card was read: they begin without it."""

    def with_prompt(self, world: str, prompt: str) -> "Settings":
        """Return the settings with a prompt put first in its world's history."""
        earlier = [text for text in self.prompts.get(world, ()) if text != prompt]
        return replace(self, prompts={**self.prompts, world: (prompt, *earlier)[:MOST_PROMPTS]})

    def meeting(self, world: str) -> "Settings":
        """Return the settings once a world's card was read."""
        return self if world in self.met else replace(self, met=(*self.met, world))


class SettingsFile:
    """The file; what is changed is written at once, whole or not at all, and seen by every window."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read the settings in `folder`; a file that makes no sense is put aside, and `note` says so."""
        self._path = (folder or config_folder()) / FILE
        self.note = ""
        """A line for the player about what went wrong last; "" when nothing did."""
        self._unkept = ""
        """Why what is changed cannot be kept, for as long as that is so."""
        self._known = self._read()
        self._seen = self._mark()

    def take_note(self) -> str:
        """Return the note to be shown: it is not shown again."""
        note, self.note = self.note, ""
        return note

    @property
    def settings(self) -> Settings:
        """What is remembered now: another window may have changed it since."""
        if self._seen != self._mark():
            self._known = self._read()
            self._seen = self._mark()
        return self._known

    def change(self, settings: Settings) -> None:
        """Remember `settings`, made from those of just now, from now on."""
        if settings == self.settings:
            return
        self._known = settings
        text = json.dumps({"version": VERSION, **asdict(settings)}, ensure_ascii=False, indent=1)
        before, self._unkept = self._unkept, ""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, text.encode("utf-8"))
        except OSError as error:
            self._unkept = f"The settings cannot be kept in {self._path}: {error.strerror or error}."
        if self._unkept != before:
            self.note = self._unkept
        self._seen = self._mark()

    def _mark(self) -> tuple[int, ...]:
        """Return what is another once the file has been written again; () where there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> Settings:
        try:
            if self._path.stat().st_size > MOST_BYTES:
                raise ValueError(f"it is over {MOST_BYTES:,} bytes")
            return settings_from(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Settings()
        except (ValueError, RecursionError) as error:
            self._put_aside(str(error))
        except OSError as error:
            self.note = f"{self._path} cannot be read ({error.strerror or error}): playing with the defaults."
        return Settings()

    def _put_aside(self, reason: str) -> None:
        aside = self._path.with_suffix(".json.broken")
        self.note = (
            f"{self._path} makes no sense ({reason}): kept as {aside.name}, playing with the defaults."
        )
        try:
            self._path.replace(aside)
        except OSError:
            self.note = f"{self._path} makes no sense ({reason}): playing with the defaults."


def settings_from(said: Any) -> Settings:
    """Check and return settings read as JSON; ValueError says what is wrong with them."""
    table = _table(said, "the file")
    if table.get("version") != VERSION:
        raise ValueError(f"its version is {table.get('version')!r}, not {VERSION}")
    unknown = set(table) - {"version", *Settings.__dataclass_fields__}
    if unknown:
        raise ValueError(f"unknown field '{min(unknown)}'")
    worlds = _table(table.get("keys", {}), "'keys'")
    found = _table(table.get("calibrations", {}), "'calibrations'")
    prompts = _keys(table.get("prompts", {}), "'prompts'")
    return Settings(
        keys={world: _keys(keys, f"the keys of '{world}'") for world, keys in worlds.items()},
        commands=_keys(table.get("commands", {}), "'commands'"),
        calibrations={world: _calibration(each, world) for world, each in found.items()},
        prompts={world: listed[:MOST_PROMPTS] for world, listed in prompts.items()},
        world=_text(table.get("world", ""), "'world'"),
        met=_keys({"met": table.get("met", [])}, "'met'")["met"],
    )


def _calibration(said: Any, world: str) -> Calibration:
    table = _table(said, f"the calibration of '{world}'")
    if set(table) != {"idle", "keys"}:
        raise ValueError(f"the calibration of '{world}' has not 'idle' and 'keys'")
    return Calibration(
        idle=_text(table["idle"], "'idle'"), keys=_keys(table["keys"], f"the calibration of '{world}'")
    )


def _keys(said: Any, what: str) -> dict[str, tuple[str, ...]]:
    table = _table(said, what)
    if not all(isinstance(inputs, list | tuple) for inputs in table.values()):
        raise ValueError(f"{what} are not lists")
    return {name: tuple(_text(each, what) for each in inputs) for name, inputs in table.items()}


def _table(said: Any, what: str) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise ValueError(f"{what} is not a table")
    return said


def _text(said: Any, what: str) -> str:
    if not isinstance(said, str):
        raise ValueError(f"{what} holds {said!r}, which is not text")
    return said
