"""What captioning proposes and what a person decided on it, kept beside the dataset: nothing is lost."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from genie.clips.atomic import replace_file
from genie.clips.fingerprint import fingerprint
from genie.core.errors import ClipError

FOLDER = ".captions"
AGAIN = "again.json"
ACCEPT, EDIT, REJECT = "accept", "edit", "reject"
PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """New captions for a clip, `file` relative to the dataset.

    `captions` are (start, end, text); both are empty where the captioner said nothing of use, and the clip
    then keeps what it has. `source` names what made them: a captioner, or a person who edited them; `video`
    is the fingerprint of the video that was looked at, "" where it is not known.
    """

    file: str
    old: str
    caption: str
    captions: tuple[tuple[int, int, str], ...]
    source: str
    video: str = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decided on a clip; for EDIT, `caption` and `captions` are the texts to take instead.

    `about` is the digest of the proposal that it was decided on; `Proposals.decide` fills it in.
    """

    file: str
    decision: str
    caption: str = ""
    captions: tuple[str, ...] = ()
    about: str = ""

    def __post_init__(self) -> None:
        if self.decision not in (ACCEPT, EDIT, REJECT):
            raise ValueError(f"a decision is accept, edit or reject, not {self.decision!r}")
        if self.decision == EDIT and not self.caption.strip():
            raise ValueError("an edited caption cannot be empty: reject it instead")


class Proposals:
    """The proposals and decisions of a dataset: two files that only ever grow.

    What was proposed for another video than lies under a clip's name now counts as not proposed.
    """

    def __init__(self, dataset: Path) -> None:
        """Read what is there. Raises ClipError, naming the line, for a file that is damaged."""
        self._dataset, self._folder = dataset, dataset / FOLDER
        self._sound: set[str] = set()
        self._order: list[str] = []  # of which clip each proposal was
        self.by_file: dict[str, Proposal] = {}
        self.decisions: dict[str, Decision] = {}
        # By clip and digest: every proposal there was, and after it the edits of it.
        self._forms: dict[str, dict[str, list[Proposal]]] = {}
        for where, line in _lines(self._folder / "proposals.jsonl"):
            proposal = _made(Proposal, line, where)
            timed = tuple((int(start), int(end), str(text)) for start, end, text in proposal.captions)
            self._take(replace(proposal, captions=timed))
        for where, line in _lines(self._folder / "decisions.jsonl"):
            decision = _made(Decision, line, where)
            self._heed(replace(decision, captions=tuple(decision.captions)))

    def add(self, proposal: Proposal) -> None:
        """Keep a proposal; one that was there for the clip, and what was decided on it, no longer count."""
        self._append("proposals.jsonl", asdict(proposal))
        self._take(proposal)
        self.decisions.pop(proposal.file, None)

    def begin_again(self, asked: Sequence[Any]) -> Set[str]:
        """Begin to propose anew, or go on where the same was `asked` and not ended; the clips done since."""
        mark = self._folder / AGAIN
        try:
            begun = json.loads(mark.read_text(encoding="utf-8"))
            if begun["asked"] == list(asked):
                return set(self._order[begun["after"] :]) & self.by_file.keys()
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none was begun
        self._folder.mkdir(exist_ok=True)
        replace_file(mark, json.dumps({"asked": list(asked), "after": len(self._order)}).encode())
        return set()

    def end_again(self) -> None:
        """All is proposed anew."""
        (self._folder / AGAIN).unlink(missing_ok=True)

    def decide(self, decision: Decision) -> None:
        """Keep a decision; the last one on a clip counts. Raises ClipError for a clip nobody proposed for."""
        proposal = self.by_file.get(decision.file)
        if proposal is None:
            raise ClipError(f"{decision.file}: no captions are proposed for this clip")
        if decision.decision == EDIT and len(decision.captions) != len(proposal.captions):
            raise ClipError(f"{decision.file}: {len(proposal.captions)} timed captions, not another number")
        decision = replace(decision, about=_digest(proposal))
        self._append("decisions.jsonl", asdict(decision))
        self._heed(decision)

    def outcome(self, file: str, *, undecided: bool) -> Proposal | None:
        """The captions a clip gets in the end; None where it keeps its own, for want of better or by choice.

        `undecided`: whether proposals that nobody decided on count as accepted.
        """
        proposal, decision = self.by_file.get(file), self.decisions.get(file)
        if proposal is None or not proposal.caption or (decision is None and not undecided):
            return None
        if decision is None or decision.decision == ACCEPT:
            return proposal
        return None if decision.decision == REJECT else _edited(proposal, decision)

    def forms(self, file: str) -> Sequence[Proposal]:
        """What may have been written for a clip because of its proposal: that, and every edit of it."""
        return self._forms[file][_digest(self.by_file[file])]

    def earlier(self, file: str) -> Sequence[Proposal]:
        """What may have been written for a clip because of the proposals before its own."""
        own = _digest(self.by_file[file])
        return [form for about, forms in self._forms[file].items() if about != own for form in forms]

    def _take(self, proposal: Proposal) -> None:
        self._order.append(proposal.file)
        if not is_of(proposal.video, self._dataset / proposal.file):
            return
        self.by_file[proposal.file] = proposal
        self._forms.setdefault(proposal.file, {}).setdefault(_digest(proposal), [proposal])

    def _heed(self, decision: Decision) -> None:
        forms = self._forms.get(decision.file, {}).get(decision.about)
        if forms is None:
            return
        if decision.decision == EDIT:
            forms.append(_edited(forms[0], decision))
        if forms[0] == self.by_file[decision.file]:
            self.decisions[decision.file] = decision

    def _append(self, name: str, line: Mapping[str, Any]) -> None:
        self._folder.mkdir(exist_ok=True)
        content = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        path = self._folder / name
        if path.is_file() and name not in self._sound:
            raw = path.read_bytes()
            os.truncate(path, raw.rfind(b"\n") + 1)  # what a kill tore off would spoil the next line
        self._sound.discard(name)  # until the line is whole: a full disk keeps half of it
        with path.open("ab") as file:
            file.write(content)
        self._sound.add(name)


def _edited(proposal: Proposal, decision: Decision) -> Proposal:
    pairs = zip(proposal.captions, decision.captions, strict=True)
    timed = tuple((start, end, text) for (start, end, _), text in pairs if text.strip())
    return replace(proposal, caption=decision.caption, captions=timed, source=PERSON)


def is_of(video: str, path: Path) -> bool:
    """Whether a file is the one of that fingerprint, as far as is known ("" where it is not)."""
    try:
        return not video or fingerprint(path) == video
    except ClipError:
        return False


def _digest(proposal: Proposal) -> str:
    told = {name: value for name, value in asdict(proposal).items() if name != "video" or value}
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _lines(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """The whole lines of a file; one that a kill tore off at the end is left out."""
    if not path.is_file():
        return []
    raw = path.read_bytes()
    found = []
    for number, line in enumerate(raw[: raw.rfind(b"\n") + 1].splitlines(), 1):
        try:
            found.append((f"{path}:{number}", json.loads(line)))
        except ValueError as error:
            raise ClipError(f"{path}:{number}: not valid JSON ({error}): remove that line") from None
    return found


def _made(kind: type[Any], line: dict[str, Any], where: str) -> Any:
    try:
        return kind(**line)
    except (TypeError, ValueError) as error:
        raise ClipError(f"{where}: damaged ({error}): remove that line") from None
