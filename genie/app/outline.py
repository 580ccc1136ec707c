"""The branches of a session as they are shown: in order, each under the one it grew from."""

from dataclasses import dataclass

from genie.clips.session_tree import Tree


@dataclass(frozen=True, kw_only=True)
class Twig:
    """One branch: its number, the frame it parts at, its last frame, and the prompt at its end."""

    number: int
    parent: int | None
    fork: int
    end: int
    prompt: str


@dataclass(frozen=True, kw_only=True)
class Outline:
    """All branches, a parent before its children, and where one stands."""

    twigs: tuple[Twig, ...]
    branch: int
    frame: int

    @property
    def end(self) -> int:
        """The last frame of the longest line."""
        return max(twig.end for twig in self.twigs)


def outline_of(tree: Tree, prompt: str) -> Outline:
    """Return the outline of a session that started with `prompt`.

    Of a branch's children, those that part last come first: so their lines cross none.
    """
    twigs: list[Twig] = []
    waiting = [0]
    while waiting:
        number = waiting.pop()
        branch = tree.branches[number]
        line = tree.line(number)
        said = line.prompts[-1][1] if line.prompts else prompt
        twigs.append(Twig(number=number, parent=branch.parent, fork=branch.fork, end=branch.end, prompt=said))
        children = [other for other, child in enumerate(tree.branches) if child.parent == number]
        waiting += sorted(children, key=lambda other: tree.branches[other].fork)
    return Outline(twigs=tuple(twigs), branch=tree.branch, frame=tree.frame)
