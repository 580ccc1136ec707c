"""Quick saves: a few places of a world to come back to, now or another day."""

import shutil
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from genie.app.folders import slots_folder
from genie.app.keymap import Command
from genie.app.moment import Moment
from genie.app.session_plan import start_of
from genie.clips.atomic import replace_folder
from genie.clips.session_log import SUFFIX, read_session
from genie.clips.shelf import SessionCard, read_card
from genie.core.errors import ClipError

if TYPE_CHECKING:
    from genie.app.game import Game
    from genie.app.player import Player

COUNT = 9


class Saves:
    """The slots of one game's world, numbered from 1, and the one that is used without asking.

    A slot is a session file of a single line, which can be replayed and exported like any other.
    """

    def __init__(self, game: "Game") -> None:
        self._game = game
        self._folder = slots_folder(game.plan.manifest.world)
        self._here: dict[int, Moment] = {}
        """The moments of the present session that are in slots."""
        self.chosen = 1

    def path(self, number: int) -> Path:
        """Return where a slot is, or would be."""
        return self._folder / f"slot-{number}{SUFFIX}"

    def cards(self) -> list[SessionCard | None]:
        """Return what is in each slot, None for an empty one."""
        paths = [self.path(number) for number in range(1, COUNT + 1)]
        return [read_card(path) if path.exists() else None for path in paths]

    def save(self, number: int | None = None) -> None:
        """Keep the present frame in a slot, the chosen one by default."""
        number = self.chosen = number or self.chosen
        self._game.time.let_go()
        path = self.path(number)

        def saved(moment: Moment) -> None:
            self._here[number] = moment
            self._game.say(f"Saved in slot {number}.")

        self._game.order(lambda player: _write(player, path), saved)

    def load(self, number: int | None = None) -> None:
        """Go to the frame in a slot, the chosen one by default, and stand still there."""
        number = self.chosen = number or self.chosen
        kept, path = self._here.get(number), self.path(number)
        if kept is None and not path.exists():
            self._game.say(f"Slot {number} is empty.", is_error=True)
            return
        self._game.time.let_go()
        self._game.time.paused = True
        if kept is not None:
            self._game.time.travel(lambda player: _go_back(player, kept), self._returned)
            return

        def open_file(player: "Player") -> Moment:
            record = read_session(path)
            start = start_of(record, player.world.manifest.digest)
            return player.begin(replace(start, expand=player.start.expand), record)

        self._game.order(open_file, lambda moment: self._opened(number, moment))

    def forget_places(self, branch: int | None = None) -> None:
        """Another session has begun, or a branch is gone: those slots are found on disk from now on."""
        self._here = {at: kept for at, kept in self._here.items() if branch not in (None, kept.branch)}

    def _returned(self, moment: Moment) -> None:
        self._here[self.chosen] = moment
        self._game.show(moment)
        self._game.say(f"Slot {self.chosen}.")

    def _opened(self, number: int, moment: Moment) -> None:
        self._game.steering.take_over()
        self.forget_places()
        self._here[number] = moment
        self._game.time.begin_anew()
        self._game.show(moment)
        plays_on = self._game.presses.sentence(Command.PAUSE, "plays on")
        self._game.say(f"Slot {number}.{plays_on}")


def _go_back(player: "Player", kept: Moment) -> Moment:
    """Go to a place of the present session, under the words that it was left under."""
    player.go(kept.branch, kept.index)
    # Where nothing but the words was new, play since has made it a place under the words before.
    player.describe(kept.prompt, as_typed=True)
    return player.weigh(kept.strength)


def _write(player: "Player", path: Path) -> Moment:
    """Put what leads to the present frame into a slot, whole or not at all."""
    staged = path.with_name(f".{uuid.uuid4().hex[:8]}{SUFFIX}")
    try:
        player.save(staged)
        replace_folder(staged, path)
    except OSError as error:
        raise ClipError(f"Cannot save in {path}: {error.strerror}.") from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return player.moment()
