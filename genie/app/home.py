"""The window between sessions: the gallery, the start page, and what is chosen there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pygame

from genie.app.calibrated import calibrated, needs_keys
from genie.app.folders import sessions_folder
from genie.app.inputs import Gamepads, Keyboard
from genie.app.loop import wake
from genie.app.options import Options
from genie.app.plan import Plan
from genie.app.planning import make_plan
from genie.app.screens.calibration_page import CalibrationPage
from genie.app.screens.gallery import Choice, Gallery
from genie.app.screens.keys_page import KeysPage
from genie.app.screens.offers import Backroom, Offer, offers
from genie.app.screens.session_tile import session_tiles
from genie.app.screens.stage import Stage
from genie.app.screens.start_page import StartPage
from genie.app.settings import Calibration, SettingsFile
from genie.clips.session_log import SUFFIX
from genie.core.errors import GenieError

if TYPE_CHECKING:
    from genie.runtime.world import World


class Home:
    """Where a player chooses what to play; worlds that were loaded once are kept."""

    def __init__(
        self,
        options: Options,
        arguments: Sequence[str],
        settings: SettingsFile,
        pads: Gamepads,
        keyboard: Keyboard | None = None,
    ) -> None:
        """Of `options` holds what is not of one world alone: the device, recording, scale and so on."""
        self._options, self._arguments = options.of_whatever_is_chosen(), arguments
        self._settings = settings
        self._stage = Stage(pads, keyboard)
        self._backroom = Backroom(wake)
        self._loaded: dict[str, World] = {}
        self._choice: Choice | None = None
        self._calibrate_again = False
        self._has_planned = False
        record = options.record
        self._records_anew = record is not None and not record.exists()
        """Whether what `--record` names was not there when this began: what is there is then of this run."""

    def choose(self, problem: str = "") -> Plan | None:
        """Show the gallery until something is chosen that can be played; None when the player leaves.

        `problem` is what went wrong before, to be shown. `--export` is of the first that is played.
        """
        if self._has_planned and not problem:
            self._options = replace(self._options, export=None)
        while True:
            self._choice = None
            gallery = self._gallery()
            if said := problem or self._settings.take_note():
                gallery.say(said)
            pygame.display.set_caption("Genie")
            self._stage.run(gallery)
            choice = self._choice
            if choice is None or self._stage.quitting:
                return None
            try:
                plan = self._plan(choice)
                self._has_planned = True
                return plan
            except GenieError as error:
                problem = str(error)

    def ready(self, plan: Plan) -> Plan | None:
        """Return a plan with keys to play it with; None when the player would not say which.

        Raises GenieError when a world cannot be loaded to try its actions out.
        """
        actions = plan.manifest.actions
        if not needs_keys(actions) or plan.script is not None:
            return plan
        world, plan = plan.manifest.world, self.keep(plan)
        if self._calibrate_again or world not in self._settings.settings.calibrations:
            self._calibrate_again = False
            self._calibrate(plan)
            if self._stage.quitting:
                return None
        known = self._settings.settings.calibrations.get(world)
        return calibrated(plan, known) if known else None

    def keep(self, plan: Plan) -> Plan:
        """Return a plan that loads its world only if it is not there already."""
        load = plan.load

        def load_once() -> World:
            if plan.manifest.digest not in self._loaded:
                self._loaded.clear()  # one at a time: a world takes a hundred megabytes
                self._loaded[plan.manifest.digest] = load()
            return self._loaded[plan.manifest.digest]

        return replace(plan, load=load_once)

    def close(self) -> None:
        """End what runs in the background."""
        self._backroom.close()

    def _gallery(self) -> Gallery:
        found = offers()
        playable = {offer.id: offer.title for offer in found if not offer.problem}
        return Gallery(
            found,
            session_tiles(sessions_folder(), playable),
            self._backroom,
            chosen=self._settings.settings.world,
            choose=self._take,
            ask=self._ask,
            set_keys=self._set_keys,
        )

    def _take(self, choice: Choice) -> None:
        self._choice = choice

    def _ask(self, offer: Offer, image: Path | None) -> None:
        earlier = self._settings.settings.prompts.get(offer.id, ())
        page = StartPage(
            offer,
            self._backroom,
            earlier,
            strength=self._options.strength,
            expand=self._options.expand,
            choose=self._start,
            open_screen=self._stage.open,
        )
        if image is not None:
            page.drop(image)
        self._stage.open(page)

    def _start(self, choice: Choice) -> None:
        self._choice = choice
        self._stage.clear()

    def _set_keys(self, offer: Offer) -> None:
        if offer.spec is not None and needs_keys(offer.spec.actions):
            self._calibrate_again = True
            self._start(Choice(world=offer.id))  # which asks for the keys first
        elif offer.spec is not None:
            self._stage.open(KeysPage(offer.id, offer.title, offer.spec.actions, self._settings))

    def _calibrate(self, plan: Plan) -> None:
        manifest = plan.manifest

        def accept(found: Calibration) -> None:
            known = self._settings.settings
            kept = {**known.calibrations, manifest.world: found}
            self._settings.change(replace(known, calibrations=kept))

        page = CalibrationPage(manifest.title, plan.load, len(manifest.actions), wake, accept)
        self._stage.run(page)
        if page.problem is not None:
            raise page.problem

    def _record(self) -> Path | None:
        """Return where to record: beside the session that `--record` names, once that has been played."""
        record = self._options.record
        if record is not None and record.suffix == SUFFIX and self._records_anew and record.exists():
            return record.parent
        return record

    def _plan(self, choice: Choice) -> Plan:
        known = self._settings.settings
        if choice.prompt:
            known = known.with_prompt(choice.world, choice.prompt)
        self._settings.change(replace(known, world=choice.world))
        options = replace(self._options, world=choice.world, prompt=choice.prompt, seed=choice.seed)
        options = replace(options, record=self._record())
        if choice.strength is not None:
            options = replace(options, strength=choice.strength)
        if choice.session is not None:
            options = replace(self._options, resume=choice.session, strength=None, record=None)
        plan = make_plan(options, self._arguments)
        if choice.image is not None:
            start = replace(plan.start, image=choice.image)
            plan = replace(plan, start=start, preview=lambda: start.image)
        return self.keep(plan)
