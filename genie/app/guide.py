"""What the map of branches asks the game for."""

from collections.abc import Callable

import numpy as np

from genie.app.game import Game


class GameGuide:
    """Shows frames of any branch, goes there, and hands two of them on to be exported."""

    def __init__(self, game: Game, export: Callable[[int, int], None]) -> None:
        self._game = game
        self.export = export

    def picture(self, branch: int, frame: int, show: Callable[[np.ndarray], None]) -> None:
        """Have a frame of a branch's line handed to `show` soon."""
        self._game.order(lambda player: player.picture(branch, frame), show)

    def go(self, branch: int, frame: int) -> None:
        """Go there and stand still."""
        self._game.time.paused = True
        self._game.time.go(branch, frame)
