"""Plays a bundle in the real loop with a restless hand, and tells how many frames it has shown.

Arguments: the bundle, the session file to record, a seed for the hand. It plays until it is killed.
"""

import random
import sys
from pathlib import Path

import pygame

from genie.app import cli
from genie.app.loop import Loop
from genie.app.moment import Moment
from genie.app.planning import make_plan
from genie.app.player import Player
from genie.app.window import open_display

KEYS = (pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP)
RARELY = (pygame.K_PERIOD, pygame.K_COMMA, pygame.K_F5, pygame.K_F9, pygame.K_EQUALS, pygame.K_MINUS)


def play(bundle: str, session: str, seed: str) -> None:
    arguments = [bundle, "--record", session, "--seed", "3", "--fps", "60", "--device", "cpu"]
    plan = make_plan(cli.parse(arguments), arguments)
    open_display(lambda: plan, plan.manifest.frame_size)
    loop = Loop(plan, Path(session).parent)
    shown = told = 0
    stepped = loop.game._stepped

    def count(moment: object) -> None:
        nonlocal shown
        stepped(moment)  # type: ignore[arg-type]
        shown += 1

    loop.game._stepped = count  # type: ignore[method-assign, assignment]
    hand = random.Random(int(seed))
    while not loop.game.over:
        _move(hand, loop)
        loop.tick()
        if shown != told:
            told = shown
            print(shown, flush=True)
    raise loop.game.failure or SystemExit("play ended by itself")


def _move(hand: random.Random, loop: Loop) -> None:
    chance = hand.random()
    if loop.modal is not None and not loop.game.loading:
        _tap(pygame.K_RETURN)
    elif loop.game.time.paused:
        _tap(pygame.K_p)
    elif chance < 0.05:
        _post(pygame.KEYDOWN, hand.choice(KEYS))
    elif chance < 0.10:
        _post(pygame.KEYUP, hand.choice(KEYS))
    elif chance < 0.12:
        _post(pygame.KEYDOWN, pygame.K_BACKSPACE)
    elif chance < 0.16:
        _post(pygame.KEYUP, pygame.K_BACKSPACE)
    elif chance < 0.18:
        _tap(hand.choice(RARELY))
    elif chance < 0.19:
        loop.game.words.describe(hand.choice(("a red sprite on snow", "the sprite by night")))
    elif chance < 0.2 and loop.game.moment is not None and loop.game.moment.branches > 1:
        loop.game.order(_remove_or_bring_back, loop.game.show)


def _remove_or_bring_back(player: Player) -> Moment:
    return player.bring_back() if len(player.tree.removed) > 1 else player.remove(player.tree.branch)


def _tap(key: int) -> None:
    _post(pygame.KEYDOWN, key)
    _post(pygame.KEYUP, key)


def _post(kind: int, key: int) -> None:
    pygame.event.post(pygame.event.Event(kind, key=key, mod=0, unicode=""))


if __name__ == "__main__":
    play(*sys.argv[1:])
