"""The 16 Procgen games: their titles and the actions that do something in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .coinrun_finisher import Finisher
from .policies import Policy

_NOOP = 4
_MOVES = {
    "left+down": 0,
    "left": 1,
    "left+up": 2,
    "down": 3,
    "noop": _NOOP,
    "up": 5,
    "right+down": 6,
    "right": 7,
    "right+up": 8,
}
_LETTERS = {"d": 9, "a": 10, "w": 11, "s": 12, "q": 13, "e": 14}
_FOUR_WAYS = ("noop", "left", "right", "up", "down")
_EIGHT_WAYS = (*_FOUR_WAYS, "left+up", "left+down", "right+up", "right+down")
_PLATFORMER = ("noop", "left", "right", "up", "left+up", "right+up")
_DEAD_SHARE = 0.15  # of what players press, where there are actions that a game does not have


@dataclass(frozen=True, kw_only=True)
class Game:
    """One game: `actions` are names made of keys, in the order of a world's action list, "noop" first.

    `dead` are those of them that the game does not have: they do what "noop" does.
    """

    name: str
    title: str
    actions: tuple[str, ...]
    toward: str  # the key that leads on in this game; the leaning player favours it
    scene: str  # what can be said of any frame of it
    dead: frozenset[str] = frozenset()
    finisher: Callable[[tuple[str, ...]], Policy] | None = None  # a player that reaches its levels' ends

    def number(self, action: int) -> int:
        """Procgen's own number of the action with index `action`."""
        name = self.actions[action]
        return _NOOP if name in self.dead else {**_MOVES, **_LETTERS}[name]

    def under(self, actions: tuple[str, ...]) -> Game:
        """The same game where more can be pressed than it knows of."""
        return replace(self, actions=actions, dead=frozenset(actions) - frozenset(self.actions))

    def weights(self) -> np.ndarray:
        """How often a player that leans to nothing presses each action, in proportion: float [A]."""
        dead = np.array([name in self.dead for name in self.actions])
        each = _DEAD_SHARE / (1 - _DEAD_SHARE) * (~dead).sum() / max(1, dead.sum())
        return np.where(dead, each, 1.0)


def _game(
    name: str,
    title: str,
    actions: tuple[str, ...],
    toward: str,
    scene: str,
    finisher: Callable[[tuple[str, ...]], Policy] | None = None,
) -> Game:
    return Game(name=name, title=title, actions=actions, toward=toward, scene=scene, finisher=finisher)


_ALL = (
    _game("coinrun", "CoinRun", _PLATFORMER, "right", "an alien in a platform level", Finisher),
    _game("bigfish", "BigFish", _EIGHT_WAYS, "right", "a fish among other fish under water"),
    _game("bossfight", "BossFight", (*_EIGHT_WAYS, "d"), "d", "a small ship facing a boss ship in space"),
    _game("caveflyer", "CaveFlyer", (*_EIGHT_WAYS, "d"), "up", "a ship flying through caves"),
    _game("chaser", "Chaser", _FOUR_WAYS, "up", "a maze of orbs seen from above"),
    _game("climber", "Climber", _PLATFORMER, "up", "a figure climbing from platform to platform"),
    _game("dodgeball", "Dodgeball", (*_EIGHT_WAYS, "d"), "d", "a dodgeball field with walls seen from above"),
    _game("fruitbot", "FruitBot", ("noop", "left", "right", "d"), "right", "a robot between walls and fruit"),
    _game("heist", "Heist", _FOUR_WAYS, "right", "a maze with keys and locks seen from above"),
    _game("jumper", "Jumper", _PLATFORMER, "right", "a bunny in a cave of platforms"),
    _game("leaper", "Leaper", _FOUR_WAYS, "up", "a frog crossing roads and rivers"),
    _game("maze", "Maze", _FOUR_WAYS, "right", "a mouse in a maze seen from above"),
    _game("miner", "Miner", _FOUR_WAYS, "right", "a miner digging through dirt among boulders"),
    _game("ninja", "Ninja", (*_PLATFORMER, "d", "a", "w", "s"), "right", "a ninja on ledges"),
    _game("plunder", "Plunder", ("noop", "left", "right", "d"), "d", "a ship firing at ships on the water"),
    _game(
        "starpilot", "StarPilot", (*_EIGHT_WAYS, "d", "a", "w", "s"), "right", "a ship in a shooter in space"
    ),
)
GAMES = {game.name: game for game in _ALL}
ACTIONS = tuple(dict.fromkeys(action for game in _ALL for action in game.actions))
"""Every action that some game has, by its keys."""
