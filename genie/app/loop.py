"""The window's loop: events in, pictures out, and the game in between."""

from collections.abc import Callable
from pathlib import Path

import pygame

from genie.app import hud, view
from genie.app.canvas import Canvas
from genie.app.export_box import ExportBox
from genie.app.game import Game
from genie.app.help_card import HelpCard
from genie.app.keymap import Command, HeldKeys, KeyMap
from genie.app.modal import Modal
from genie.app.plan import Plan
from genie.app.prompt_box import PromptBox

HELD_COMMANDS = (Command.REWIND, Command.REDO)
"""What goes on for as long as its key is held."""
WAKE = pygame.event.custom_type()
"""Posted by other threads when the game has something to collect."""


class Loop:
    """Runs a game in a pygame display that is already open."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        """Exports asked for in the window go into `folder`."""
        self.game = Game(plan, notify=_wake)
        self.keys = KeyMap(plan.manifest.actions)
        self.held = HeldKeys()
        self.modal: Modal | None = None
        self.show_hud = True
        self._holding: int | None = None
        """The key that leads through time for as long as it is held."""
        self._folder = folder
        self._picture = view.Picture()
        self._canvas = Canvas(pygame.display.get_surface())
        self._prompts: list[str] = []
        self._commands = self._command_table()
        if plan.script is None and plan.limit is None:
            self._show_help()

    def run(self) -> None:
        """Play until the game is over; raises what made it fail. Close the game afterwards in any case."""
        while not self.game.over:
            self.tick()
        if self.game.failure is not None:
            raise self.game.failure

    def tick(self) -> None:
        """Wait for the next thing to happen, deal with it and draw."""
        wait = max(1, round(self.game.wait() * 1000))
        first = pygame.event.wait(wait)
        for event in (first, *pygame.event.get()):
            self.handle(event)
        self.game.held_up = self.modal is not None
        self.game.update(self.held.sample)
        self.draw()

    def handle(self, event: pygame.event.Event) -> None:
        """Deal with one event."""
        if event.type == pygame.QUIT:
            self._close_modal()
            self.game.leave()
        elif event.type == pygame.WINDOWFOCUSLOST:
            self._let_go()
        elif event.type == pygame.KEYUP:
            self._key_up(event)
        elif self.modal is not None:
            self._to_modal(event)
        elif event.type == pygame.KEYDOWN:
            self._key_down(event)

    def draw(self) -> None:
        """Draw everything and show it."""
        surface = pygame.display.get_surface()
        if surface is None:
            return
        canvas = self._canvas
        canvas.aim(surface)
        view.clear(canvas)
        frame = self.game.frame
        picture = canvas.rect
        if frame is not None:
            picture = self._picture.draw(canvas, frame)
            if self.show_hud:
                hud.draw_hud(canvas, self.game, self.held.names, picture)
        hud.draw_export(canvas, self.game)
        if self.game.leaving:
            hud.draw_leaving(canvas, self.game)
        elif isinstance(self.modal, HelpCard):
            self.modal.ready = not self.game.loading
        if self.modal is not None:
            self.modal.draw(canvas)
        elif self.game.loading:
            hud.draw_loading(canvas, self.game)
        if self.modal is None or self.game.loading:
            hud.draw_notice(canvas, self.game)
        pygame.display.flip()

    def _command_table(self) -> dict[Command, Callable[[], None]]:
        game, time = self.game, self.game.time
        return {
            Command.PAUSE: time.toggle_pause,
            Command.STEP: time.step_once,
            Command.BACK: time.back_once,
            Command.FORWARD: time.forward_once,
            Command.SLOWER: time.slower,
            Command.FASTER: time.faster,
            Command.REWIND: time.begin_rewind,
            Command.REDO: time.begin_forward,
            Command.RESET: game.reset,
            Command.NEW_SEED: game.new_seed,
            Command.PROMPT: self._ask_prompt,
            Command.EXPORT: self._ask_export,
            Command.HUD: self._toggle_hud,
            Command.HELP: self._show_help,
            Command.QUIT: game.leave,
        }

    def _key_down(self, event: pygame.event.Event) -> None:
        modifiers = getattr(event, "mod", 0)
        name = self.keys.key_name(event.key, modifiers)
        if name is not None:
            self.held.press(event.key, name)
            return
        command = self.keys.command(event.key, modifiers)
        if command is not None and (not self.game.leaving or command is Command.QUIT):
            self._commands[command]()
            self._holding = event.key if command in HELD_COMMANDS else self._holding

    def _key_up(self, event: pygame.event.Event) -> None:
        self.held.release(event.key)
        if event.key == self._holding:
            self._stop_moving()

    def _to_modal(self, event: pygame.event.Event) -> None:
        modal = self.modal
        assert modal is not None
        if isinstance(modal, HelpCard) and event.type == pygame.KEYDOWN and self.game.loading:
            # Nothing to play yet; only leaving makes sense.
            if self.keys.command(event.key, getattr(event, "mod", 0)) is Command.QUIT:
                self.game.leave()
            return
        modal.handle(event)
        if modal.closed:
            self._close_modal()
            if isinstance(modal, HelpCard) and event.type == pygame.KEYDOWN:
                self._after_help(event)

    def _after_help(self, event: pygame.event.Event) -> None:
        """The key that closes the card counts, unless it was only meant to close it."""
        if event.key not in (pygame.K_F2, pygame.K_RETURN, pygame.K_ESCAPE):
            self._key_down(event)

    def _close_modal(self) -> None:
        if isinstance(self.modal, PromptBox):
            pygame.key.stop_text_input()
            pygame.key.set_repeat()
        self.modal = None

    def _let_go(self) -> None:
        """No key can be heard any more: none is held."""
        self.held.clear()
        self._stop_moving()

    def _stop_moving(self) -> None:
        """The key that leads through time has come up."""
        if self._holding is not None:
            self._holding = None
            self.game.time.let_go()

    def _open(self, modal: Modal) -> None:
        self._let_go()
        self.modal = modal

    def _ask_prompt(self) -> None:
        moment = self.game.moment
        if moment is not None:
            if moment.prompt not in self._prompts:
                self._prompts.append(moment.prompt)
            self._open(PromptBox(moment.prompt, self._prompts, self.game.describe))

    def _ask_export(self) -> None:
        if self.game.moment is not None:
            world, played = self.game.plan.manifest.world, (self.game.index + 1) / self.game.plan.fps
            self._open(ExportBox(world, self._folder, played, self.game.export_clip))

    def _toggle_hud(self) -> None:
        self.show_hud = not self.show_hud

    def _show_help(self) -> None:
        self._open(HelpCard(self.game.plan.manifest, self.keys))


def _wake() -> None:
    # From another thread, possibly while the display is being closed: then nobody is waiting any more.
    if pygame.display.get_init():
        try:
            pygame.event.post(pygame.event.Event(WAKE))
        except pygame.error:
            return
