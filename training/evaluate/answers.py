"""The frames that another program predicted for a challenge: see docs/exchange.md."""

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genie.core.errors import GenieError
from training.evaluate.challenge import SCHEMA, TOLD, Challenge

PREDICTED_FRAMES = "predicted.npz"


class ExchangeError(GenieError):
    """A challenge or the frames predicted for it cannot be used."""


def read_told(folder: Path) -> dict[str, Any]:
    """challenge.json of a folder with predicted frames. Raises ExchangeError."""
    path = folder / TOLD
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExchangeError(
            f"{path} cannot be read ({error.strerror}): put the challenge's own beside the predicted frames"
        ) from None
    except ValueError:
        raise ExchangeError(f"{path} is no JSON: copy the challenge's own") from None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise ExchangeError(f"{path} is not a challenge of schema {SCHEMA}")
    for name, kind in (
        ("digest", str),
        ("moments_digest", str),
        ("world", str),
        ("clips", int),
        ("moments", int),
    ):
        if not isinstance(told.get(name), kind):
            raise ExchangeError(f"{path}: '{name}' is missing")
    return told


@dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """Predicted frames, uint8, as `Challenge.answers` asks; None for what was not answered."""

    name: str
    frames: np.ndarray
    random_frames: np.ndarray | None
    moment_frames: np.ndarray | None


def read_answers(challenge: Challenge, folder: Path) -> Answers:
    """The frames that a program predicted for this challenge.

    Raises ExchangeError, naming the array, where they are missing, of another shape, or for other clips.
    """
    told = read_told(folder)
    pairs = [(told["digest"], challenge.digest)]
    asked = {*challenge.answers, "name"}
    if challenge.branches is None and told["moments"]:
        asked.add("moment_frames")  # answered, and not scored where no simulator is
    else:
        pairs.append((told["moments_digest"], challenge.moments_digest))
    for theirs, ours in pairs:
        if theirs != ours:
            raise ExchangeError(
                f"{folder} answers another challenge ({theirs[:12]}, not {ours[:12]}): "
                "the data, the world's bundle or the version of genie is not the one it was made with"
            )
    path = folder / PREDICTED_FRAMES
    try:
        with np.load(path, allow_pickle=False) as found:
            unknown = set(found.files) - asked
            if unknown:
                raise ExchangeError(
                    f"{path}: nothing asks for '{min(unknown)}': {', '.join(challenge.answers)}"
                )
            name = str(found["name"]) if "name" in found.files else folder.resolve().name
            arrays = {key: found[key] for key in challenge.answers if key in found.files}
    except OSError as error:
        raise ExchangeError(f"{path} cannot be read ({error.strerror or 'not an .npz file'})") from None
    except (ValueError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise ExchangeError(f"{path} is not an .npz file of plain arrays ({str(error)[:80]})") from None
    if "frames" not in arrays:
        raise ExchangeError(f"{path} has no array 'frames'")
    for key, array in arrays.items():
        wanted = challenge.answers[key]
        if array.shape != wanted or array.dtype != np.uint8:
            raise ExchangeError(
                f"{path}: '{key}' is {array.dtype} {list(array.shape)}, and uint8 {list(wanted)} is asked for"
            )
    return Answers(
        name=name,
        frames=arrays["frames"],
        random_frames=arrays.get("random_frames"),
        moment_frames=arrays.get("moment_frames"),
    )
