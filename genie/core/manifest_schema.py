"""What the manifest of a world bundle holds, and its form as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genie.core.actions import Action, ActionSet
from genie.core.errors import ActionError, BundleError

SCHEMA = 2


@dataclass(frozen=True)
class FileRecord:
    """One file of a bundle: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a bundle says of itself.

    `frame_size` is (height, width) in pixels; `window` the frames of context the cache holds; `token_shape`
    (N, D): N tokens a frame of D digits, each in 0..levels-1; `history` how many last frames the dynamics
    sees as pixels; `passes` sampling passes baked into the graph; `temperature` the default, 0 being argmax;
    `strength` the default of how much words count, 1 being as trained; `emphasis` how many times as much they
    count while they are new (bundles of earlier versions do not have it); `text_length` ids a caption row;
    `starts` the name of the start-frames file. Raises BundleError for values out of range.
    """

    world: str
    title: str
    description: str
    frame_size: tuple[int, int]
    fps: int
    actions: ActionSet
    window: int
    token_shape: tuple[int, int]
    levels: int
    history: int
    passes: int
    temperature: float
    strength: float
    emphasis: float = 1.0
    text_length: int
    default_prompt: str
    starts: str = "starts.npz"
    files: Mapping[str, FileRecord] = field(default_factory=dict)
    trained_on: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    credits: str = ""

    def __post_init__(self) -> None:
        for name in ("fps", "window", "levels", "history", "passes", "text_length"):
            _check(getattr(self, name) >= 1, f"{name} is {getattr(self, name)}, not 1 or more")
        _check(all(side >= 1 for side in self.frame_size), f"the frame size is {self.frame_size}")
        _check(all(side >= 1 for side in self.token_shape), f"the token shape is {self.token_shape}")
        _check(0 <= self.temperature <= 10, f"the temperature is {self.temperature}, not in 0 to 10")
        _check(0 <= self.strength <= 10, f"the strength of words is {self.strength}, not in 0 to 10")
        _check(1 <= self.emphasis <= 10, f"the emphasis of new words is {self.emphasis}, not in 1 to 10")
        for name in (*self.files, self.starts):
            _check(is_plain_name(name), f"'{name}' is not a plain file name")

    @property
    def digest(self) -> str:
        """SHA-256 over what decides the frames: equal for bundles that replay each other's sessions."""
        said = to_json(self)
        for told in ("title", "description", "scores", "trained_on", "credits"):
            del said[told]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def is_plain_name(name: str) -> bool:
    """Say whether `name` is a file's name with no folder in it, fit for every file system."""
    return name not in ("", ".", "..", "manifest.json") and not any(
        c in '/\\:*?"<>|' or c < " " for c in name
    )


def to_json(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as the dictionary that manifest.json holds."""
    return {
        "schema": SCHEMA,
        "world": manifest.world,
        "title": manifest.title,
        "description": manifest.description,
        "frame": {"height": manifest.frame_size[0], "width": manifest.frame_size[1]},
        "fps": manifest.fps,
        "actions": [{"name": action.name, "keys": list(action.keys)} for action in manifest.actions],
        "idle": manifest.actions.idle.name,
        "window": manifest.window,
        "tokens": {"shape": list(manifest.token_shape), "levels": manifest.levels},
        "history": manifest.history,
        "sampling": {
            "passes": manifest.passes,
            "temperature": manifest.temperature,
            "strength": manifest.strength,
            **({} if manifest.emphasis == 1 else {"emphasis": manifest.emphasis}),
        },
        "text": {"length": manifest.text_length, "default": manifest.default_prompt},
        "starts": {"file": manifest.starts},
        "files": {name: {"size": f.size, "sha256": f.sha256} for name, f in sorted(manifest.files.items())},
        "trained_on": dict(manifest.trained_on),
        "scores": dict(manifest.scores),
        "credits": manifest.credits,
    }


def from_json(data: Any) -> Manifest:
    """Return the manifest that manifest.json describes; BundleError says what is wrong with it."""
    _check(isinstance(data, dict), "it is not a JSON object")
    if data.get("schema") != SCHEMA:
        raise BundleError(
            f"manifest.json has schema {data.get('schema')!r} and this version of genie plays {SCHEMA}: "
            "update genie, or export the bundle again."
        )
    return Manifest(
        world=_get(data, "world", str),
        title=_get(data, "title", str),
        description=_get(data, "description", str),
        frame_size=(_get(data, "frame.height", int), _get(data, "frame.width", int)),
        fps=_get(data, "fps", int),
        actions=_actions(_get(data, "actions", list), _get(data, "idle", str)),
        window=_get(data, "window", int),
        token_shape=_pair(_get(data, "tokens.shape", list)),
        levels=_get(data, "tokens.levels", int),
        history=_get(data, "history", int),
        passes=_get(data, "sampling.passes", int),
        temperature=float(_get(data, "sampling.temperature", (int, float))),
        strength=float(_get(data, "sampling.strength", (int, float))),
        emphasis=float(_get(data, "sampling.emphasis", (int, float)))
        if "emphasis" in _get(data, "sampling", dict)
        else 1.0,
        text_length=_get(data, "text.length", int),
        default_prompt=_get(data, "text.default", str),
        starts=_get(data, "starts.file", str),
        files={name: _file_record(name, record) for name, record in _get(data, "files", dict).items()},
        trained_on=_get(data, "trained_on", dict),
        scores=_get(data, "scores", dict),
        credits=_get(data, "credits", str),
    )


def _check(holds: bool, complaint: str) -> None:
    if not holds:
        raise BundleError(f"manifest.json is wrong: {complaint}. Export the bundle again.")


def _get(data: Any, path: str, kind: type | tuple[type, ...]) -> Any:
    value = data
    for part in path.split("."):
        _check(isinstance(value, dict) and part in value, f"'{path}' is missing")
        value = value[part]
    # bool is an int to Python, and no field of a manifest is a bool.
    _check(isinstance(value, kind) and not isinstance(value, bool), f"'{path}' is {value!r}")
    return value


def _pair(sides: list[Any]) -> tuple[int, int]:
    _check(len(sides) == 2 and all(type(side) is int for side in sides), f"'tokens.shape' is {sides!r}")
    return sides[0], sides[1]


def _actions(listed: list[Any], idle: str) -> ActionSet:
    try:
        return ActionSet((Action(_get(a, "name", str), tuple(_get(a, "keys", list))) for a in listed), idle)
    except ActionError as error:
        raise BundleError(f"manifest.json is wrong: {error} Export the bundle again.") from None


def _file_record(name: str, record: Any) -> FileRecord:
    found = FileRecord(_get(record, "size", int), _get(record, "sha256", str))
    _check(found.size >= 0 and len(found.sha256) == 64, f"the record of '{name}' is {record!r}")
    return found
