"""Where a session starts from: a prompt, a start frame, a picture from disk, or a sketch."""

import secrets
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path

import numpy as np
import pygame

from genie.app import view
from genie.app.canvas import Canvas
from genie.app.details import Details
from genie.app.image_file import read_image
from genie.app.palette import palette_of
from genie.app.plan import LARGEST_SEED
from genie.app.screens.focus import Focus
from genie.app.screens.gallery import Choice
from genie.app.screens.offers import Backroom, Offer
from genie.app.screens.painter import Painter
from genie.app.screens.screen import Screen
from genie.app.screens.start_layout import StartLayout
from genie.app.screens.widgets import Thumbnail
from genie.app.strength_dial import StrengthDial
from genie.app.text_field import TextField
from genie.core.captions import LONGEST_PROMPT
from genie.core.errors import GenieError
from genie.core.prompt_reading import Reading

MOST_EARLIER = 3
PROMPT = "prompt"
TAB_STOPS = (PROMPT, "text 0", "words", "sketch", "frame 0", "play")


class Source(Enum):
    """Where the first frame comes from."""

    WORDS = "a start frame that fits the prompt"
    REPAINTED = "the nearest start: the world repaints it"
    FRAME = "a start frame of this world"
    PICTURE = "your picture"
    SKETCH = "your sketch"


class StartPage(Screen):
    """A prompt being typed, prompts to pick from, and the frame that play would start from."""

    def __init__(
        self,
        offer: Offer,
        backroom: Backroom,
        earlier: Sequence[str],
        *,
        strength: float | None = None,
        expand: bool = True,
        choose: Callable[[Choice], None],
        open_screen: Callable[[Screen], None],
    ) -> None:
        """`earlier`: prompts given to this world before, newest first; `strength`: how much words count.

        `expand`: whether prompts will be put into the world's own words.
        """
        self.offer = offer
        self.source = Source.WORDS
        self.image: np.ndarray | None = None
        """What to start from, uint8 [height, width, 3]; None leaves it to the prompt."""
        self.seed = secrets.randbelow(LARGEST_SEED)
        self._usual = offer.spec.prompt if offer.spec else ""
        self._offered = self._usual
        self.field = TextField(self._usual, LONGEST_PROMPT)
        self.dial: StrengthDial | None = None
        """How much words count, once the world's own strength is known."""
        self.focus = Focus(PROMPT)
        self.said = ""
        """What went wrong, or should be known."""
        self.thumbnails: list[Thumbnail] = []
        self._strength, self._expand = strength, expand
        self._earlier = tuple(earlier[:MOST_EARLIER])
        self._backroom = backroom
        self._choose, self._open = choose, open_screen
        self._layout = StartLayout()
        self._typing = False
        self._read: tuple[tuple[str, int, bool] | None, Reading | None] = (None, None)
        self._start: tuple[tuple[str, int] | None, tuple[np.ndarray, bool] | None] = (None, None)
        backroom.want_details(offer)

    @property
    def details(self) -> Details | None:
        """What is known of the bundle, once it has been read."""
        return self._backroom.details.get(self.offer.id)

    @property
    def suggestions(self) -> list[tuple[str, bool]]:
        """Prompts to pick from, and whether each was given before."""
        examples = self.details.examples if self.details else ()
        return [(text, True) for text in self._earlier] + [
            (text, False) for text in examples if text not in self._earlier
        ]

    @property
    def frame(self) -> np.ndarray | None:
        """The frame that play would start from, or None while that is not known."""
        if self.image is not None:
            return self.image
        return self._chosen_start(self.details)[0] if self.details else None

    @property
    def said_of_frame(self) -> str:
        """What that frame is."""
        if self.source is Source.WORDS and self.details and self._chosen_start(self.details)[1]:
            return Source.REPAINTED.value
        return self.source.value

    @property
    def reading(self) -> Reading | None:
        """How the prompt is understood, or None while that is not known."""
        key = (self.field.text.strip(), self.seed, self.image is None)
        if self.details is not None and self._read[0] != key:
            reading = self.details.reading(key[0], self.seed, seen=key[2], expand=self._expand)
            self._read = (key, reading)
        return self._read[1]

    def drop(self, path: Path) -> None:
        """Start from a picture on disk; one that cannot be read is said to be so."""
        size = self.offer.spec.frame_size if self.offer.spec else (64, 64)
        self.stale = True
        try:
            self._begin_with(read_image(path, size), Source.PICTURE)
            self.said = ""
        except GenieError as error:
            self.said = str(error)

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        self.stale = True
        if self.dial and self.dial.handle(event):
            return
        if event.type == pygame.DROPFILE:
            self.drop(Path(event.file))
        elif event.type == pygame.TEXTINPUT and event.text == " " and self._space_presses:
            return
        elif event.type in (pygame.TEXTINPUT, pygame.TEXTEDITING):
            self.focus.name = PROMPT
            self.field.handle(event)
        elif event.type == pygame.KEYDOWN and (
            self.field.composing or (self.focus.name == PROMPT and self.field.handle(event))
        ):
            return
        elif event.type == pygame.KEYDOWN and event.key in (pygame.K_ESCAPE, pygame.K_TAB):
            self._key(event.key)
        else:
            chosen = self.focus.handle(event)
            is_space = event.type == pygame.KEYDOWN and event.key == pygame.K_SPACE
            if chosen is not None and (self._space_presses or not is_space):
                self._act(chosen)

    @property
    def _space_presses(self) -> bool:
        """Whether Space is for what has the focus; while words are typed, the mouse may lie on anything."""
        return self.focus.name != PROMPT and not self.focus.hovered

    def update(self) -> None:
        """Take what has been fetched meanwhile, and listen to the keyboard as text."""
        if self._backroom.collect():
            self.stale = True
        if self.details and not self.thumbnails:
            self.thumbnails = [Thumbnail(frame) for frame in self.details.start_frames]
            own = self.details.manifest.strength
            self.dial = StrengthDial(own if self._strength is None else self._strength, own)
        if self.problem and not self.said:
            self.said, self.stale = self.problem, True
        if not self._typing and not self.closed:
            self._typing = True
            pygame.key.start_text_input()
            pygame.key.set_repeat(400, 35)

    @property
    def problem(self) -> str:
        """Why the bundle cannot be played, or ""."""
        return self._backroom.problems.get(self.offer.id, "")

    def draw(self, canvas: Canvas) -> None:
        """Draw everything."""
        view.clear(canvas)
        self._layout.draw(canvas, self)
        self.focus.targets = self._layout.targets

    def _chosen_start(self, details: Details) -> tuple[np.ndarray, bool]:
        text = self.field.text.strip()
        if self._start[0] != (text, self.seed):
            number, repainted = details.start_for(text, self.seed, expand=self._expand)
            self._start = ((text, self.seed), (details.start_frames[number], repainted))
        assert self._start[1] is not None
        return self._start[1]

    def _key(self, key: int) -> None:
        if key == pygame.K_ESCAPE:
            self._stop_typing()
            self.closed = True
            return
        stops = [name for name in TAB_STOPS if name in self.focus.targets]
        if stops:
            place = stops.index(self.focus.name) if self.focus.name in stops else -1
            self.focus.name, self.focus.hovered = stops[(place + 1) % len(stops)], False

    def _act(self, name: str) -> None:
        kind, _, place = name.partition(" ")
        if kind in ("play", PROMPT):
            self._play()
        elif kind == "text":
            self.field.set(self.suggestions[int(place)][0])
            self.focus.name = "play"
        elif kind == "words":
            self._begin_with(None, Source.WORDS, self._usual)
            self.seed = secrets.randbelow(LARGEST_SEED)
        elif kind == "frame" and self.details:
            shown = int(place)
            self._begin_with(self.thumbnails[shown].frame, Source.FRAME, self.details.captions[shown])
        elif kind == "sketch":
            self._sketch()

    def _sketch(self) -> None:
        frame, details = self.frame, self.details
        if frame is None or details is None:
            return
        self._stop_typing()
        self._open(
            Painter("Sketch the first frame", frame, palette_of(details.start_frames), self._take_sketch)
        )

    def _take_sketch(self, frame: np.ndarray) -> None:
        self._begin_with(frame, Source.SKETCH)

    def _begin_with(self, image: np.ndarray | None, source: Source, says: str = "") -> None:
        """Start from a picture; a prompt that nobody has typed says what it shows, where that is known."""
        self.image, self.source = image, source
        if self.field.text == self._offered:
            self._offered = says
            self.field.set(says)

    def _play(self) -> None:
        if self.problem:
            return
        self._stop_typing()
        prompt = self.field.text.strip()
        strength = self.dial.strength if self.dial and self.dial.is_turned else None
        self._choose(
            Choice(world=self.offer.id, prompt=prompt, image=self.image, seed=self.seed, strength=strength)
        )

    def _stop_typing(self) -> None:
        self._typing = False
        pygame.key.stop_text_input()
        pygame.key.set_repeat()
