"""Rendering a recorded session without a window: what `--replay` with `--headless` or `--export` does."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from genie.app.clip import clip_metadata, shots
from genie.app.comparison import Comparison, comparison_of
from genie.app.options import Options
from genie.app.overlay import beside, check_look, pictures
from genie.app.plan import check_export, load_world, look_of
from genie.app.progress import Progress
from genie.app.session_plan import choose_branch, find_world, start_of
from genie.app.span import parse_span
from genie.app.take import Take, begin_session
from genie.clips.session_log import SessionRecord, read_session
from genie.core.errors import UsageError
from genie.core.line import Line

if TYPE_CHECKING:
    from genie.runtime.world import World


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A part of a recorded line, and what its frames are held against."""

    take: Take
    known: Line
    """The line with the tokens that may be relied upon: none of another bundle's."""
    first: int
    last: int
    comparison: Comparison

    def frames(self, world: "World") -> Iterator[np.ndarray]:
        """Yield its frames, uint8 [height, width, 3], made again by the world step by step."""
        from genie.runtime.along import along

        session = begin_session(world, replace(self.take.start, expand=False))
        before = self.known.upto(self.first)
        begin = self.first if len(before.tokens) == self.first else 0
        frame = session.follow(before) if begin else session.frame
        for index, shown in enumerate(chain([frame], along(session, self.known.upto(self.last))), begin):
            self.comparison.see(index, shown)
            if index >= self.first:
                yield shown


def render_replay(options: Options) -> str:
    """Make a recorded session's frames again, export them when asked to, and return a summary of one line.

    Raises GenieError; nothing half-written is left.
    """
    assert options.replay is not None
    if options.export is not None:
        check_export(options.export)
    record = read_session(options.replay)
    choose_branch(record, options.branch)
    bundle, manifest = find_world(record, options)
    check_look(look_of(options), manifest.frame_size)
    _check_beside(record, options)
    tree = record.tree
    beside_it = None if options.beside is None else options.beside - 1
    spans = [(tree.branch, _span(record, options, tree.frame if beside_it is None else tree.end))]
    if beside_it is not None:
        spans.append((beside_it, _span(record, options, tree.branches[beside_it].end)))
    for branch, (_, last) in spans:
        for action in {*tree.line(branch, last).actions}:
            manifest.actions.index(action)  # ActionError: a foreign one
    world = load_world(bundle, options.device)
    rows = [_row(world, record, branch, first, last) for branch, (first, last) in spans]
    began = time.perf_counter()
    where = _consume(rows, world, options)
    seconds = time.perf_counter() - began
    made = sum(row.last - row.first + 1 for row in rows)
    verdict = "; ".join(dict.fromkeys(row.comparison.verdict() for row in rows))
    return f"{made} frames in {seconds:.1f} s on {world.device}, {verdict}{where}"


def _row(world: "World", record: SessionRecord, branch: int, first: int, last: int) -> _Row:
    line = record.tree.line(branch, last)
    digest = world.manifest.digest
    take = Take(start=start_of(record, digest), line=line)
    known = line if record.header.bundle_hash == digest else replace(line, tokens=())
    comparison = comparison_of(record, branch, last, bundle_hash=digest, device=world.device)
    return _Row(take=take, known=known, first=first, last=last, comparison=comparison)


def _check_beside(record: SessionRecord, options: Options) -> None:
    if options.beside is not None:
        tree = record.tree
        here = tree.branch, tree.frame
        choose_branch(record, options.beside)
        if tree.branch == here[0]:
            raise UsageError(f"--beside {options.beside} is the branch itself: choose another.")
        tree.go(*here)


def _span(record: SessionRecord, options: Options, end: int) -> tuple[int, int]:
    """Return the frames to show of a line up to `end`: all, those asked for, or those since two parted."""
    first, last, tree = 0, end, record.tree
    if options.beside is not None:
        first = tree.shared(tree.branch, options.beside - 1)
    if options.span is not None:
        first, last = parse_span(options.span, record.header.fps).within(last)
    return first, last if options.frames is None else min(last, first + options.frames)


def _consume(rows: list[_Row], world: "World", options: Options) -> str:
    manifest, look = world.manifest, look_of(options)
    total = max(row.last - row.first for row in rows) + 1
    if options.export is None:
        with Progress("rendering", total, sys.stderr) as progress:
            for done, _ in enumerate(rows[0].frames(world), 1):
                progress.show(done)
        return ""
    from genie.clips.export import export_clip

    shown = [
        pictures(
            shots(row.frames(world), row.take, manifest.actions, row.first, row.last), look, manifest.actions
        )
        for row in rows
    ]
    other = rows[1].take if len(rows) > 1 else None
    metadata = clip_metadata(manifest, rows[0].take, rows[0].first, rows[0].last, other)
    with Progress("exporting", total, sys.stderr) as progress:
        written = export_clip(
            beside(shown),
            options.export,
            options.fps or manifest.fps,
            scale=1,
            metadata=metadata,
            progress=progress.show,
        )
    return f", exported to {written}"
