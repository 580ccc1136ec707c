"""What the map of branches asks the game for."""

from collections.abc import Callable

import numpy as np

from genie.app.game import Game
from genie.app.moment import Moment
from genie.app.outline import Outline, outline_of
from genie.app.player import Player


class GameGuide:
    """Shows frames of any branch, goes there, and hands two of them on to be exported."""

    def __init__(self, game: Game, session: int, export: Callable[[int, int], None]) -> None:
        """`session` is the number of the one that the map is of: another's branches are others."""
        self._game, self._session = game, session
        self.export = export

    @property
    def is_over(self) -> bool:
        """Whether another session is played by now."""
        return self._game.moment is not None and self._game.moment.session != self._session

    def picture(self, branch: int, frame: int, show: Callable[[np.ndarray], None]) -> None:
        """Have a frame of a branch's line handed to `show` soon."""
        self._order(lambda player: player.picture(branch, frame), show)

    def remove(self, branch: int, show: Callable[[Outline], None]) -> None:
        """Remove a branch, and hand what is left to `show`; play stands still where that moved it."""
        self._game.saves.forget_places(branch)
        self._change(lambda player: player.remove(branch), show)

    def bring_back(self, show: Callable[[Outline], None]) -> None:
        """Undo the last removal."""
        self._change(lambda player: player.bring_back(), show)

    def _change(self, change: Callable[[Player], Moment], show: Callable[[Outline], None]) -> None:
        before = self._game.moment

        def changed(found: tuple[Moment, Outline]) -> None:
            moment, outline = found
            if before is None or (moment.branch, moment.index) != (before.branch, before.index):
                self._game.time.paused = True
            self._game.show(moment)
            show(outline)

        self._order(lambda player: (change(player), outline_of(player.tree, player.start.prompt)), changed)

    def _order(self, job: Callable[[Player], object], then: Callable[..., None]) -> None:
        self._game.orders.give_about(self._session, job, then)

    def go(self, branch: int, frame: int) -> None:
        """Go there and stand still."""
        if not self.is_over:
            self._game.time.paused = True
            self._game.time.go(branch, frame)
