"""One session being played, with all its branches and its recording kept in step."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genie.app.following import follow
from genie.app.moment import Moment
from genie.app.recorder import Recorder, header_of, write_summary
from genie.app.take import Start, Take, begin_session
from genie.clips.session_log import SessionRecord, checksum
from genie.clips.session_tree import Tree
from genie.clips.session_writer import SessionWriter
from genie.core.errors import ClipError, PromptError, UsageError
from genie.core.prompt_reading import Reading

if TYPE_CHECKING:
    from genie.runtime.first_frames import Watch
    from genie.runtime.world import World

MOST_MARKS = 8
"""How many places that were left are kept ready to be gone back to at once: a few megabytes each."""


class Player:
    """Steps a session, and logs and remembers what was played. Not thread-safe: one thread owns it."""

    def __init__(
        self,
        world: "World",
        start: Start,
        recorder: Recorder | None = None,
        resumed: SessionRecord | None = None,
        watch: "Watch | None" = None,
    ) -> None:
        """Begin a session, or go on with a recorded one that began with the same `start`.

        `watch` sees first frames being made, of this session and of others begun later, and frames that
        were played in another bundle being made again.
        """
        self.world = world
        self.tree = Tree()
        self.session = -1
        """The number of the present session among those begun, from 0."""
        self._forks_of = (-1, -1, -1)
        self._forks_there: tuple[int, ...] = ()
        self._recorder, self._watch = recorder, watch
        self._begin(start, resumed)

    @property
    def index(self) -> int:
        """The number of the current frame."""
        return self.tree.frame

    @property
    def start(self) -> Start:
        """How the session began."""
        return self._start

    @property
    def trouble(self) -> str:
        """Why something that was played is not kept, where that is so."""
        return self._recorder.trouble if self._recorder else ""

    @property
    def choices(self) -> int:
        """How many first frames there are for the prompt that the session began with."""
        start = self._start
        if start.image is not None:
            return 1
        return len(self.world.first_frames(start.prompt, start.seed, expand=False, strength=start.strength))

    def take(self, branch: int | None = None, frame: int | None = None) -> Take:
        """Return what leads to the current frame, or to one of another branch, ready to be rendered again."""
        return Take(start=self._start, line=self.tree.line(branch, frame), first=self._first)

    @property
    def strength(self) -> float:
        """How much words count now."""
        return self._session.strength

    @property
    def reading(self) -> Reading:
        """How the prompt in force was read."""
        return self._session.prompt_reading

    def read(self, prompt: str) -> Reading | None:
        """Say how `prompt` would be read now, changing nothing; None for what is no prompt."""
        try:
            return self.world.read_prompt(prompt, self._session.prompt, self._start.expand)
        except PromptError:
            return None

    def moment(self, seconds: float = 0.0) -> Moment:
        """Return the present."""
        session, tree = self._session, self.tree
        return Moment(
            frame=session.frame,
            index=tree.frame,
            seed=session.seed,
            prompt=session.prompt,
            strength=session.strength,
            session=self.session,
            branch=tree.branch,
            end=tree.end,
            branches=len(tree.living),
            forks=self._forks(),
            seconds=seconds,
        )

    def step(
        self,
        action: int,
        prompt: str | None = None,
        given: np.ndarray | None = None,
        strength: float | None = None,
    ) -> Moment:
        """Play one frame; `prompt` and `strength`, when given, hold from it on; `given` is the next frame."""
        if prompt is not None:
            self.describe(prompt, as_typed=True)
        if strength is not None:
            self.weigh(strength)
        began = time.perf_counter()
        frame = self._session.step(action, given)
        seconds = time.perf_counter() - began
        tokens, digest = self._session.tokens, checksum(frame)
        self.tree.act(action, tokens, digest, given)
        moment = self.moment(seconds)
        self._record(lambda recorder: recorder.action(action, tokens, digest, given, moment))
        return moment

    def describe(self, prompt: str, *, as_typed: bool = False) -> Moment:
        """Change the prompt from the next frame on; PromptError leaves everything as it was.

        `as_typed`: it is not expanded.
        """
        session = self._session
        before, session.expand_prompts = session.prompt, self._start.expand and not as_typed
        session.prompt = prompt
        told = session.prompt
        if told != before:
            self.tree.tell(told)
            self._record(lambda recorder: recorder.prompt(told, self.tree.frame))
        return self.moment()

    def weigh(self, strength: float) -> Moment:
        """Have words count so much from the next frame on; UsageError leaves everything as it was."""
        session = self._session
        before, session.strength = session.strength, strength
        told = session.strength
        if told != before:
            self.tree.weigh(told)
            self._record(lambda recorder: recorder.strength(told, self.tree.frame))
        return self.moment()

    def go(self, branch: int, frame: int) -> Moment:
        """Stand at a frame of a branch's line; a frame beyond its ends is the nearest there is.

        Raises UsageError for a branch that was removed. Given up, it stays where it is.
        """
        tree = self.tree
        if branch in tree.removed:
            raise UsageError(f"Branch {branch + 1} was deleted: the map of branches brings it back.")
        frame = min(max(0, frame), tree.branches[branch].end)
        if (branch, frame) != (tree.branch, tree.frame):
            self._leave_mark()
            mark = self._marks.pop(tree.place(branch, frame), None)
            if mark is not None:
                self._session.restore(mark)
            else:
                follow(self._session, tree, branch, frame, self._watch)
            tree.go(branch, frame)
            self._record(lambda recorder: recorder.go(branch, frame, self.moment()))
        return self.moment()

    def remove(self, branch: int) -> Moment:
        """Remove a branch; who stands on it is taken to where it parts from another. The last one stays."""
        tree = self.tree
        if branch in tree.removed:
            return self.moment()  # asked for again before it was seen to be gone
        to = tree.nearest(branch)
        if to is None:
            raise UsageError("It is the only branch there is: it stays.")
        if tree.branch == branch:
            self.go(to[0], min(tree.frame, to[1]))
        tree.remove(branch)
        self._record(lambda recorder: recorder.removal(branch, self.moment()))
        return self.moment()

    def bring_back(self) -> Moment:
        """Undo the last removal, if there is one."""
        if self.tree.removed:
            branch = self.tree.removed[-1]
            self.tree.bring_back(branch)
            self._record(lambda recorder: recorder.returning(branch, self.moment()))
        return self.moment()

    def picture(self, branch: int, frame: int) -> np.ndarray:
        """Return a frame of a branch's line without going there; the nearest one kept before it."""
        while frame > 0:
            packed = self.tree.tokens(branch, frame)
            if packed is not None:
                return self.world.picture(packed)
            frame -= 1
        return self._first

    def restart(self, *, seed: int | None = None) -> Moment:
        """Begin anew, with the present words, as strong as they are; by default with the present seed."""
        old, start = self._session, self._asked
        seed = old.seed if seed is None else seed
        if old.prompt != self._start.prompt:
            start = replace(start, prompt=old.prompt, told=True, choice=0)
        if seed != old.seed or old.strength != old.strengths[0][1]:
            start = replace(start, choice=0)
        return self.begin(replace(start, seed=seed, strength=old.strength))

    def another(self, seed: int) -> Moment:
        """Begin anew with the next of the first frames for the present words; after the last, with a seed.

        The next one is the first for words that the session did not begin with.
        """
        start, strength = self._start, self._session.strength
        if start.image is None and self._session.prompt != start.prompt:
            return self.restart()
        if start.image is None and start.choice + 1 < self.choices:
            self.begin(replace(self._asked, choice=start.choice + 1))
            return self.weigh(strength)  # which may have been changed since: it stays
        return self.restart(seed=seed)

    def begin(self, start: Start, resumed: SessionRecord | None = None) -> Moment:
        """Leave this session for a new one, or for a copy of a recorded one that began with `start`."""
        self._begin(start, resumed)
        return self.moment()

    def save(self, path: Path) -> None:
        """Write what leads to the current frame as a session file of its own. Raises ClipError."""
        tree = self.tree.line_alone()
        writer = SessionWriter(path, header_of(self.world, self._start), image=self._start.image)
        writer.append_start(checksum(self._first))
        writer.append_tree(tree)
        writer.close()
        write_summary(path, self.moment(), writer.size, branches=1)

    def close(self) -> None:
        """Close the recording; the last thing to be called."""
        self._record(lambda recorder: recorder.close(self.moment()))

    def _forks(self) -> tuple[int, ...]:
        """Return where other branches part from the present line; counted anew only when one does."""
        key = (self.tree.branch, len(self.tree.branches), len(self.tree.removed))
        if self._forks_of != key:
            self._forks_of, self._forks_there = key, self.tree.forks()
        return self._forks_there

    def _record(self, do: Callable[[Recorder], None]) -> None:
        """Do something with the recorder; where it cannot, the rest of this session is played without it."""
        if self._recorder:
            try:
                do(self._recorder)
            except ClipError as error:
                self._recorder.give_up(error)

    def _begin(self, start: Start, resumed: SessionRecord | None = None) -> None:
        session = begin_session(self.world, start, self._watch)
        first, tree = session.frame, None
        # What is recorded and rendered again is what the model was told.
        told = replace(start, prompt=session.prompt, told=True)
        if resumed is not None:
            tree = resumed.tree
            if resumed.header.bundle_hash != self.world.manifest.digest:
                tree.forget_frames()
            follow(session, tree, tree.branch, tree.frame, self._watch)
        # Only once the new session is there: a failed restart must not end the recording of the old one.
        if self._recorder and self._recorder.recording:
            self.close()
        self._session, self._first = session, first
        self._start, self._asked = told, start
        self.tree, self.session = tree or Tree(), self.session + 1
        self._marks: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self._forks_of = (-1, -1, -1)
        self._record(lambda recorder: recorder.begin(self.world, told, checksum(first), tree))

    def _leave_mark(self) -> None:
        """Keep the place that is left, so that going back to it takes no time."""
        tree = self.tree
        self._marks[tree.place(tree.branch, tree.frame)] = self._session.snapshot()
        while len(self._marks) > MOST_MARKS:
            self._marks.popitem(last=False)
