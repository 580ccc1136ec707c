"""What the player in the other thread is asked to do, and what comes of it."""

from collections.abc import Callable
from typing import Any

from genie.app.player import Player
from genie.app.worker import Worker

OVERTAKEN = object()
"""What comes of an order about a session that has made room for another."""


class Orders:
    """Has one player loaded and led from a thread of its own; results are handed back in `collect`.

    All methods belong to the thread that draws. What an order fails with goes to `refuse`; what the world
    itself fails with, to `fail`. `notify` is called from the other thread when there is something to collect.
    """

    def __init__(
        self,
        notify: Callable[[], None],
        refuse: Callable[[BaseException], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        self.player: Player | None = None
        """None while it is being loaded."""
        self._made: Player | None = None  # by the other thread, collected or not
        self._refuse, self._fail = refuse, fail
        self._worker = Worker(notify)

    @property
    def busy(self) -> bool:
        """Whether something was ordered that has not come of yet."""
        return self._worker.busy

    def load(self, load: Callable[[], Player], then: Callable[[Player], None]) -> None:
        """Have the player made, the first of all orders."""

        def made() -> Player:
            self._made = load()
            return self._made

        def loaded(player: Player) -> None:
            self.player = player
            then(player)

        self._worker.submit(made, loaded, self._fail)

    def give(self, job: Callable[[Player], Any], then: Callable[..., None]) -> None:
        """Have `job` done with the player, and what comes of it handed to `then`; nothing while loading."""
        player = self.player
        if player is not None:
            self._worker.submit(lambda: job(player), then, self._refuse)

    def give_about(self, session: int, job: Callable[[Player], Any], then: Callable[..., None]) -> None:
        """Have `job` done unless the player has begun another session by then, whose places are others."""

        def done(found: object) -> None:
            if found is not OVERTAKEN:
                then(found)

        self.give(lambda player: job(player) if player.session == session else OVERTAKEN, done)

    def step(self, job: Callable[[Player], Any], then: Callable[..., None]) -> None:
        """Have a frame played; a world that cannot is the end of the game."""
        player = self.player
        assert player is not None
        self._worker.submit(lambda: job(player), then, self._fail)

    def collect(self) -> None:
        """Hand over what has come of orders."""
        self._worker.collect()

    def close(self) -> None:
        """Finish the order in hand, drop the others, and close the player's recording."""
        self._worker.close()
        if self._made is not None:
            self._made.close()
