"""New captions into a dataset's metadata, everything else in it left as it was."""

import json
import shutil
from collections.abc import Set
from pathlib import Path
from typing import Any

from genie.clips.atomic import replace_file
from genie.clips.clip_folder import ClipFolder
from genie.clips.metadata import parse_entry
from training.captioning.proposals import FOLDER, Proposals

BEFORE = "metadata-before"


def write_back(dataset: Path, proposals: Proposals, files: Set[str], *, undecided: bool) -> int:
    """Put what was decided on for `files` into metadata.jsonl; return how many clips got new captions.

    Lines are changed in place, fields that only others know stay; the files as they were before the first
    time are kept in the folder of the proposals. Raises ClipError.
    """
    changed = 0
    for metadata in ClipFolder(dataset).metadata_files:
        base = metadata.parent.relative_to(dataset).as_posix()
        lines, here = [], 0
        for number, text in enumerate(metadata.read_text(encoding="utf-8").split("\n"), 1):
            line, is_new = _rewritten(text, base, proposals, files, undecided=undecided)
            if is_new:
                parse_entry(line, f"{metadata}:{number}")  # never leave a line that cannot be read again
            lines.append(line)
            here += is_new
        if here:
            _keep(metadata, dataset, base)
            replace_file(metadata, "\n".join(lines).encode())
        changed += here
    return changed


def file_of(base: str, file_name: str) -> str:
    """A clip's file relative to the dataset."""
    return file_name if base == "." else f"{base}/{file_name}"


def _rewritten(
    text: str, base: str, proposals: Proposals, files: Set[str], *, undecided: bool
) -> tuple[str, bool]:
    if not text.strip():
        return text, False
    line: dict[str, Any] = json.loads(text)
    file = file_of(base, line["file_name"])
    made = proposals.outcome(file, undecided=undecided) if file in files else None
    if made is None:
        return text, False
    line["caption"], line["caption_from"] = made.caption, made.source
    line["captions"] = [
        {"start": start, "end": end, "text": said, "from": made.source} for start, end, said in made.captions
    ]
    new = json.dumps(line, ensure_ascii=False)
    return new, new != text


def _keep(metadata: Path, dataset: Path, base: str) -> None:
    kept = (
        dataset / FOLDER / (f"{BEFORE}.jsonl" if base == "." else f"{BEFORE}-{base.replace('/', '-')}.jsonl")
    )
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        shutil.copy(metadata, kept)
