"""Caption: collect clips, caption them, enrich that over time, let a person review it, write it back."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from genie.clips.clip_folder import Clip, ClipFolder
from genie.core.errors import ClipError
from training.captioning.captioner import ClipCaptioner, open_captioner, phrases_of, source_of
from training.captioning.enrich import describe
from training.captioning.proposals import Proposal, Proposals
from training.captioning.write_back import Written, write_back

Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class CaptionConfig:
    """What to caption, and how.

    captioner: a run folder with a trained captioner, a world that has one, or a model of `transformers`; None
    to caption nothing anew. limit: clips at most. enrich: captions over time, of at least `seconds` each.
    again: caption what has been captioned too.
    """

    dataset: Path
    captioner: str | None
    split: str | None = None
    limit: int | None = None
    enrich: bool = True
    seconds: float = 1.6
    again: bool = False
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise ValueError(f"the limit must be at least 1, got {self.limit}")
        if not 0 < self.seconds <= 3600:
            raise ValueError(f"a timed caption covers 0 to 3600 seconds, not {self.seconds}")


class Captioned(NamedTuple):
    """How many clips have proposals now, and for how many of them nothing of use was said."""

    clips: int
    silent: int


def propose(config: CaptionConfig, report: Report = lambda done, total: None) -> Captioned:
    """Caption what this captioner has said nothing of yet; stopped and started again, it goes on.

    Raises ClipError for a dataset that cannot be used, GenieError for a captioner that cannot.
    """
    proposals = Proposals(config.dataset)
    clips = _collected(config)
    if config.captioner is not None:
        if config.again:
            asked = [config.captioner, config.split, config.limit, config.enrich, config.seconds]
            done = proposals.begin_again(asked)
        else:
            source = source_of(config.captioner)
            done = {file for file, one in proposals.by_file.items() if one.caption and one.source == source}
        waiting = [clip for clip in clips if clip[0] not in done]
        if waiting:
            _caption(config, waiting, proposals, len(clips), report)
        if config.again:
            proposals.end_again()
    files = {file for file, _ in clips}
    made = [proposal for file, proposal in proposals.by_file.items() if file in files]
    return Captioned(clips=len(made), silent=sum(not proposal.caption for proposal in made))


def apply(config: CaptionConfig, *, undecided: bool) -> Written:
    """Write the proposals for the clips asked for back into the dataset."""
    files = {file for file, _ in _collected(config)}
    return write_back(config.dataset, Proposals(config.dataset), files, undecided=undecided)


def proposed(config: CaptionConfig) -> tuple[Proposals, list[str]]:
    """What is proposed for the dataset, and the clips asked for, in order, that have a proposal."""
    proposals = Proposals(config.dataset)
    return proposals, [file for file, _ in _collected(config) if file in proposals.by_file]


def _collected(config: CaptionConfig) -> list[tuple[str, Clip]]:
    clips = ClipFolder(config.dataset).clips(config.split)[: config.limit]
    if not clips:
        what = "no clips" if config.split is None else f"no clips of the split {config.split!r}"
        raise ClipError(f"{config.dataset}: {what}")
    return [(clip.video.relative_to(config.dataset).as_posix(), clip) for clip in clips]


def _caption(
    config: CaptionConfig,
    waiting: list[tuple[str, Clip]],
    proposals: Proposals,
    total: int,
    report: Report,
) -> None:
    assert config.captioner is not None
    captioner: ClipCaptioner = open_captioner(config.captioner, config.device)
    phrases = phrases_of(config.captioner)
    for number, (file, clip) in enumerate(waiting, total - len(waiting) + 1):
        found = describe(
            clip.read_frames(),
            captioner,
            shortest=max(2, round(config.seconds * clip.entry.fps)),
            phrases=phrases,
            enrich=config.enrich,
            known=clip.entry.caption,
        )
        timed = tuple((one.start, one.end, one.text) for one in found.captions)
        old = clip.entry.caption
        source = captioner.name
        proposals.add(Proposal(file=file, old=old, caption=found.caption, captions=timed, source=source))
        report(number, total)
