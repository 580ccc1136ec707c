import numpy as np
import pytest

from genie.core.actions import Action, ActionSet
from genie.core.errors import ActionError

NAMES = ("noop", "left", "right", "up", "left+up", "right+up")
ACTIONS = ActionSet([Action(n, () if n == "noop" else tuple(n.split("+"))) for n in NAMES], idle="noop")


def test_index_by_name_keys_and_number() -> None:
    assert [ACTIONS.index(name) for name in NAMES] == list(range(6))
    assert ACTIONS.index("up+right") == ACTIONS.index("right+up") == 5
    assert ACTIONS.index(np.int64(3)) == 3
    assert ACTIONS.names == NAMES
    assert ACTIONS.keys == ("left", "right", "up")


@pytest.mark.parametrize("wrong", [-1, 6, True, None, 1.0, "", "right+", "down", ("up",)])
def test_index_refuses_what_is_no_action(wrong: object) -> None:
    with pytest.raises(ActionError):
        ACTIONS.index(wrong)  # type: ignore[arg-type]


def test_a_misspelt_action_is_suggested() -> None:
    with pytest.raises(ActionError, match="Did you mean 'right'"):
        ACTIONS.index("rihgt")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ((), "noop"),
        (("space", "q"), "noop"),
        (("right",), "right"),
        (("up", "right"), "right+up"),
        (("right", "up", "space"), "right+up"),
        (("left", "right"), "right"),  # the later listed wins
        (("left", "right", "up"), "right+up"),
    ],
)
def test_held_keys_ask_for_the_largest_action_they_cover(held: tuple[str, ...], expected: str) -> None:
    assert ACTIONS.from_held(held).name == expected
    assert ACTIONS.from_held(set(held)).name == expected


def test_an_idle_action_with_keys_of_its_own_is_still_idle() -> None:
    actions = ActionSet([Action("brake", ("down",)), Action("go", ("up",))], idle="brake")
    assert actions.from_held(()).name == "brake"
    assert actions.from_held({"up"}).name == "go"


@pytest.mark.parametrize(
    ("actions", "idle"),
    [
        ([], "noop"),
        ([Action("a"), Action("a")], "a"),
        ([Action("a", ("x", "y")), Action("b", ("y", "x"))], "a"),
        ([Action("a")], "b"),
    ],
)
def test_a_muddled_list_of_actions_is_refused(actions: list[Action], idle: str) -> None:
    with pytest.raises(ActionError):
        ActionSet(actions, idle)
