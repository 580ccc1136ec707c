"""Worlds without keys: what their actions do is measured, keys are guessed, and the player decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pygame
import pytest

from genie.app.calibrated import calibrated, needs_keys
from genie.app.home import Home
from genie.app.inputs import Gamepads
from genie.app.loop import WAKE
from genie.app.motion import CROWD, Flow, Trial, flow_of, guess_keys, try_action
from genie.app.options import Options
from genie.app.plan import Plan
from genie.app.screens.calibration_page import CalibrationPage
from genie.app.screens.stage import Stage
from genie.app.settings import Calibration, SettingsFile
from genie.app.take import Start
from genie.core.actions import Action
from tests.app.fake_world import MOVES, FakeWorld, draw, fake_manifest

CODES = [Action(f"code-{number}") for number in range(len(MOVES))]
WAYS = list(MOVES.values())


class Keyless(FakeWorld):
    """The fake world, its actions known by number only."""

    def __init__(self) -> None:
        super().__init__(fake_manifest(idle="code-3", actions=CODES))
        self.moves = dict(zip((action.name for action in CODES), WAYS, strict=True))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Keyless:
    made = Keyless()
    for name, way in made.moves.items():
        monkeypatch.setitem(MOVES, name, way)
    return made


def test_what_moves_is_followed_and_a_moving_camera_is_told_from_it() -> None:
    walk = np.stack([draw(1, "a", (20 + 2 * t, 29)) for t in range(6)])
    flow = flow_of(walk)
    assert flow.things == pytest.approx((2.0, 0.0))
    assert 0 < flow.crowd < CROWD
    scene = np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    flow = flow_of(np.stack([np.roll(scene, -3 * t, axis=1) for t in range(6)]))
    assert flow.picture == (-3.0, 0.0)
    assert flow.crowd > CROWD
    assert flow_of(np.stack([scene] * 4)) == Flow(things=(0.0, 0.0), picture=(0.0, 0.0), crowd=0.0)


def test_where_the_camera_follows_the_picture_goes_the_other_way() -> None:
    def trial(action: str, picture: tuple[float, float], change: float) -> Trial:
        flow = Flow(things=(0.0, 3.0), picture=picture, crowd=3.0 * CROWD)
        return Trial(action=action, frames=np.zeros((1, 8, 8, 3), np.uint8), flow=flow, change=change)

    still, walks, jumps = trial("a", (0, 0.1), 1.0), trial("b", (-2, 0), 8.0), trial("c", (0, 3), 9.0)
    assert guess_keys([walks, still, jumps]) == ("a", {"b": ("right",), "c": ("up",)})


def test_a_jump_on_the_run_does_not_take_the_keys_of_a_jump() -> None:
    """As it was measured in play: the jump on the run goes up a little faster, and up most of all."""

    def trial(action: str, picture: tuple[float, float], change: float) -> Trial:
        flow = Flow(things=(0.0, 0.0), picture=picture, crowd=3.0 * CROWD)
        return Trial(action=action, frames=np.zeros((1, 8, 8, 3), np.uint8), flow=flow, change=change)

    still, jumps, runs = trial("a", (0.7, 0), 1.0), trial("b", (0, 2.4), 8.0), trial("c", (-0.6, 3.1), 9.0)
    assert guess_keys([still, jumps, runs]) == ("a", {"b": ("up",), "c": ("right", "up")})


def test_keys_are_guessed_from_motion(world: Keyless) -> None:
    trials = [try_action(world, number) for number in range(len(CODES))]
    idle, keys = guess_keys(trials)
    assert idle == "code-0"
    assert keys == {
        "code-1": ("left",),
        "code-2": ("right",),
        "code-3": ("up",),
        "code-4": ("left", "up"),
        "code-5": ("right", "up"),
    }


def test_a_calibration_puts_actions_on_keys_and_survives_another_bundle() -> None:
    manifest = fake_manifest(idle="code-3", actions=CODES)
    assert needs_keys(manifest.actions)
    plan = Plan(manifest=manifest, load=lambda: None, start=Start(prompt="", seed=1), fps=15)
    kept = Calibration(
        idle="code-0",
        keys={"code-1": ("left",), "code-2": ("left",), "code-5": ("x", "space"), "gone": ("up",)},
    )
    actions = calibrated(plan, kept).manifest.actions
    assert actions.names == manifest.actions.names, "the model knows them by their places"
    assert actions.idle.name == "code-0"
    assert actions.from_held({"left"}).name == "code-1"
    assert actions.from_held({"space", "x"}).name == "code-5"
    assert not needs_keys(actions)


class Player:
    """Hands in front of a calibration."""

    def __init__(self, world: FakeWorld) -> None:
        self.found: list[Calibration] = []
        self.stage = Stage(Gamepads())
        wake: Callable[[], object] = lambda: pygame.event.post(pygame.event.Event(WAKE))  # noqa: E731
        self.page = CalibrationPage("Fakeland", lambda: world, len(world.actions), wake, self.found.append)
        self.stage.open(self.page)
        while self.page.measuring and not self.page.closed:
            self.stage.tick()

    def event(self, kind: int, **said: object) -> None:
        pygame.event.post(pygame.event.Event(kind, mod=0, unicode="", **said))

    def press(self, *keys: int) -> None:
        for key in keys:
            self.event(pygame.KEYDOWN, key=key)
        for key in keys:
            self.event(pygame.KEYUP, key=key)
        self.settle()

    def settle(self) -> None:
        for _ in range(3):
            if self.stage._stack:
                pygame.event.post(pygame.event.Event(WAKE))
                self.stage.tick()


@pytest.fixture
def player(display: pygame.Surface, world: Keyless) -> Player:
    return Player(world)


def test_enter_takes_every_guess(player: Player) -> None:
    for _ in CODES:
        player.press(pygame.K_RETURN)
    (found,) = player.found
    assert found.idle == "code-0"
    assert found.keys["code-5"] == ("right", "up")
    assert player.page.closed


def test_keys_of_the_players_own_held_together_or_none(player: Player) -> None:
    player.press(pygame.K_x)  # code 0, the one that does nothing, gets a key all the same
    player.press(pygame.K_a)
    player.press(pygame.K_d)
    player.press(pygame.K_TAB)  # up is on no key
    player.press(pygame.K_a, pygame.K_SPACE)
    player.press(pygame.K_BACKSPACE)
    assert player.page.place == 4
    player.press(pygame.K_RETURN)
    player.press(pygame.K_d, pygame.K_SPACE)
    (found,) = player.found
    assert found.keys == {
        "code-0": ("x",),
        "code-1": ("a",),
        "code-2": ("d",),
        "code-4": ("a", "space"),
        "code-5": ("d", "space"),
    }
    assert found.idle == "code-3", "the one that was left without a key"


def test_a_gamepad_gives_keys_by_their_names(player: Player) -> None:
    for number in (13, 14):
        for kind in (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP):
            player.event(kind, instance_id=1, button=number)
    player.settle()
    assert player.page.keys["code-0"] == ("left",)
    assert player.page.keys["code-1"] == ("right",)


def test_keys_that_keep_their_meaning_are_not_given(player: Player) -> None:
    player.press(pygame.K_LCTRL)
    player.press(pygame.K_RMETA)
    assert player.page.place == 0
    player.press(pygame.K_LCTRL, pygame.K_x)
    assert player.page.keys["code-0"] == ("x",)
    for kind in (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP):
        player.event(kind, instance_id=1, button=6)
    player.settle()
    assert player.page.place == 2, "Start takes the guess"


def test_leaving_gives_nothing(player: Player) -> None:
    player.press(pygame.K_ESCAPE)
    assert player.page.closed
    assert not player.found


def test_a_world_that_fails_while_it_is_tried_closes_the_page(
    display: pygame.Surface, world: Keyless
) -> None:
    def fail(index: int) -> None:
        raise RuntimeError("the model broke")

    world.before_step = fail
    player = Player(world)
    assert player.page.closed
    assert not player.stage._stack, "it is told at once, not when something is pressed"
    assert "broke" in str(player.page.problem)


def test_closing_the_window_while_keys_are_chosen_again_begins_no_game(
    display: pygame.Surface, world: Keyless
) -> None:
    file = SettingsFile()
    kept = Calibration(idle="code-0", keys={"code-1": ("a", "space")})
    file.change(replace(file.settings, calibrations={"fake": kept}))
    home = Home(Options(), (), file, Gamepads())
    home._calibrate_again = True
    plan = Plan(manifest=world.manifest, load=lambda: world, start=Start(prompt="", seed=1), fps=15)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert home.ready(plan) is None
    home.close()


def test_a_calibration_is_remembered(display: pygame.Surface) -> None:
    file = SettingsFile()
    kept = Calibration(idle="code-0", keys={"code-1": ("a", "space")})
    file.change(replace(file.settings, calibrations={"fake": kept}))
    assert SettingsFile().settings.calibrations == {"fake": kept}
