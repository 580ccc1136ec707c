import pygame

from genie.app.keymap import Command, HeldKeys, KeyMap
from genie.core.actions import Action, ActionSet
from tests.app.fake_world import fake_manifest


def test_arrows_and_wasd_are_one() -> None:
    keys = KeyMap(fake_manifest().actions)
    assert keys.key_name(pygame.K_RIGHT) == keys.key_name(pygame.K_d) == "right"
    assert keys.key_name(pygame.K_UP) == keys.key_name(pygame.K_w) == "up"
    assert keys.key_name(pygame.K_DOWN) is None, "this world has no down"
    assert keys.command(pygame.K_p) is Command.PAUSE
    assert keys.command(pygame.K_d) is None


def test_a_world_that_plays_with_a_letter_gets_it_and_the_command_moves_to_ctrl() -> None:
    actions = ActionSet(
        [Action("noop"), Action("punch", ("p",)), Action("d", ("d",)), Action("right", ("right",))], "noop"
    )
    keys = KeyMap(actions)
    assert keys.key_name(pygame.K_p) == "p"
    assert keys.command(pygame.K_p) is None
    assert keys.command(pygame.K_p, pygame.KMOD_LCTRL) is Command.PAUSE
    assert keys.key_name(pygame.K_p, pygame.KMOD_LCTRL) is None
    assert keys.key_name(pygame.K_d) == "d", "the world's own d comes before WASD"


def test_keys_are_held_together_until_released() -> None:
    held = HeldKeys()
    held.press(pygame.K_RIGHT, "right")
    held.press(pygame.K_UP, "up")
    assert set(held.sample()) == {"right", "up"}
    held.release(pygame.K_UP)
    assert set(held.sample()) == {"right"}


def test_a_tap_between_two_frames_counts_once() -> None:
    held = HeldKeys()
    held.press(pygame.K_UP, "up")
    held.release(pygame.K_UP)
    assert set(held.sample()) == {"up"}
    assert set(held.sample()) == set()


def test_of_opposite_keys_the_one_pressed_last_counts() -> None:
    held = HeldKeys()
    held.press(pygame.K_RIGHT, "right")
    held.press(pygame.K_LEFT, "left")
    assert set(held.sample()) == {"left"}
    held.release(pygame.K_LEFT)
    assert set(held.sample()) == {"right"}


def test_two_keys_of_one_name_are_held_until_both_are_up() -> None:
    held = HeldKeys()
    held.press(pygame.K_RIGHT, "right")
    held.press(pygame.K_d, "right")
    held.sample()
    held.release(pygame.K_d)
    assert set(held.sample()) == {"right"}
