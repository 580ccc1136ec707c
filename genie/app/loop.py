"""The window's loop: events in, pictures out, and the game in between."""

from pathlib import Path

import pygame

from genie.app import hud, view, waiting
from genie.app.boxes import Boxes
from genie.app.canvas import Canvas
from genie.app.command_table import command_table
from genie.app.game import Game
from genie.app.help_card import HelpCard
from genie.app.inputs import KEYBOARD_AND_MOUSE, Gamepads, Input, Keyboard, key_input, menu_event
from genie.app.keymap import Command, HeldKeys, KeyMap
from genie.app.modal import Modal
from genie.app.plan import Plan
from genie.app.prompt_box import PromptBox
from genie.app.screens.keys_page import KeysPage
from genie.app.screens.screen import Screen
from genie.app.scrub_bar import ScrubBar
from genie.app.settings import SettingsFile

HELD_COMMANDS = (Command.REWIND, Command.REDO)
"""What goes on for as long as its key is held."""
WAKE = pygame.event.custom_type()
"""Posted by other threads when the game has something to collect."""


class Loop:
    """Runs a game in a pygame display that is already open."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        settings: SettingsFile | None = None,
        pads: Gamepads | None = None,
        keyboard: Keyboard | None = None,
    ) -> None:
        """Exports asked for in the window go into `folder`."""
        settings = settings or SettingsFile()
        self.game = Game(plan, notify=wake)
        self.boxes = Boxes(self.game, settings, folder, self._open)
        self.game.presses.keys = self.boxes.keys
        self.held = HeldKeys()
        self.game.time.goes_on = self.held.forget_taps
        self.modal: Modal | None = None
        self.show_hud = True
        self._pads, self._keyboard = pads or Gamepads(), keyboard or Keyboard()
        self._holding: str | None = None
        """The input that leads through time for as long as it is held."""
        self._seen: tuple[object, ...] = (None,) * 8
        """What there was to see when it was last looked at."""
        self._picture = view.Picture()
        self._scrub_bar = ScrubBar(self.game)
        self._canvas = Canvas(pygame.display.get_surface())
        self._commands = command_table(self.game, self.boxes, self._toggle_hud)
        if plan.script is None and plan.limit is None:
            self.boxes.introduce()
        if note := settings.take_note():
            self.game.say(note, is_error=True)

    def run(self) -> None:
        """Play until the game is over; raises what made it fail. Close the game afterwards in any case."""
        while not self.game.over:
            self.tick()
        if self.game.failure is not None:
            raise self.game.failure

    def tick(self) -> None:
        """Wait for the next thing to happen, deal with it and draw."""
        wait = self.game.wait()
        if isinstance(self.modal, Screen):
            wait = min(wait, self.modal.wait())
        first = pygame.event.wait(max(1, round(wait * 1000)))
        events = [event for event in (first, *pygame.event.get()) if event.type != pygame.NOEVENT]
        heard = [self.handle(event) for event in events]
        self.game.held_up = self.modal is not None
        self.game.update(self.held.sample)
        if isinstance(self.modal, Screen):
            self.modal.update()
            if self.modal.closed:
                self._close_modal()
        if any(heard) or self._has_changed():
            self.draw()

    def handle(self, event: pygame.event.Event) -> bool:
        """Deal with one event; return whether anything can come of it."""
        if self._keyboard.repeats(event):
            return False
        if event.type in KEYBOARD_AND_MOUSE:
            self._by_pad(False)
        if event.type == pygame.QUIT:
            self._close_modal()
            self.boxes.to_worlds = False
            self.game.leave()
        elif event.type == pygame.WINDOWFOCUSLOST:
            self._let_go()
        elif event.type == pygame.CONTROLLERDEVICEREMOVED:
            self._lose_pad(event)
        elif event.type in (pygame.KEYUP, pygame.KEYDOWN):
            self._input(key_input(event), event)
        elif inputs := self._pads.read(event):
            self._by_pad(True)
            for pressed in inputs:
                self._input(pressed, menu_event(pressed))
        elif event.type == pygame.CONTROLLERAXISMOTION:
            return False  # a stick is never quite still
        elif self.modal is not None:
            self._to_modal(event)
        elif event.type == pygame.DROPFILE and not self.game.leaving:
            self.boxes.drop(Path(event.file))
        else:
            self._scrub_bar.handle(event)
        return True

    @property
    def keys(self) -> KeyMap:
        """What is pressed for what."""
        return self.game.presses.keys

    def _by_pad(self, is_so: bool) -> None:
        self._canvas.by_pad = self.game.presses.by_pad = is_so

    def _has_changed(self) -> bool:
        """Whether there is anything new to see although nothing was pressed."""
        game, before = self.game, self._seen
        stale = isinstance(self.modal, Screen) and self.modal.stale
        news = (game.notice, game.loading, game.leaving, game.exports.running, game.time.travelling)
        self._seen = (game.shown, game.sight, self.modal, *news)
        return stale or any(a is not b for a, b in zip(before, self._seen, strict=True))

    def draw(self) -> None:
        """Draw everything and show it."""
        surface = pygame.display.get_surface()
        if surface is None:
            return
        canvas = self._canvas
        canvas.aim(surface)
        view.clear(canvas)
        frame = self.game.sight
        picture = canvas.rect
        if frame is not None:
            picture = self._picture.draw(canvas, frame)
        painting = self.game.repainting.shown
        if self.modal is None and not self.game.leaving:
            if waiting.waits_for(self.game):
                waiting.draw_waiting(canvas, self.game, picture)
            elif self.show_hud:
                hud.draw_hud(canvas, self.game, self.held.names, picture)
        if self.modal is None and painting is None and (self.show_hud or self.game.time.scrub):
            self._scrub_bar.draw(canvas)
        if self.game.leaving:
            hud.draw_leaving(canvas, self.game)
        else:
            hud.draw_export(canvas, self.game)
        if isinstance(self.modal, HelpCard):
            self.modal.waits_for, self.modal.sight = waiting.waits_for(self.game), self.game.sight
        if self.modal is not None:
            self.modal.draw(canvas)
        if self.modal is None or self.game.loading:
            hud.draw_notice(canvas, self.game)
        pygame.display.flip()

    def _input(self, pressed: Input | None, event: pygame.event.Event | None) -> None:
        """Deal with a key or button, and with the key event that stands for it in boxes."""
        if pressed is not None and not pressed.down:
            self._release(pressed)
            if self.modal is not None and event is not None:
                self.modal.handle(event)
        elif isinstance(self.modal, KeysPage) and pressed is not None and self.modal.hear(pressed):
            self.game.presses.keys = self.boxes.keys
        elif self.modal is not None:
            if event is not None:
                self._to_modal(event, pressed)
        elif pressed is not None:
            self._press(pressed)

    def _press(self, pressed: Input) -> None:
        name = self.keys.key_name(pressed)
        if name is not None:
            self.held.press(pressed.name, name)
            return
        command = self.keys.command(pressed)
        if self.game.repainting.shown is not None and command is Command.MENU:
            self._give_up_painting()
        elif self.game.leaving:
            if command in (Command.QUIT, Command.MENU):
                self.game.leave()  # once more: without the export
        elif command is not None:
            self._commands[command]()
            self._holding = pressed.name if command in HELD_COMMANDS else self._holding

    def _give_up_painting(self) -> None:
        """Stay with what there is; where there is nothing yet, with the other worlds."""
        if self.game.loading:
            self.boxes.leave_to_worlds()
        else:
            self.game.repainting.give_up()

    def _release(self, pressed: Input) -> None:
        self.held.release(pressed.name)
        if pressed.name == self._holding:
            self._stop_moving()

    def _lose_pad(self, event: pygame.event.Event) -> None:
        """A gamepad was pulled out: play waits until there are hands on something again."""
        for pressed in self._pads.read(event):
            self._release(pressed)
        if not self.game.time.paused:
            self.game.time.toggle_pause()
        self._by_pad(False)
        self.game.say(f"The gamepad is gone: paused.{self.game.presses.sentence(Command.PAUSE, 'plays on')}")

    def _to_modal(self, event: pygame.event.Event, pressed: Input | None = None) -> None:
        modal = self.modal
        assert modal is not None
        key = key_input(event) if event.type == pygame.KEYDOWN else None
        if isinstance(modal, HelpCard) and key is not None and self.game.loading:
            # Nothing to play yet; only leaving makes sense.
            command = self.keys.command(key)
            if command is Command.MENU and self.game.repainting.shown is not None:
                self._give_up_painting()
            elif command in (Command.QUIT, Command.MENU):
                self.game.leave()
            return
        modal.handle(event)
        if modal.closed and modal is self.modal:  # it may have opened another
            self._close_modal()
            if isinstance(modal, HelpCard):
                self._after_help(pressed)

    def _after_help(self, pressed: Input | None) -> None:
        """The key that closes the card counts, unless it was only meant to close it."""
        self.boxes.introduced()
        meant_to_close = (Command.HELP, Command.PROMPT, Command.MENU)
        if pressed is not None and self.keys.command(pressed) not in meant_to_close:
            self._press(pressed)

    def _close_modal(self) -> None:
        if isinstance(self.modal, PromptBox):
            pygame.key.stop_text_input()
            pygame.key.set_repeat()
        self.game.presses.keys = self.boxes.keys
        self.modal = None
        pygame.event.set_blocked(pygame.MOUSEMOTION)  # nothing in play follows the mouse

    def _let_go(self) -> None:
        """No key can be heard any more: none is held, and nothing is dragged."""
        self.held.clear()
        self._stop_moving()
        self._scrub_bar.drop()

    def _stop_moving(self) -> None:
        """The input that leads through time has come up."""
        if self._holding is not None:
            self._holding = None
            self.game.time.let_go()

    def _open(self, modal: Modal) -> None:
        if self.modal is not None and not self.modal.closed:
            return  # it was asked for before that one was, and comes too late
        self._let_go()
        self.modal = modal
        self.game.held_up = True
        pygame.event.set_allowed(pygame.MOUSEMOTION)

    def _toggle_hud(self) -> None:
        self.show_hud = not self.show_hud


def wake() -> None:
    """End the wait for events: there is something to collect."""
    # From another thread, possibly while the display is being closed: then nobody is waiting any more.
    if pygame.display.get_init():
        try:
            pygame.event.post(pygame.event.Event(WAKE))
        except pygame.error:
            return
