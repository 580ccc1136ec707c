"""Caption: collect clips, caption them, enrich that over time, let a person review it, write it back."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from genie.clips.clip_folder import Clip, ClipFolder
from genie.clips.fingerprint import fingerprint
from genie.core.errors import ClipError
from training.captioning.captioner import ClipCaptioner, open_captioner, phrases_of, source_of
from training.captioning.enrich import describe
from training.captioning.proposals import FOLDER, PERSON, Proposal, Proposals
from training.captioning.write_back import Written, came_with, write_back
from training.guard import only_one

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
    """How many clips have proposals now, for how many of them nothing of use was said, and a line for each
    that could not be read."""

    clips: int
    silent: int
    left_out: tuple[str, ...] = ()


def propose(config: CaptionConfig, report: Report = lambda done, total: None) -> Captioned:
    """Caption what this captioner has said nothing of yet; stopped and started again, it goes on.

    Raises ClipError for a dataset that cannot be used, GenieError for a captioner that cannot, and while
    another process captions it.
    """
    clips = _collected(config)
    left_out: list[str] = []
    if config.captioner is not None:
        with _alone(config.dataset):
            left_out = _propose(config, config.captioner, clips, report)
    proposals = Proposals(config.dataset)
    made = [proposals.by_file[file] for file, _ in clips if file in proposals.by_file]
    silent = sum(not proposal.caption for proposal in made)
    return Captioned(clips=len(made), silent=silent, left_out=tuple(left_out))


def _propose(
    config: CaptionConfig, captioner: str, clips: list[tuple[str, Clip]], report: Report
) -> list[str]:
    proposals = Proposals(config.dataset)
    if config.again:
        done = proposals.begin_again([captioner, config.split, config.limit, config.enrich, config.seconds])
    else:
        source = source_of(captioner)
        done = {file for file, one in proposals.by_file.items() if one.caption and one.source == source}
    waiting = [clip for clip in clips if clip[0] not in done]
    left_out = _caption(config, captioner, waiting, proposals, len(clips), report) if waiting else []
    if config.again:
        proposals.end_again()
    return left_out


def apply(config: CaptionConfig, *, undecided: bool) -> Written:
    """Write the proposals for the clips asked for back into the dataset, while nothing else writes there."""
    files = {file for file, _ in _collected(config)}
    with ExitStack() as locks:
        locks.enter_context(_alone(config.dataset))
        for metadata in ClipFolder(config.dataset).metadata_files:
            locks.enter_context(only_one(metadata.parent, "command", "stop it"))
        return write_back(config.dataset, Proposals(config.dataset), files, undecided=undecided)


def _alone(dataset: Path) -> AbstractContextManager[None]:
    return only_one(dataset / FOLDER, "captioning", "stop it")


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
    captioner_name: str,
    waiting: list[tuple[str, Clip]],
    proposals: Proposals,
    total: int,
    report: Report,
) -> list[str]:
    """Propose captions for clips; returns a line for each that cannot be read."""
    captioner: ClipCaptioner = open_captioner(captioner_name, config.device)
    phrases, former = phrases_of(captioner_name), came_with(config.dataset)
    left_out = []
    for number, (file, clip) in enumerate(waiting, total - len(waiting) + 1):
        try:
            video, frames = fingerprint(clip.video), clip.read_frames()
        except ClipError as error:
            left_out.append(str(error))
            continue
        is_told = clip.entry.caption_from in (None, PERSON)  # and not what a captioner made up
        found = describe(
            frames,
            captioner,
            shortest=max(2, round(config.seconds * clip.entry.fps)),
            phrases=phrases,
            enrich=config.enrich,
            known=clip.entry.caption if is_told else former.get(file, ""),
        )
        timed = tuple((one.start, one.end, one.text) for one in found.captions)
        made = Proposal(
            file=file,
            old=clip.entry.caption,
            caption=found.caption,
            captions=timed,
            source=captioner.name,
            video=video,
        )
        proposals.add(made)
        report(number, total)
    return left_out
