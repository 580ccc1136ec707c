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
    removed: tuple[int, ...] = ()
    """The branches that were removed, the last one last."""

    @property
    def end(self) -> int:
        """The last frame of the longest line."""
        return max(twig.end for twig in self.twigs)


def outline_of(tree: Tree, prompt: str) -> Outline:
    """Return the outline of a session that started with `prompt`.

    Of a branch's children, those that part last come first: so their lines cross none. Where a branch was
    removed, the one that parts from it last takes its place, and the others part from that one.
    """
    twigs: list[Twig] = []
    children_of = _children(tree)
    waiting: list[tuple[int, int | None, int]] = [(0, None, 0)]
    while waiting:
        number, parent, fork = waiting.pop()
        children = children_of[number]
        if number not in tree.removed:
            branch, line = tree.branches[number], tree.line(number)
            said = line.prompts[-1][1] if line.prompts else prompt
            twigs.append(Twig(number=number, parent=parent, fork=fork, end=branch.end, prompt=said))
            waiting += [(child, number, tree.branches[child].fork) for child in children]
        elif children:
            heir = children[-1]
            while heir in tree.removed:
                heir = children_of[heir][-1]
            waiting += [(child, heir, tree.branches[child].fork) for child in children[:-1]]
            waiting.append((children[-1], parent, fork))
    return Outline(twigs=tuple(twigs), branch=tree.branch, frame=tree.frame, removed=tuple(tree.removed))


def _children(tree: Tree) -> list[list[int]]:
    """Return, for every branch, what is left of those that part from it, by where they part."""
    children: list[list[int]] = [[] for _ in tree.branches]
    for number in sorted(tree.lasting, key=lambda number: (tree.branches[number].fork, number)):
        parent = tree.branches[number].parent
        if parent is not None:
            children[parent].append(number)
    return children
