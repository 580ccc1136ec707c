"""What the player does with words: say something else, and have it count for more or less."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from genie.app.moment import Moment
from genie.app.strength_dial import said_of, turned
from genie.core.prompt_reading import Reading

if TYPE_CHECKING:
    from genie.app.game import Game
    from genie.app.player import Player


class WordControls:
    """The commands of one game that concern its prompt."""

    def __init__(self, game: "Game") -> None:
        self._game = game

    @property
    def usual_strength(self) -> float:
        """How much words count in this world unless somebody says otherwise."""
        return self._game.plan.manifest.strength

    def describe(self, prompt: str, *, as_typed: bool = False) -> None:
        """Change the prompt from the next frame on; nothing happens while loading."""
        if self._game.loading:
            return
        self._game.steering.take_over()
        self._game.order(lambda player: player.describe(prompt, as_typed=as_typed), self._described)

    def weigh(self, strength: float) -> None:
        """Have words count so much from the next frame on."""
        self._weigh(lambda player: strength)

    def strengthen(self) -> None:
        """Have words count one step more."""
        self._turn(1)

    def weaken(self) -> None:
        """Have words count one step less."""
        self._turn(-1)

    def read(self, prompt: str) -> Reading | None:
        """How a prompt would be read, or None while nothing is loaded or for what is no prompt."""
        player = self._game.orders.player
        return player.read(prompt) if player else None

    def say_reading(self) -> None:
        """Tell how the prompt in force was read, if there is anything to tell."""
        player = self._game.orders.player
        note = player.reading.note if player else ""
        if note:
            self._game.say(note[0].upper() + note[1:])

    def _turn(self, way: int) -> None:
        self._game.time.let_go()
        # From where the player's thread stands: this may be asked for again before the last step is taken.
        self._weigh(lambda player: turned(player.strength, way, self.usual_strength))

    def _weigh(self, strength: "Callable[[Player], float]") -> None:
        if self._game.loading:
            return
        self._game.steering.take_over()
        self._game.order(lambda player: player.weigh(strength(player)), self._weighed)

    def _described(self, moment: Moment) -> None:
        self._game.show(moment)
        self.say_reading()

    def _weighed(self, moment: Moment) -> None:
        self._game.show(moment)
        self._game.say(said_of(moment.strength, self.usual_strength))
