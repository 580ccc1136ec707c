import pygame

from genie.app.inputs import Input
from genie.app.keymap import Command, HeldKeys, KeyMap
from genie.core.actions import Action, ActionSet
from tests.app.fake_world import fake_manifest


def down(name: str, modifiers: int = 0) -> Input:
    return Input(name, True, modifiers)


def test_arrows_and_wasd_are_one() -> None:
    keys = KeyMap(fake_manifest().actions)
    assert keys.key_name(down("right")) == keys.key_name(down("d")) == "right"
    assert keys.key_name(down("up")) == keys.key_name(down("w")) == keys.key_name(down("pad a")) == "up"
    assert keys.key_name(down("down")) is None, "this world has no down"
    assert keys.command(down("p")) is Command.PAUSE
    assert keys.command(down("d")) is None


def test_a_world_that_plays_with_a_letter_gets_it_and_the_command_moves_to_ctrl() -> None:
    actions = ActionSet(
        [Action("noop"), Action("punch", ("p",)), Action("d", ("d",)), Action("right", ("right",))], "noop"
    )
    keys = KeyMap(actions)
    assert keys.key_name(down("p")) == keys.key_name(down("pad a")) == "p"
    assert keys.command(down("p")) is None
    assert keys.command(down("p", pygame.KMOD_LCTRL)) is Command.PAUSE
    assert keys.label(Command.PAUSE) == "Ctrl P"
    assert keys.key_name(down("p", pygame.KMOD_LCTRL)) is None
    assert keys.key_name(down("d")) == "d", "the world's own d comes before WASD"


def test_shift_makes_another_key_only_where_that_means_something() -> None:
    keys = KeyMap(fake_manifest().actions)
    assert keys.command(down("/")) is None
    assert keys.command(down("/", pygame.KMOD_LSHIFT)) is Command.HELP
    assert keys.command(down("p", pygame.KMOD_LSHIFT)) is Command.PAUSE


def test_what_is_pressed_with_the_systems_own_key_is_no_command() -> None:
    keys = KeyMap(fake_manifest().actions)
    assert keys.command(down("q")) is Command.QUIT
    assert keys.command(down("q", pygame.KMOD_LMETA)) is None, "macOS asks to close the window besides"


def test_the_players_own_keys_come_before_the_usual_ones() -> None:
    keys = KeyMap(fake_manifest().actions, {"left": ["j"], "nonsense": ["x"]}, {"pause": ["f7"]})
    assert keys.key_name(down("j")) == "left"
    assert keys.key_name(down("left")) is None
    assert keys.key_name(down("right")) == "right"
    assert keys.command(down("f7")) is Command.PAUSE
    assert keys.command(down("p")) is None


def test_keys_are_held_together_until_released() -> None:
    held = HeldKeys()
    held.press("right", "right")
    held.press("up", "up")
    assert set(held.sample()) == {"right", "up"}
    held.release("up")
    assert set(held.sample()) == {"right"}


def test_a_tap_between_two_frames_counts_once() -> None:
    held = HeldKeys()
    held.press("up", "up")
    held.release("up")
    assert set(held.sample()) == {"up"}
    assert set(held.sample()) == set()


def test_of_opposite_keys_the_one_pressed_last_counts() -> None:
    held = HeldKeys()
    held.press("right", "right")
    held.press("left", "left")
    assert set(held.sample()) == {"left"}
    held.release("left")
    assert set(held.sample()) == {"right"}


def test_two_keys_of_one_name_are_held_until_both_are_up() -> None:
    held = HeldKeys()
    held.press("right", "right")
    held.press("d", "right")
    held.sample()
    held.release("d")
    assert set(held.sample()) == {"right"}
