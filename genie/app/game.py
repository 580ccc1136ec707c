"""The state of play behind the window: what happens, and when, but not how it looks."""

import time
from collections.abc import Callable, Collection

import numpy as np

from genie.app.export_desk import ExportDesk
from genie.app.keymap import Command, KeyMap
from genie.app.moment import Moment
from genie.app.notice import Notice
from genie.app.orders import Orders
from genie.app.pacer import FrameRate, Pacer
from genie.app.plan import Plan, new_seed
from genie.app.player import Player
from genie.app.presses import Presses
from genie.app.repainting import GivenUp, Repainting
from genie.app.saves import Saves
from genie.app.script import Script
from genie.app.steering import Steering
from genie.app.time_controls import TimeControls
from genie.app.word_controls import WordControls
from genie.core.errors import GenieError


class Game:
    """One world being played: loads, steps at the world's pace, and does what commands ask.

    All methods belong to the thread that draws; frames are made in a worker. `notify` is called from other
    threads when `update` has something to collect. Check `failure` and `over` after every update.
    """

    def __init__(
        self, plan: Plan, notify: Callable[[], None], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.plan = plan
        self.steering = Steering(plan)
        self.moment: Moment | None = None
        """Where the session stands, or is about to."""
        self.action = plan.manifest.actions.idle
        """The action that led to the frame shown."""
        self.held_up = False
        """Play stands still while something else has the keyboard."""
        self.leaving = False
        self.over = False
        self.failure: BaseException | None = None
        self.notice: Notice | None = None
        self.presses = Presses(KeyMap(plan.manifest.actions))
        self.time = TimeControls(self)
        self.words = WordControls(self)
        self.saves = Saves(self)
        self.exports = ExportDesk(self, notify)
        self.repainting = Repainting(notify)
        self.rate = FrameRate()
        self.device = ""
        self._held: Callable[[], Collection[str]] = frozenset
        self._last_export = plan.export
        self._told_trouble = ""
        self._preview: np.ndarray | None = None
        self._notify = notify
        self._clock = clock
        self._pacer = Pacer(plan.fps)
        self.orders = Orders(notify, self.refuse, self._fail)
        self.orders.load(self._load, self._loaded)
        if plan.note:
            self.say(plan.note)

    # What the window asks.

    @property
    def loading(self) -> bool:
        """Whether there is nothing to show yet."""
        return self.moment is None

    @property
    def busy(self) -> bool:
        """Whether the worker has something in hand."""
        return self.orders.busy

    @property
    def shown(self) -> Moment | None:
        """What to show: where the session stands, or what is looked at instead; None while loading."""
        return self.time.scrub.moment if self.time.scrub else self.moment

    @property
    def frame(self) -> np.ndarray | None:
        """The frame to show, uint8 [height, width, 3], or None while loading."""
        return self.shown.frame if self.shown else None

    @property
    def sight(self) -> np.ndarray | None:
        """What there is to see, uint8 [height, width, 3]: what is being painted, the frame, or a preview."""
        seen = self.repainting.shown or self.shown
        return seen.frame if seen else self._preview

    @property
    def index(self) -> int:
        """The number of the frame shown."""
        return self.shown.index if self.shown else 0

    @property
    def script(self) -> Script | None:
        """What is done without the player, while it is."""
        return self.steering.script

    def wait(self) -> float:
        """Return for how many seconds nothing is due, unless an event or a notification comes first."""
        now = self._clock()
        idle = 0.25
        if self.notice:
            idle = min(idle, max(0.0, self.notice.until - now))
        moving = self.time.moving and not (self.leaving or (self.held_up and not self.time.scrub))
        if self.loading or self.busy or not moving:
            return idle
        return min(idle, self._pacer.wait(now))

    def update(self, held: Callable[[], Collection[str]]) -> None:
        """Collect what other threads have done and begin what is due; `held()` gives the keys held."""
        self._held = held
        self.orders.collect()
        if not self.busy:
            self.repainting.end()
        self.exports.collect()
        now = self._clock()
        if self.notice and now >= self.notice.until:
            self.notice = None
        player = self.orders.player
        if self.busy or player is None:
            self.over = self.over or (self.leaving and player is None)
        elif self.leaving:
            self._leave_on()
        else:
            self._tell_trouble(player)
            self._play_on(now)

    def close(self) -> None:
        """Give up a running export, finish the frame in hand and close the recording."""
        self.repainting.give_up()
        self.exports.close()
        self.orders.close()

    def say(self, text: str, *, is_error: bool = False) -> None:
        """Show a line of news."""
        self.notice = Notice.lasting(text, self._clock(), is_error=is_error)

    def order(self, job: Callable[[Player], object], then: Callable[..., None]) -> None:
        """Have the worker do something with the player; `then` gets what comes of it, in this thread."""
        self.orders.give(job, then)

    def order_here(self, job: Callable[[Player], object], then: Callable[..., None]) -> None:
        """The same for what names a place in the session shown: nothing if another one has begun by then."""
        if self.moment is not None:
            self.orders.give_about(self.moment.session, job, then)

    def now(self) -> float:
        """Return the time, in seconds of the game's clock."""
        return self._clock()

    def show(self, moment: Moment) -> None:
        """Take a moment as the present."""
        self.moment = moment

    def pace(self, fps: float) -> None:
        """Play at another rate from now on."""
        self._pacer = Pacer(fps)
        self.rate.clear()

    # Commands; those that concern time are in `time`, those that concern words in `words`.

    def reset(self) -> None:
        """Begin again: with the seed and the words as they are now, or as the script began."""
        start = self.plan.start if self.script else None
        self.order(lambda player: player.begin(start) if start else player.restart(), self._restarted)

    def another_start(self) -> None:
        """Begin again with the next first frame for the present words; after the last, with a new seed."""
        if self.loading:
            return
        self.steering.take_over()
        seed = new_seed()
        self.order(lambda player: player.another(seed), self._restarted)

    def paint(self, frame: np.ndarray) -> None:
        """Go on from `frame`, uint8 [height, width, 3], which takes the next frame's place."""
        if self.loading:
            return
        idle = self.plan.manifest.actions.index(self.plan.manifest.actions.idle.name)
        self.steering.take_over()
        self.order(lambda player: player.step(idle, given=frame), self.show)

    def step_now(self) -> None:
        """Play one frame, whatever the time; nothing happens while another is being made."""
        if not (self.loading or self.busy):
            self._step()

    def leave(self) -> None:
        """End the game, finishing a running export first; asked again, give that export up."""
        if self.leaving:
            self._last_export = None
            self.exports.cancel()
            return
        self.time.let_go()
        self.repainting.give_up()
        self.leaving = True

    def _leave_on(self) -> None:
        """Write what `--export` asked for, once nothing else is being written, then be over."""
        if self.exports.running is not None:
            return
        path, self._last_export = self._last_export, None
        if path is None:
            self.over = True
        else:
            self.exports.write(path)

    # Jobs of the worker and what comes of them.

    def _load(self) -> Player:
        plan = self.plan
        self._preview = plan.preview()
        self._notify()
        return Player(plan.load(), plan.start, plan.recorder, plan.resumed, self.repainting.show)

    def _loaded(self, player: Player) -> None:
        self.device = player.world.device
        self.moment = player.moment()
        self.steering.begin(self.moment, self.device)
        if self.plan.resumed is not None:
            self.time.paused = True
            note = self.plan.note or (self.plan.recorder.note if self.plan.recorder else "")
            plays_on = self.presses.sentence(Command.PAUSE, "plays on")
            self.say(f"Here you left it.{plays_on} {note[:1].upper()}{note[1:]}")
        else:
            self.words.say_reading()

    def _play_on(self, now: float) -> None:
        if self.time.scrub is not None:
            if self.time.scrub.way and self._pacer.take(now):
                self.time.scrub.move()
        elif not (self.time.paused or self.held_up) and self._pacer.take(now):
            self._step()

    def _step(self) -> None:
        assert self.moment is not None
        index = self.moment.index
        if self.plan.limit is not None and index >= self.plan.limit:
            self.leave()
            return
        deed = self.steering.decide(index, self._held())
        if deed is None:
            self._end_script()
            return
        self.action = self.plan.manifest.actions[deed.action]
        self.orders.step(
            lambda player: player.step(deed.action, deed.prompt, deed.given, deed.strength), self._stepped
        )

    def _end_script(self) -> None:
        news = self.steering.end_script()
        if news:
            self.time.paused = True
            self.say(news + self.presses.sentence(Command.PAUSE, "plays on from this frame"))

    def _stepped(self, moment: Moment) -> None:
        self.moment = moment
        self.rate.add(self._clock(), moment.seconds)
        self.steering.see(moment)

    def _restarted(self, moment: Moment) -> None:
        self.moment = moment
        self.action = self.plan.manifest.actions.idle
        self.time.begin_anew()
        self.saves.forget_places()
        player = self.orders.player
        assert player is not None
        choices, choice = player.choices, player.start.choice + 1
        of_words = f"start {choice} of {choices} for these words" if choices > 1 else "a new start"
        self.say(f"{of_words.capitalize()}, seed {moment.seed}.")

    def _tell_trouble(self, player: Player) -> None:
        if player.trouble != self._told_trouble:
            self._told_trouble = player.trouble
            self.say(player.trouble, is_error=True)

    def refuse(self, error: BaseException) -> None:
        """Say what could not be done; what is no fault of the player's ends the game."""
        is_given_up = isinstance(error, GivenUp)
        if not is_given_up and (self.leaving or not isinstance(error, GenieError)):
            self._fail(error)
            return
        self.say(str(error), is_error=not is_given_up)
        self.time.stay()

    def _fail(self, error: BaseException) -> None:
        if not isinstance(error, GivenUp):
            self.failure = error
        self.over = True
