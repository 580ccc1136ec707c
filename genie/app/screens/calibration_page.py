"""Giving keys to a world learned from video: it shows what each action does, the player says what should."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pygame

from genie.app import theme, view
from genie.app.canvas import Canvas
from genie.app.hints import Hint, hint_line
from genie.app.inputs import PAD, Input
from genie.app.keymap import key_label
from genie.app.motion import Trial, guess_keys, try_action
from genie.app.screens import widgets
from genie.app.screens.keys_page import UNTOUCHED
from genie.app.screens.screen import IDLE, Screen
from genie.app.settings import Calibration
from genie.app.worker import Worker

if TYPE_CHECKING:
    from genie.runtime.world import World

PAUSE = 0.4
"""Seconds between two runs of what an action does."""
HINTS = (
    Hint("press", "the keys it should be on", "press"),
    Hint("Enter", "as shown", "Start"),
    Hint("Tab", "no key", "Back"),
    Hint("Backspace", "back"),
    Hint("Esc", "leave", "B"),
)
ENTER = ("return", "enter", "pad start")
SKIP = ("tab", "pad back")
BACK = ("backspace",)
PAD_KEYS = {"pad left": "left", "pad right": "right", "pad up": "up", "pad down": "down", "pad a": "space"}
"""What a gamepad's buttons stand for: a world's keys are named after a keyboard's."""


class CalibrationPage(Screen):
    """One action after another; keys held together and let go are given to it, Enter takes the guess."""

    def __init__(
        self,
        title: str,
        load: Callable[[], "World"],
        actions: int,
        notify: Callable[[], None],
        accept: Callable[[Calibration], None],
    ) -> None:
        """`load` returns the world, which has that many actions; `notify` is called from another thread."""
        self.trials: list[Trial] = []
        self.place = 0
        """Which action is shown."""
        self.keys: dict[str, tuple[str, ...]] = {}
        self.idle = ""
        self.problem: BaseException | None = None
        self._title, self._count, self._accept = title, actions, accept
        self._down: list[str] = []
        self._chord: list[str] = []
        self._began = time.monotonic()
        self._picture = view.Picture()
        self._area = pygame.Rect(0, 0, 1, 1)
        self._shown = -1
        self._fps = 15.0
        self._world: World | None = None
        self._worker = Worker(notify)
        self._worker.submit(load, self._loaded, self._fail)

    @property
    def measuring(self) -> bool:
        """Whether the actions are still being tried."""
        return len(self.trials) < self._count

    def hear(self, pressed: Input) -> bool:
        """Take an input; return whether it was for this page."""
        self.stale = True
        if pressed.name in ("escape", "pad b"):
            return False
        name = PAD_KEYS.get(pressed.name, pressed.name)
        if self.measuring or self.closed:
            return True
        if pressed.down and pressed.name in ENTER:
            self._go_on()
        elif pressed.down and pressed.name in SKIP:
            self._give(())
        elif pressed.down and pressed.name in BACK:
            self._go(self.place - 1)
        elif name not in UNTOUCHED and not name.startswith(PAD):
            self._hold(name, down=pressed.down)
        return True

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event that is no key to be given."""
        self.stale = True
        if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE:
            self._close()

    def wait(self) -> float:
        """Return in how many seconds the picture moves."""
        return IDLE if self.measuring else 1 / self._fps

    def update(self) -> None:
        """Take what has been tried meanwhile."""
        if self._worker.collect():
            self.stale = True

    def draw(self, canvas: Canvas) -> None:
        """Draw everything."""
        self.stale = False
        view.clear(canvas)
        edge = canvas.px(24)
        title = canvas.fit(
            f"{self._title}: find its keys", canvas.rect.width - 2 * edge, theme.TITLE, bold=True
        )
        canvas.text(title, (edge, canvas.px(14)), theme.TITLE, bold=True)
        side = min(canvas.rect.height - canvas.px(170), canvas.rect.width - 2 * edge)
        if self.trials:
            side = view.crisp(side, self.trials[0].frames[0].shape[:2])
        self._area = pygame.Rect(0, canvas.px(54), side, side)
        self._area.centerx = canvas.rect.centerx
        canvas.surface.fill(theme.FIELD, self._area)
        widgets.frame_around(canvas, self._area, focused=False)
        if self.measuring:
            self._draw_measuring(canvas)
        else:
            self._draw_question(canvas)
            self._shown = -1
            self.move(canvas)

    def move(self, canvas: Canvas) -> list[pygame.Rect]:
        """Draw the next frame of what the action does."""
        if self.measuring or not canvas.rect.contains(self._area):
            return []
        frames = self.trials[self.place].frames
        run = len(frames) / self._fps + PAUSE
        number = min(len(frames) - 1, int((time.monotonic() - self._began) % run * self._fps))
        if number == self._shown:
            return []
        self._shown = number
        self._picture.blit(canvas, frames[number], self._area)
        return [self._area]

    def _draw_measuring(self, canvas: Canvas) -> None:
        said = "Trying out what can be done here …"
        canvas.text(said, self._area.center, color=theme.DIM, anchor="midbottom")
        bar = pygame.Rect(0, 0, self._area.width // 2, canvas.px(8))
        bar.midtop = (self._area.centerx, self._area.centery + canvas.px(10))
        canvas.panel(bar, (*theme.FIELD, 255), radius=4, line=theme.LINE)
        bar.width = bar.width * len(self.trials) // self._count
        canvas.panel(bar, (*theme.ACCENT, 255), radius=4)

    def _draw_question(self, canvas: Canvas) -> None:
        y = self._area.bottom + canvas.px(12)
        middle = canvas.rect.centerx
        said = f"{self.place + 1} of {self._count}: what should do this?"
        canvas.text(said, (middle, y), theme.LARGE, bold=True, anchor="midtop")
        y += canvas.px(30)
        keys = self._down or self.keys.get(self.trials[self.place].action, ())
        sizes = [canvas.key_size(key_label(key) if len(key) > 5 else key, 26) for key in keys]
        left = middle - (sum(width for width, _ in sizes) + canvas.px(5) * (len(sizes) - 1)) // 2
        for key, (width, height) in zip(keys, sizes, strict=True):
            canvas.key(key, pygame.Rect(left, y, width, height), lit=bool(self._down))
            left += width + canvas.px(5)
        if not keys:
            is_idle = self.trials[self.place].action == self.idle
            said = "nothing held" if is_idle else "no key"
            canvas.text(said, (middle, y + canvas.px(4)), color=theme.DIM, anchor="midtop")
        hint = hint_line(HINTS, by_pad=canvas.by_pad)
        foot = (middle, canvas.rect.bottom - canvas.px(10))
        canvas.text(
            canvas.fit(hint, canvas.rect.width - canvas.px(30), theme.SMALL),
            foot,
            theme.SMALL,
            theme.DIM,
            anchor="midbottom",
        )

    def _hold(self, name: str, *, down: bool) -> None:
        """Follow keys held together; when all are up again, they are what the action is on."""
        if down:
            self._down = [*(key for key in self._down if key != name), name]
            self._chord = list(self._down)
        elif name in self._down:
            self._down.remove(name)
            if not self._down:
                self._give(tuple(sorted(self._chord)))

    def _give(self, keys: tuple[str, ...]) -> None:
        action = self.trials[self.place].action
        self.keys = {other: had for other, had in self.keys.items() if had != keys and other != action}
        if keys:
            self.keys[action] = keys
        if keys and action == self.idle:
            self._choose_idle()
        elif not keys and self.idle in self.keys:
            self.idle = action
        self._go_on()

    def _choose_idle(self) -> None:
        """Take the action without keys that does least as the idle one, if any is left."""
        free = [trial for trial in self.trials if trial.action not in self.keys]
        if free:
            self.idle = min(free, key=lambda trial: trial.change).action

    def _go_on(self) -> None:
        if self.place + 1 < self._count:
            self._go(self.place + 1)
            return
        self.keys.pop(self.idle, None)
        self._accept(Calibration(idle=self.idle, keys=self.keys))
        self._close()

    def _go(self, place: int) -> None:
        self.place = max(0, place)
        self._began = time.monotonic()
        self._down, self._chord = [], []

    def _loaded(self, world: "World") -> None:
        self._world, self._fps = world, float(world.fps)
        self._try_next()

    def _try_next(self) -> None:
        world, action = self._world, len(self.trials)
        assert world is not None
        self._worker.submit(lambda: try_action(world, action), self._tried, self._fail)

    def _tried(self, trial: Trial) -> None:
        self.trials.append(trial)
        if self.measuring:
            self._try_next()
            return
        self.idle, self.keys = guess_keys(self.trials)
        self._began = time.monotonic()

    def _fail(self, error: BaseException) -> None:
        self.problem = error
        self._close()

    def _close(self) -> None:
        self.closed = True
        self._worker.close(timeout=0.0)
