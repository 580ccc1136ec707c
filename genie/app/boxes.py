"""The boxes that can be opened over the picture, one at a time."""

from collections.abc import Callable
from pathlib import Path

from genie.app.export_box import ExportBox
from genie.app.game import Game
from genie.app.help_card import HelpCard
from genie.app.keymap import Command, KeyMap
from genie.app.modal import Modal
from genie.app.palette import palette_of
from genie.app.prompt_box import PromptBox
from genie.app.screens.keys_page import KeysPage
from genie.app.screens.menu import Entry, Menu
from genie.app.screens.painter import Painter
from genie.app.settings import SettingsFile


class Boxes:
    """Makes the boxes of one game and hands them to `open_box`, which shows them."""

    def __init__(
        self, game: Game, settings: SettingsFile, folder: Path, open_box: Callable[[Modal], None]
    ) -> None:
        """Exports go into `folder`; what is chosen for good goes into `settings`."""
        self.to_worlds = False
        """Whether the player left to choose another world, rather than to quit."""
        self._game, self._settings, self._folder, self._open = game, settings, folder, open_box

    @property
    def keys(self) -> KeyMap:
        """What is pressed for what, by the settings as they are."""
        known, manifest = self._settings.settings, self._game.plan.manifest
        return KeyMap(manifest.actions, known.keys.get(manifest.world), known.commands)

    def help(self) -> None:
        """Say what this world is and what the keys do."""
        self._open(HelpCard(self._game.plan.manifest, self.keys))

    def menu(self) -> None:
        """Offer everything that can be done."""
        keys = self.keys
        listed = (
            ("Play on", Command.MENU, lambda: None),
            ("New prompt", Command.PROMPT, self.prompt),
            ("Paint into the world", Command.PAINT, self.paint),
            ("Start again", Command.RESET, self._game.reset),
            ("New seed", Command.NEW_SEED, self._game.new_seed),
            ("Export a clip", Command.EXPORT, self.export),
            ("Keys", Command.KEYS, self.choose_keys),
            ("Help", Command.HELP, self.help),
            ("Other worlds", None, self._leave_to_worlds),
            ("Quit", Command.QUIT, self._game.leave),
        )
        entries = [
            Entry(label=label, key=keys.label(command) if command else "", act=act)
            for label, command, act in listed
        ]
        self._open(Menu(self._game.plan.manifest.title, entries))

    def prompt(self) -> None:
        """Ask for a prompt."""
        moment = self._game.moment
        if moment is not None:
            earlier = self._settings.settings.prompts.get(self._game.plan.manifest.world, ())
            box = PromptBox(
                moment.prompt,
                tuple(reversed(earlier)),
                self._describe,
                accept_as_typed=lambda text: self._describe(text, as_typed=True),
                read=self._game.read,
            )
            self._open(box)

    def paint(self) -> None:
        """Have the frame shown painted on."""
        frame, starts = self._game.frame, self._game.start_frames
        if frame is not None and starts is not None:
            self._open(Painter("Paint into the world", frame, palette_of(starts), self._game.paint))

    def export(self) -> None:
        """Ask what to export."""
        if self._game.moment is not None:
            world, played = self._game.plan.manifest.world, (self._game.index + 1) / self._game.plan.fps
            self._open(ExportBox(world, self._folder, played, self._game.export_clip))

    def choose_keys(self) -> None:
        """Show what is pressed for what, to be changed."""
        manifest = self._game.plan.manifest
        self._open(KeysPage(manifest.world, manifest.title, manifest.actions, self._settings))

    def _describe(self, prompt: str, *, as_typed: bool = False) -> None:
        world = self._game.plan.manifest.world
        self._settings.change(self._settings.settings.with_prompt(world, prompt))
        self._game.describe(prompt, as_typed=as_typed)

    def _leave_to_worlds(self) -> None:
        self.to_worlds = True
        self._game.leave()
