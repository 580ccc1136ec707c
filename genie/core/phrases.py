"""The phrases of a world: how its captions say what there is, so that prompts can be worded alike."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from genie.core.errors import BundleError

PHRASES = "phrases.json"
"""The file's name in a bundle; a bundle may be without one."""
LARGEST_FILE = 1 << 20
SLOT = re.compile(r"\{(\w+)\}")

Said = tuple[tuple[str, int], ...]
"""Texts and how often the captions have each, the most frequent first."""


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """What captions are made of.

    `templates` are captions with a {slot} for everything that varies; `values[slot][value]` are the phrases
    that say the value in that slot. Where captions came without attributes, templates have no slots: they
    are whole captions.
    """

    templates: Said
    values: Mapping[str, Mapping[str, Said]]

    @classmethod
    def load(cls, path: Path) -> Phrases:
        """Read a phrases.json; BundleError for a file that is anything else."""
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise ValueError("it is too large")
            data = json.loads(path.read_text(encoding="utf-8"))
            values = {
                _name(slot): {value: _said(said) for value, said in values.items()}
                for slot, values in data["values"].items()
            }
            templates = _said(data["templates"])
            unknown = {slot for text, _ in templates for slot in SLOT.findall(text)} - set(values)
            if unknown:
                raise ValueError(f"nothing says {', '.join(sorted(unknown))}")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BundleError(
                f"{path} does not hold a world's phrases ({error}): export the bundle again."
            ) from None
        return cls(templates=templates, values=values)

    def save(self, path: Path) -> None:
        """Write the file that `load` reads."""
        data = {"templates": self.templates, "values": self.values}
        path.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def words_of(text: str) -> list[str]:
    """Return the words and punctuation marks of a text, lower case; joined by blanks they stay apart."""
    text = unicodedata.normalize("NFC", text.lower())
    marks = {c for c in text if unicodedata.category(c)[0] == "M"} if not text.isascii() else ()
    return _word_pattern("".join(sorted(marks))).findall(text)


@lru_cache
def _word_pattern(marks: str) -> re.Pattern[str]:
    """Words, and all else apart. To `re`, combining marks are no part of words: they are named."""
    letters = f"(?:[^\\W_][{marks}]*)+" if marks else r"[^\W_]+"
    return re.compile(rf"{letters}(?:['\u2019-]{letters})*|[^\w\s]")


def text_of(words: list[str]) -> str:
    """Return words and punctuation marks as a text again."""
    return re.sub(r" ([,.:;!?])", r"\1", " ".join(words))


def _said(data: Any) -> Said:
    said = tuple((text, count) for text, count in data)
    if not all(type(text) is str and type(count) is int and count > 0 for text, count in said):
        raise ValueError("a phrase is a text and a count")
    return said


def _name(slot: str) -> str:
    if not re.fullmatch(r"\w+", slot):
        raise ValueError(f"{slot!r} cannot be a slot")
    return slot
