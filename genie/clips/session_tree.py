"""All that was played in a session: a tree of branches, and where in it one stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from genie.core.line import Line


@dataclass(kw_only=True)
class Branch:
    """What was played from frame `fork` of `parent` on; the first branch starts at frame 0 and has no parent.

    Lists hold its own part only: `actions[i]` leads from frame fork + i to the next, and `tokens[i]` and
    `digests[i]` are that next frame, packed and as a checksum, None where not known. `prompts` are changes
    (frame, text), `strengths` changes (frame, how much words count), and `given` the pictures uint8 [height,
    width, 3] put in place of frames.
    """

    parent: int | None = None
    fork: int = 0
    actions: list[int] = field(default_factory=list)
    tokens: list[bytes | None] = field(default_factory=list)
    digests: list[int | None] = field(default_factory=list)
    prompts: list[tuple[int, str]] = field(default_factory=list)
    strengths: list[tuple[int, float]] = field(default_factory=list)
    given: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The number of its last frame."""
        return self.fork + len(self.actions)


class Tree:
    """The branches, and the position: frame `frame` of the line that ends at the tip of `branch`.

    Playing on from a line's end continues its branch; from anywhere else it begins a new one, and nothing is
    ever lost: a branch that is removed keeps its number and all that was played on it, but nobody stands on
    its tip any more until it is brought back.
    """

    def __init__(self) -> None:
        self.branches = [Branch()]
        self.removed: list[int] = []
        """The branches that were removed, the last one last."""
        self.branch = 0
        self.frame = 0

    @property
    def end(self) -> int:
        """The last frame of the line that one is on."""
        return self.branches[self.branch].end

    @property
    def living(self) -> list[int]:
        """The branches that were not removed; there is always one."""
        removed = set(self.removed)
        return [number for number in range(len(self.branches)) if number not in removed]

    @property
    def lasting(self) -> set[int]:
        """The branches that were not removed, and those that any of them grew from."""
        lasting = set(self.living)
        for number in reversed(range(1, len(self.branches))):  # a branch comes after its parent
            if number in lasting:
                lasting.add(self.branches[number].parent or 0)
        return lasting

    def act(
        self,
        action: int,
        tokens: bytes | None = None,
        digest: int | None = None,
        given: np.ndarray | None = None,
    ) -> None:
        """Take an action; `tokens` and `digest` are the frame it led to, `given` the picture in its place."""
        branch = self._grow()
        branch.actions.append(action)
        branch.tokens.append(tokens)
        branch.digests.append(digest)
        self.frame += 1
        if given is not None:
            branch.given[self.frame] = given

    def tell(self, text: str) -> None:
        """Put a prompt in force from the present frame on."""
        branch = self._grow()
        branch.prompts = [entry for entry in branch.prompts if entry[0] != self.frame]
        branch.prompts.append((self.frame, text))

    def weigh(self, strength: float) -> None:
        """Have words count so much from the present frame on."""
        branch = self._grow()
        branch.strengths = [entry for entry in branch.strengths if entry[0] != self.frame]
        branch.strengths.append((self.frame, strength))

    def go(self, branch: int, frame: int) -> None:
        """Stand at a frame of a branch's line; ValueError where there is no such branch or frame."""
        self._check(branch)
        if not 0 <= frame <= self.branches[branch].end:
            raise ValueError(f"no frame {frame} in a branch {branch}")
        self.branch, self.frame = branch, frame

    def remove(self, branch: int) -> None:
        """Take a branch away, which others that part from it outlive; ValueError for the one stood on."""
        self._check(branch)
        if branch == self.branch:
            raise ValueError(f"branch {branch} is the one stood on")
        self.removed.append(branch)

    def bring_back(self, branch: int) -> None:
        """Undo a removal; ValueError for a branch that was not removed."""
        self.removed.remove(branch)

    def reach(self, branch: int) -> int:
        """Return the last frame of a branch that a living line runs through; its fork where none does."""
        if branch not in self.removed:
            return self.branches[branch].end
        children = [self.branches[number] for number in self.lasting]
        forks = [child.fork for child in children if child.parent == branch]
        return max(forks, default=self.branches[branch].fork)

    def nearest(self, branch: int) -> tuple[int, int] | None:
        """Return the living branch that has most in common with another, and up to which frame, if any."""
        others = [(self.shared(branch, other), -other) for other in self.living if other != branch]
        return (-max(others)[1], max(others)[0]) if others else None

    def owner(self, branch: int, frame: int) -> int:
        """Return the branch in which a frame of a branch's line was played; a fork is its parent's."""
        while frame <= self.branches[branch].fork and self.branches[branch].parent is not None:
            branch = self.branches[branch].parent or 0
        return branch

    def place(self, branch: int, frame: int) -> tuple[int, int]:
        """Return the one name of a place that is on the lines of many branches: whose it is, and the frame.

        A branch on which only words were changed is a place of its own: its fork, under those words.
        """
        if frame == self.branches[branch].fork and not self.branches[branch].actions:
            return branch, frame
        return self.owner(branch, frame), frame

    def shared(self, one: int, other: int) -> int:
        """Return the last frame that the lines of two branches have in common."""
        ends = dict(self._parts(one, self.branches[one].end))
        return max(
            min(until, ends[branch])
            for branch, until in self._parts(other, self.branches[other].end)
            if branch in ends
        )

    def forks(self) -> tuple[int, ...]:
        """Return the frames of the present line at which other branches part from it."""
        return tuple(
            sorted({self.shared(self.branch, other) for other in self.living if other != self.branch})
        )

    def line(self, branch: int | None = None, frame: int | None = None) -> Line:
        """Return what leads to a frame: by default the present one; of another branch, by default its tip."""
        if branch is None:
            branch, frame = self.branch, self.frame if frame is None else frame
        end = self.branches[branch].end if frame is None else frame
        actions: list[int] = []
        tokens: list[bytes] = []
        prompts: dict[int, str] = {}
        strengths: dict[int, float] = {}
        given: dict[int, np.ndarray] = {}
        for number, until in self._parts(branch, end):
            part = self.branches[number]
            count = until - part.fork
            if len(tokens) == len(actions):
                known = part.tokens[:count]
                tokens += known[: known.index(None)] if None in known else known  # type: ignore[arg-type]
            actions += part.actions[:count]
            prompts |= {at: text for at, text in part.prompts if at <= until}
            strengths |= {at: strength for at, strength in part.strengths if at <= until}
            given |= {at: picture for at, picture in part.given.items() if at <= until}
        return Line(
            actions=tuple(actions),
            prompts=tuple(sorted(prompts.items())),
            strengths=tuple(sorted(strengths.items())),
            given=given,
            tokens=tuple(tokens),
        )

    def digests(self, branch: int, frame: int) -> list[int | None]:
        """Return the checksums of frames 1 to `frame` of a branch's line, None where not known."""
        found: list[int | None] = []
        for number, until in self._parts(branch, frame):
            part = self.branches[number]
            found += part.digests[: until - part.fork]
        return found

    def tokens(self, branch: int, frame: int) -> bytes | None:
        """Return a frame of a branch's line, packed, or None where it is not known."""
        part = self.branches[self.owner(branch, frame)]
        return part.tokens[frame - part.fork - 1] if frame > part.fork else None

    def know(self, branch: int, frame: int, tokens: bytes, digest: int) -> None:
        """Keep a frame of a branch's line, packed and as a checksum, that was not known."""
        part = self.branches[self.owner(branch, frame)]
        part.tokens[frame - part.fork - 1], part.digests[frame - part.fork - 1] = tokens, digest

    def line_alone(self) -> Tree:
        """Return a tree of one branch that holds what leads to the present frame."""
        line, alone = self.line(), Tree()
        digests = self.digests(self.branch, self.frame)
        prompts, strengths = dict(line.prompts), dict(line.strengths)
        for frame in range(len(line) + 1):
            if frame in prompts:
                alone.tell(prompts[frame])
            if frame in strengths:
                alone.weigh(strengths[frame])
            if frame < len(line):
                tokens = line.tokens[frame] if frame < len(line.tokens) else None
                alone.act(line.actions[frame], tokens, digests[frame], line.given.get(frame + 1))
        return alone

    def forget_frames(self) -> None:
        """Keep what was done, but no frame that it led to: they were another world's."""
        for branch in self.branches:
            branch.tokens = [None] * len(branch.actions)
            branch.digests = [None] * len(branch.actions)

    def _check(self, branch: int) -> None:
        if not 0 <= branch < len(self.branches) or branch in self.removed:
            raise ValueError(f"no branch {branch}")

    def _grow(self) -> Branch:
        """Return the branch that what is done now belongs to, a new one where need be."""
        if self.frame != self.end:
            owner = self.owner(self.branch, self.frame)
            if self.frame == self.branches[owner].end:
                self.branch = owner
            else:
                self.branches.append(Branch(parent=owner, fork=self.frame))
                self.branch = len(self.branches) - 1
        return self.branches[self.branch]

    def _parts(self, branch: int, frame: int) -> list[tuple[int, int]]:
        """Return the branches that lead to a frame of a line, and the last frame of each that counts.

        At a fork one stands on the parent, whose words hold there, unless nothing was played since.
        """
        parts = []
        number: int | None = branch
        while number is not None:
            part = self.branches[number]
            if frame > part.fork or part.parent is None or (number == branch and not part.actions):
                parts.append((number, frame))
            frame = min(frame, part.fork)
            number = part.parent
        return parts[::-1]
