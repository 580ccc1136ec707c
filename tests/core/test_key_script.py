import pytest

from genie.core.actions import Action, ActionSet
from genie.core.errors import ActionError, KeyScriptError
from genie.core.key_script import parse_key_script

ACTIONS = ActionSet(
    [Action("noop"), Action("right", ("right",)), Action("jump-right", ("right", "up"))], idle="noop"
)


def test_words_become_one_action_name_a_frame() -> None:
    script = " right:3  up+right:2\tnoop jump-right:0 "
    assert parse_key_script(script, ACTIONS) == ["right"] * 3 + ["jump-right"] * 2 + ["noop"]
    assert parse_key_script("", ACTIONS) == []


@pytest.mark.parametrize(
    "script", ["right:", ":3", "right:-1", "right:x", "right:2:3", "right:1.5", "right:²"]
)
def test_a_word_that_is_not_name_and_count_is_named(script: str) -> None:
    with pytest.raises(KeyScriptError, match="NAME:COUNT"):
        parse_key_script("noop " + script, ACTIONS)


def test_an_unknown_action_is_a_mistake_of_the_command_line() -> None:
    with pytest.raises(ActionError, match=r"'rigth'.*Did you mean 'right'") as caught:
        parse_key_script("rigth:5", ACTIONS)
    assert caught.value.exit_code == 2


def test_a_script_longer_than_anyone_wants_is_refused_before_it_fills_memory() -> None:
    with pytest.raises(KeyScriptError, match="1,000,000"):
        parse_key_script("right:999999999", ACTIONS)
