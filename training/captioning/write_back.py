"""New captions into a dataset's metadata, everything else in it left as it was."""

import json
from collections.abc import Mapping, Set
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from genie.clips.atomic import replace_file
from genie.clips.clip_folder import ClipFolder
from genie.clips.fingerprint import fingerprint
from genie.clips.metadata import parse_entry
from genie.core.errors import ClipError
from training.captioning.proposals import FOLDER, PERSON, REJECT, Proposal, Proposals, is_of

BEFORE = "metadata-before"
FIELDS = ("caption", "captions", "caption_from")
VIDEO = "of_video"

Line = dict[str, Any]


class Written(NamedTuple):
    """How many clips have other captions now, and how many keep theirs because a person wrote them."""

    changed: int
    left: int


def write_back(dataset: Path, proposals: Proposals, files: Set[str], *, undecided: bool) -> Written:
    """Put what was decided on for `files` into metadata.jsonl; clips of rejected captions get theirs back.

    Lines are changed in place, fields that only others know stay; every line as it was before the first time
    is kept in the folder of the proposals. What a person wrote into a line stays. Raises ClipError.
    """
    changed = left = 0
    for metadata in ClipFolder(dataset).metadata_files:
        base = metadata.parent.relative_to(dataset).as_posix()
        kept = _kept(dataset, base)
        before = _read(kept, base, dataset)
        texts = metadata.read_text(encoding="utf-8").split("\n")
        new = list(texts)
        for n, text in enumerate(texts):
            if not text.strip():
                continue
            line: Line = json.loads(text)
            file = file_of(base, line["file_name"])
            wanted = _wanted(line, file, proposals, before, undecided=undecided) if file in files else None
            if wanted is None or wanted == _captions(line):
                continue
            if not _may_change(line, file, proposals):
                left += 1
                continue
            mended = {name: value for name, value in line.items() if name not in FIELDS or name in wanted}
            new[n] = json.dumps(mended | wanted, ensure_ascii=False)
            try:  # never leave a line that cannot be read again
                parse_entry(new[n], file)
            except ClipError as error:
                raise ClipError(
                    f"{error}: its proposal is of another clip: caption it with --again"
                ) from None
            changed += 1
        if new != texts:
            _keep(kept, base, texts, before, dataset)
            replace_file(metadata, "\n".join(new).encode())
    return Written(changed, left)


def came_with(dataset: Path) -> dict[str, str]:
    """The captions, by file, that clips had before captioning wrote others; no captioner's own. Raises
    ClipError."""
    bases = [file.parent.relative_to(dataset).as_posix() for file in ClipFolder(dataset).metadata_files]
    kept = [_read(_kept(dataset, base), base, dataset) for base in bases]
    return {
        file: str(line.get("caption", ""))
        for lines in kept
        for file, line in lines.items()
        if line.get("caption_from") in (None, PERSON)
    }


def file_of(base: str, file_name: str) -> str:
    """A clip's file relative to the dataset."""
    return PurePosixPath(base, file_name).as_posix()


def _wanted(
    line: Line, file: str, proposals: Proposals, before: Mapping[str, Line], *, undecided: bool
) -> Line | None:
    """The captions that a line is to have; None for those it has."""
    decision = proposals.decisions.get(file)
    if decision is not None and decision.decision == REJECT:
        is_written = _captions(line) in map(_told, proposals.forms(file))
        return _captions(before[file]) if is_written and file in before else None
    made = proposals.outcome(file, undecided=undecided)
    return None if made is None else _told(made)


def _may_change(line: Line, file: str, proposals: Proposals) -> bool:
    """Whether nobody would lose captions of their own: what is in the line was written by captioning, or was
    there when the captions were proposed; and if a person wrote it, a person decided on what replaces it."""
    earlier = proposals.earlier(file)
    is_written = _captions(line) in map(_told, [*proposals.forms(file), *earlier])
    is_old = line["caption"] == proposals.by_file[file].old
    if file in proposals.decisions:
        return is_written or is_old
    source = line.get("caption_from")
    is_corrected = not is_written and source in {form.source for form in earlier}
    return source != PERSON and not is_corrected and (is_written or is_old)


def _captions(line: Line) -> Line:
    return {name: line[name] for name in FIELDS if name in line}


def _told(made: Proposal) -> Line:
    """Captions as they stand in a line."""
    timed = [{"start": a, "end": b, "text": text, "from": made.source} for a, b, text in made.captions]
    return {"caption": made.caption, "caption_from": made.source, "captions": timed}


def _kept(dataset: Path, base: str) -> Path:
    """Where the lines of a metadata file are kept as they were."""
    return dataset / FOLDER / f"{BEFORE}{'' if base == '.' else '-' + base.replace('/', '-')}.jsonl"


def _read(kept: Path, base: str, dataset: Path) -> dict[str, Line]:
    """The lines that were kept, by their clips' files; none of a clip that is another one by now."""
    found = {}
    for number, text in enumerate(kept.read_text(encoding="utf-8").split("\n") if kept.exists() else [], 1):
        if text.strip():
            try:
                line = json.loads(text)
                file = file_of(base, line["file_name"])
                if is_of(line.get(VIDEO, ""), dataset / file):
                    found[file] = line
            except (ValueError, KeyError, TypeError) as error:
                raise ClipError(f"{kept}:{number}: damaged ({error}): remove that line") from None
    return found


def _keep(kept: Path, base: str, texts: list[str], before: Mapping[str, Line], dataset: Path) -> None:
    """Keep the lines of clips of which none is kept yet, each with its video's fingerprint."""
    former = kept.read_text(encoding="utf-8").split("\n") if kept.exists() else []
    new = []
    for line in (json.loads(text) for text in texts if text.strip()):
        file = file_of(base, line["file_name"])
        if file not in before:
            new.append(json.dumps(line | {VIDEO: fingerprint(dataset / file)}, ensure_ascii=False))
    if new:
        kept.parent.mkdir(exist_ok=True)
        replace_file(kept, "".join(f"{text}\n" for text in [*former, *new] if text.strip()).encode())
