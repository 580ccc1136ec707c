"""The boxes that can be opened over the picture, one at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path

from genie.app.examples import examples_of
from genie.app.export_box import ExportBox, Part
from genie.app.game import Game
from genie.app.guide import GameGuide
from genie.app.help_card import HelpCard
from genie.app.image_file import read_image
from genie.app.keymap import Command, KeyMap
from genie.app.modal import Modal
from genie.app.moment import Moment
from genie.app.outline import Outline, outline_of
from genie.app.palette import palette_of
from genie.app.player import Player
from genie.app.prompt_box import PromptBox
from genie.app.screens.branch_map import BranchMap
from genie.app.screens.keys_page import KeysPage
from genie.app.screens.menu import Entry, Menu
from genie.app.screens.painter import Painter
from genie.app.screens.slot_page import SlotPage
from genie.app.scrub_bar import clock
from genie.app.settings import SettingsFile
from genie.app.strength_dial import StrengthDial
from genie.core.errors import GenieError

LAST_SECONDS = 10.0


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

    def introduce(self) -> None:
        """Say what this world is, to a player who has not met it yet."""
        if self._game.plan.manifest.world not in self._settings.settings.met:
            self.help()

    def introduced(self) -> None:
        """Remember that this world's card was read."""
        self._settings.change(self._settings.settings.meeting(self._game.plan.manifest.world))

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
            ("Another start", Command.ANOTHER, self._game.another_start),
            ("Branches", Command.BRANCHES, self.branches),
            ("Saved places", Command.SLOTS, self.slots),
            ("Export a clip", Command.EXPORT, self.export),
            ("Keys", Command.KEYS, self.choose_keys),
            ("Help", Command.HELP, self.help),
            ("Other worlds", None, self.leave_to_worlds),
            ("Quit", Command.QUIT, self._game.leave),
        )
        entries = [
            Entry(
                label=label,
                key=keys.label(command) if command else "",
                button=keys.label(command, by_pad=True) if command else "",
                act=act,
            )
            for label, command, act in listed
        ]
        self._open(Menu(self._game.plan.manifest.title, entries))

    def prompt(self) -> None:
        """Ask for a prompt."""
        game = self._game
        game.time.let_go()
        if game.time.under_way:  # only the player knows the words that hold there
            game.order(lambda player: player.moment(), self._ask_prompt_later)
        elif game.moment is not None:
            self._ask_prompt(game.moment)

    def _ask_prompt_later(self, moment: Moment) -> None:
        if not (self._game.held_up or self._game.leaving):
            self._ask_prompt(moment)

    def _ask_prompt(self, moment: Moment) -> None:
        player = self._game.orders.player
        if player is not None:
            default, captions = self._game.plan.manifest.default_prompt, player.world.start_captions
            earlier = self._settings.settings.prompts.get(self._game.plan.manifest.world, ())
            box = PromptBox(
                moment.prompt,
                earlier,
                self._describe,
                examples=examples_of(default, captions),
                accept_as_typed=lambda text: self._describe(text, as_typed=True),
                read=self._game.words.read,
                dial=StrengthDial(moment.strength, self._game.plan.manifest.strength),
                accept_strength=self._game.words.weigh,
            )
            self._open(box)

    def paint(self) -> None:
        """Have the frame shown painted on."""
        frame, player = self._game.frame, self._game.orders.player
        if frame is not None and player is not None:
            colours = palette_of(player.world.start_frames)
            self._open(Painter("Paint into the world", frame, colours, self._game.paint))

    def drop(self, path: Path) -> None:
        """Go on from a picture that was dropped on the window."""
        try:
            self._game.paint(read_image(path, self._game.plan.manifest.frame_size))
        except GenieError as error:
            self._game.say(str(error), is_error=True)

    def export(self) -> None:
        """Ask what to export; while a clip is being written, give that one up."""
        if self._game.exports.running is not None:
            self._game.exports.cancel()
        elif self._game.moment is not None:
            self._ask_export(parts_of(self._game))

    def export_beside(self, branch: int, other: int, first: int) -> None:
        """Ask how to export two branches side by side, from a frame that they share."""
        label = f"branches {branch + 1} and {other + 1} side by side"
        self._ask_export([Part(label=label, first=first, branches=(branch, other))])

    def branches(self) -> None:
        """Show all that was played in this session, to go to any frame of it."""
        game = self._game
        if game.moment is None:
            return
        game.time.let_go()

        def outline(player: Player) -> tuple[int, Outline]:
            return player.session, outline_of(player.tree, player.start.prompt)

        def open_map(found: tuple[int, Outline]) -> None:
            session, branches = found

            def compare(branch: int, other: int) -> None:
                game.orders.give_about(
                    session,
                    lambda player: player.tree.shared(branch, other),
                    lambda shared: self.export_beside(branch, other, shared),
                )

            self._open(BranchMap(branches, game.plan.fps, GameGuide(game, session, compare)))

        game.order(outline, open_map)

    def slots(self) -> None:
        """Show the places that were saved."""
        if self._game.moment is not None:
            self._open(SlotPage(self._game.saves))

    def _ask_export(self, parts: Sequence[Part]) -> None:
        manifest = self._game.plan.manifest
        width = manifest.frame_size[1]
        self._open(ExportBox(manifest.world, self._folder, parts, width, self._game.exports.begin))

    def choose_keys(self) -> None:
        """Show what is pressed for what, to be changed."""
        manifest = self._game.plan.manifest
        self._open(KeysPage(manifest.world, manifest.title, manifest.actions, self._settings))

    def _describe(self, prompt: str, *, as_typed: bool = False) -> None:
        world = self._game.plan.manifest.world
        self._settings.change(self._settings.settings.with_prompt(world, prompt))
        self._game.words.describe(prompt, as_typed=as_typed)

    def leave_to_worlds(self) -> None:
        """End the game, to choose another world."""
        self.to_worlds = True
        self._game.leave()


def parts_of(game: Game) -> list[Part]:
    """Return the parts of the line played that can be exported: one that was marked comes first."""
    fps, here = game.plan.fps, game.index
    end = game.moment.end if game.moment else here
    parts = []
    span = game.time.span
    if span is not None and span[0] < end:
        first, last = span[0], min(span[1], end)
        label = f"marked {clock(first / fps)}–{clock(last / fps)}"  # noqa: RUF001
        parts.append(Part(label=label, first=first, last=last))
    back = max(0, here - round(LAST_SECONDS * fps))
    parts.append(Part(label=f"last {LAST_SECONDS:.0f} s", first=back, last=here))
    parts.append(Part(label=f"whole line ({clock((end + 1) / fps)})", last=end))
    return parts
