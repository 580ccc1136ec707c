"""A tree of branches keeps all that was played, and gives back any line of it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from genie.clips.session_tree import Tree


def played(tree: Tree, *actions: int) -> Tree:
    for action in actions:
        tree.act(action, tokens=bytes([action]), digest=action)
    return tree


def test_going_back_and_playing_on_keeps_both() -> None:
    tree = played(Tree(), 1, 2, 3, 4)
    tree.go(0, 2)
    assert tree.line().actions == (1, 2)
    assert tree.end == 4, "one still stands on the line that goes on to frame 4"
    played(tree, 7, 8)
    assert (tree.branch, tree.frame) == (1, 4)
    assert tree.line().actions == (1, 2, 7, 8)
    assert tree.line(0).actions == (1, 2, 3, 4)
    assert tree.line().tokens == (b"\1", b"\2", b"\7", b"\x08")
    assert tree.digests(1, 3) == [1, 2, 7]
    assert tree.shared(0, 1) == 2


def test_the_end_of_a_branch_is_gone_on_from_not_branched() -> None:
    tree = played(Tree(), 1, 2)
    tree.go(0, 1)
    played(tree, 5)
    tree.go(0, 2)
    played(tree, 3)
    assert len(tree.branches) == 2
    assert tree.line(0).actions == (1, 2, 3)
    assert tree.line(1).actions == (1, 5)


def test_branching_before_a_fork_grows_from_the_older_branch() -> None:
    tree = played(Tree(), 1, 2, 3)
    tree.go(0, 2)
    played(tree, 4, 5)
    tree.go(1, 1)
    played(tree, 6)
    assert tree.branches[2].parent == 0
    assert tree.line(2).actions == (1, 6)
    tree.go(1, 2)
    played(tree, 9)
    assert (tree.branches[3].parent, tree.branches[3].fork) == (0, 2)
    assert tree.shared(3, 1) == 2
    assert tree.shared(2, 1) == 1


def test_prompts_belong_to_the_frame_and_the_branch_they_were_set_on() -> None:
    tree = played(Tree(), 1, 1)
    tree.tell("night")
    tree.tell("dusk")
    played(tree, 1)
    tree.go(0, 2)
    assert tree.line().prompts == ((2, "dusk"),), "a prompt set at the very frame one goes back to stays"
    tree.tell("day")
    assert tree.line().prompts == ((2, "day"),), "and is replaced by another set there"
    played(tree, 2)
    assert tree.line().prompts == ((2, "day"),)
    assert tree.line(0).prompts == ((2, "dusk"),)
    tree.go(1, 1)
    assert tree.line().prompts == ()


def test_how_much_words_count_is_kept_as_prompts_are() -> None:
    tree = played(Tree(), 1, 1)
    tree.weigh(3.0)
    tree.weigh(2.5)
    played(tree, 1)
    tree.go(0, 2)
    tree.tell("day")
    tree.weigh(0.0)
    assert tree.branch == 1, "what is set where one had gone back to begins a branch"
    played(tree, 2)
    assert (tree.line().strengths, tree.line(0).strengths) == (((2, 0.0),), ((2, 2.5),))
    assert tree.line_alone().line() == tree.line()
    assert tree.line(0).upto(1).strengths == ()


def test_given_pictures_stay_with_their_frame() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    tree = played(Tree(), 1)
    tree.act(0, given=picture)
    played(tree, 2)
    assert list(tree.line().given) == [2]
    assert tree.line(0, 1).given == {}
    assert tree.line().tokens == (b"\1",), "frames that are not known end what is"


def test_places_that_are_not_there_are_refused() -> None:
    tree = played(Tree(), 1)
    for branch, frame in ((0, 2), (1, 0), (-1, 0), (0, -1)):
        with pytest.raises(ValueError, match=r"no frame|no branch"):
            tree.go(branch, frame)


def test_a_removed_branch_leaves_those_that_part_from_it_and_can_be_brought_back() -> None:
    tree = played(Tree(), 1, 2, 3)
    tree.go(0, 1)
    played(tree, 4, 5, 6)
    tree.go(1, 3)
    played(tree, 7)
    assert (tree.branches[2].parent, tree.branches[2].fork) == (1, 3)
    with pytest.raises(ValueError, match="stood on"):
        tree.remove(2)
    tree.remove(1)
    assert tree.living == [0, 2]
    assert tree.lasting == {0, 1, 2}
    assert (tree.reach(1), tree.reach(2)) == (3, 4)
    assert tree.forks() == (1,)
    assert tree.line().actions == (1, 4, 5, 7), "what led here is still there"
    for gone in (lambda: tree.go(1, 2), lambda: tree.remove(1), lambda: tree.bring_back(0)):
        with pytest.raises(ValueError, match=r"branch|not in list"):
            gone()
    tree.go(2, 2)
    played(tree, 9)
    assert (tree.branch, tree.line().actions) == (3, (1, 4, 9)), "what is played on from it is another branch"
    assert tree.nearest(3) == (2, 2)
    tree.bring_back(1)
    assert tree.line(1).actions == (1, 4, 5, 6)
    tree.go(1, 4)
    assert tree.removed == []


def test_any_play_at_all_is_what_a_list_of_whole_lines_would_hold() -> None:
    """Against the plainest possible model: every branch a full copy of its line."""
    rng = random.Random(3)
    for _ in range(40):
        tree, lines, at, end = Tree(), [[]], 0, 0
        for step in range(120):
            chance = rng.random()
            if chance < 0.05 and len(tree.living) > 1:
                tree.remove(rng.choice([branch for branch in tree.living if branch != tree.branch]))
            elif chance < 0.08 and tree.removed:
                tree.bring_back(rng.choice(tree.removed))
            elif chance < 0.25:
                at = rng.choice(tree.living)
                end = rng.randrange(len(lines[at]) + 1)
                tree.go(at, end)
            else:
                tree.act(step)
                if end == len(lines[at]):
                    lines[at].append(step)
                else:
                    owner = tree.branches[tree.branch].parent if len(tree.branches) > len(lines) else None
                    if owner is None:  # one stood at the end of an older branch that this line runs through
                        at = tree.branch
                        lines[at].append(step)
                    else:
                        lines.append([*lines[at][:end], step])
                        at = len(lines) - 1
                end += 1
            assert tree.line().actions == tuple(lines[at][:end])
        assert [tree.line(branch).actions for branch in range(len(lines))] == [tuple(line) for line in lines]
