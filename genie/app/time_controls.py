"""What the player does with time: stand still, go slower or faster, look back, go to another branch."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from genie.app.keymap import Command
from genie.app.moment import Moment
from genie.app.scrub import Scrub

if TYPE_CHECKING:
    from genie.app.game import Game
    from genie.app.player import Player

NOTICED = 0.3
"""Seconds that nobody takes for a delay."""
MOST = 2**31
"""Further than any line is long."""
SPEEDS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class TimeControls:
    """The commands of one game that concern time; the game asks it how time passes."""

    def __init__(self, game: "Game") -> None:
        self._game = game
        self._place = SPEEDS.index(1.0)
        self.paused = False
        self.goes_on: Callable[[], None] = lambda: None
        """Called when play goes on after it stood still, or after another time was looked at."""
        self._left: float | None = None
        """When the session set out for another frame, until it is there."""
        self._trips = 0
        """How often it has set out."""
        self.scrub: Scrub | None = None
        self.span: tuple[int, int] | None = None
        """The first and last frame of a part that was marked, of whatever line is played."""

    @property
    def speed(self) -> float:
        """How fast time passes; 1 is the world's own pace."""
        return SPEEDS[self._place]

    @property
    def moving(self) -> bool:
        """Whether there is something to do at every tick."""
        return bool(self.scrub.way) if self.scrub else not self.paused

    def toggle_pause(self) -> None:
        """Stand still, or go on."""
        self.let_go()
        self.paused = not self.paused
        if not self.paused:
            self.goes_on()
        self._game.rate.clear()

    def step_once(self) -> None:
        """Play one frame with the keys held now, and stand still."""
        self.let_go()
        self.paused = True
        self._game.step_now()

    def back_once(self) -> None:
        """Go one frame back, and stand still."""
        self._nudge(-1)

    def forward_once(self) -> None:
        """Go one frame forward on what was played already, and stand still."""
        self._nudge(1)

    def slower(self) -> None:
        """Let time pass half as fast."""
        self._change_speed(-1)

    def faster(self) -> None:
        """Let time pass twice as fast."""
        self._change_speed(1)

    def mark_start(self) -> None:
        """Let the part that is marked begin at the frame shown."""
        here, (_, last) = self._game.index, self.span or (0, MOST)
        self._mark(here, last if last >= here else MOST)

    def mark_end(self) -> None:
        """Let the part that is marked end at the frame shown."""
        here, (first, _) = self._game.index, self.span or (0, MOST)
        self._mark(first if first <= here else 0, here)

    def begin_anew(self) -> None:
        """Another session has begun."""
        self.scrub = self.span = self._left = None

    def begin_rewind(self) -> None:
        """Go back for as long as nobody says `let_go`."""
        self._begin(-1)

    def begin_forward(self) -> None:
        """Go forward on what was played already for as long as nobody says `let_go`."""
        self._begin(1)

    def look_at(self, index: int) -> None:
        """Look at a frame of the present line, until `let_go`."""
        self._begin(0)
        if self.scrub:
            self.scrub.to(index)

    def let_go(self) -> None:
        """Go on from the frame looked at."""
        scrub, self.scrub = self.scrub, None
        moment = self._game.moment
        if scrub is not None:
            self.goes_on()
        if scrub is not None and moment is not None and scrub.place != (moment.branch, moment.index):
            # Shown at once; the session follows as soon as the worker is free.
            self._game.moment = scrub.moment
            self.go(*scrub.place)
        self._game.rate.clear()

    def go(self, branch: int, frame: int) -> None:
        """Go to a frame of a branch's line."""
        self.travel(lambda player: player.go(branch, frame), self._game.show)

    def travel(self, way: Callable[["Player"], Moment], then: Callable[[Moment], None]) -> None:
        """Have the player go somewhere in the present session; `then` is told where it came to."""
        self._left = self._game.now()
        self._trips += 1
        self._game.order_here(way, self._arriving(then))

    def stay(self) -> None:
        """Show where the session stands, which did not get to where it was going."""
        self._game.order(lambda player: player.moment(), self._arriving(self._game.show))

    @property
    def under_way(self) -> bool:
        """Whether the session does not stand yet where it is shown to."""
        return self._left is not None

    @property
    def travelling(self) -> bool:
        """Whether the session has been on its way to another frame for long enough to be noticed."""
        left = self._left
        return left is not None and self._game.busy and self._game.now() - left > NOTICED

    def _arriving(self, then: Callable[[Moment], None]) -> Callable[[Moment], None]:
        """Return what takes the moment arrived at: nobody is told once another trip has begun."""
        trip = self._trips

        def arrived(moment: Moment) -> None:
            if trip == self._trips:
                self._left = None
                then(moment)

        return arrived

    def _mark(self, first: int, last: int) -> None:
        self.span = (first, last)
        fps = self._game.plan.fps
        until = "the end" if last == MOST else f"{last / fps:.1f} s"
        exports = self._game.presses.sentence(Command.EXPORT, "exports it")
        self._game.say(f"Marked from {first / fps:.1f} s to {until}.{exports}")

    def _begin(self, way: int) -> None:
        moment = self._game.moment
        if moment is None or self._game.leaving:
            return
        if self.scrub is None:
            self.scrub = Scrub(moment, self._game.plan.fps, self._ask)
        self.scrub.way = way

    def _ask(self, index: int) -> None:
        scrub = self.scrub
        assert scrub is not None
        branch, _ = scrub.place  # not where the session stands: a step may just have begun another branch

        def show(frame: object) -> None:
            if scrub is self.scrub:
                scrub.show(index, frame)  # type: ignore[arg-type]

        self._game.order_here(lambda player: player.picture(branch, index), show)

    def _nudge(self, frames: int) -> None:
        moment = self._game.moment
        if moment is not None:
            self.paused = True
            self.look_at((self.scrub.index if self.scrub else moment.index) + frames)
            self.let_go()

    def _change_speed(self, places: int) -> None:
        self._place = min(len(SPEEDS) - 1, max(0, self._place + places))
        self._game.pace(self._game.plan.fps * self.speed)
        self._game.say(f"Speed {speed_name(self.speed)}")


def speed_name(speed: float) -> str:
    """Return a speed as people write it: "2x", "½x"."""
    names = {0.125: "⅛", 0.25: "¼", 0.5: "½"}
    return f"{names.get(speed, f'{speed:g}')}x"
