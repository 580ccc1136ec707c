"""report.json: read from any program that follows its schema, and written so that people can read it too."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from genie.clips.atomic import replace_file
from genie.core.errors import GenieError

NAME = "report.json"
SCHEMA = Path(__file__).with_name("report.schema.json")
_NUMBERS = re.compile(r"\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]")


class ReportError(GenieError):
    """A report is missing, is not JSON, or does not follow the schema."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that follows the schema, and where it was read."""

    path: Path
    content: dict[str, Any]

    @property
    def scores(self) -> dict[str, Any]:
        """Its figures, by section."""
        return self.content["scores"]

    @property
    def name(self) -> str:
        """What the model is called: as the report says, else by its world and bundle."""
        told = self.content.get("name")
        bundle = self.content.get("bundle")
        return told or (f"{self.content['world']} {bundle[:8]}" if bundle else self.content["world"])


def read_report(path: Path) -> Report:
    """Read a report.json, or the one in a folder. Raises ReportError that says what is wrong where."""
    path = path / NAME if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{path}: no report can be read there ({error.strerror})") from None
    except ValueError as error:
        raise ReportError(f"{path}: not a report: no JSON ({error})") from None
    check_report(content, path)
    return Report(path=path, content=content)


def check_report(content: Any, path: Path) -> None:
    """Hold a report against the schema; ReportError names the first place that does not follow it."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found = jsonschema.Draft202012Validator(schema).iter_errors(content)
    problem = jsonschema.exceptions.best_match(found)
    if problem is not None:
        place = ".".join(str(part) for part in problem.absolute_path) or "the whole"
        raise ReportError(f"{path}: not a report of schema 2: {place}: {problem.message[:200]}")


def write_report(content: dict[str, Any], path: Path) -> None:
    """Write a report, lists of numbers on one line each. Raises ReportError where it breaks the schema."""
    check_report(content, path)
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    text = _NUMBERS.sub(lambda match: "[" + re.sub(r"\s+", " ", match[1]) + "]", text)
    replace_file(path, (text + "\n").encode("utf-8"))
