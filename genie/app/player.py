"""One session being played, with its history and its recording kept in step."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genie.app.history import FrameHistory
from genie.app.recorder import Recorder
from genie.app.take import Start, Take

if TYPE_CHECKING:
    from genie.runtime.world import World


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What there is to show: a frame, uint8 [height, width, 3] RGB, and where it stands in its session."""

    frame: np.ndarray
    index: int
    seed: int
    prompt: str
    seconds: float = 0.0
    """How long the frame took to make."""


class Player:
    """Steps a session, and logs and remembers what was played. Not thread-safe: one thread owns it."""

    def __init__(self, world: "World", start: Start, recorder: Recorder | None = None) -> None:
        self.world = world
        self.history = FrameHistory()
        self._recorder = recorder
        self._begin(start)

    @property
    def take(self) -> Take:
        """The session so far, ready to be rendered again."""
        session = self._session
        return Take(start=self._start, actions=tuple(session.actions_taken), prompts=tuple(session.prompts))

    @property
    def index(self) -> int:
        """The number of the current frame."""
        return self._session.index

    def unknown_words(self, prompt: str) -> list[str]:
        """Return the words of `prompt` that the world was never shown."""
        return self.world.unknown_words(prompt)

    def moment(self, seconds: float = 0.0) -> Moment:
        """Return the present."""
        session = self._session
        return Moment(
            frame=session.frame,
            index=session.index,
            seed=session.seed,
            prompt=session.prompt,
            seconds=seconds,
        )

    def step(self, action: int, prompt: str | None = None) -> Moment:
        """Play one frame; `prompt`, when given, holds from it on."""
        if prompt is not None:
            self.describe(prompt)
        began = time.perf_counter()
        frame = self._session.step(action)
        seconds = time.perf_counter() - began
        self.history.add(frame)
        if self._recorder:
            self._recorder.action(action)
        return self.moment(seconds)

    def describe(self, prompt: str) -> Moment:
        """Change the prompt from the next frame on; PromptError leaves everything as it was."""
        if prompt != self._session.prompt:
            self._session.prompt = prompt
            if self._recorder:
                self._recorder.prompt(prompt, self._session.index)
        return self.moment()

    def rewind_to(self, index: int) -> Moment:
        """Go back to frame `index`; a later frame, or one before the start, is the nearest there is."""
        frames = self._session.index - max(0, index)
        if frames > 0:
            self._session.rewind(frames)
            self.history.rewind(self._session.index, self._session.frame)
            if self._recorder:
                self._recorder.rewind(self._session.index)
        return self.moment()

    def restart(self, *, seed: int | None = None, prompt: str | None = None) -> Moment:
        """Begin anew, with the present seed and prompt unless others are given."""
        session = self._session
        self._begin(
            Start(
                prompt=session.prompt if prompt is None else prompt,
                seed=session.seed if seed is None else seed,
                image=self._start.image,
            )
        )
        return self.moment()

    def close(self) -> None:
        """Close the recording; the last thing to be called."""
        if self._recorder:
            self._recorder.close()

    def _begin(self, start: Start) -> None:
        session = self.world.start(prompt=start.prompt, image=start.image, seed=start.seed)
        # Only once the new session is there: a failed restart must not end the recording of the old one.
        self._session, self._start = session, start
        self.history.begin(session.index, session.frame)
        if self._recorder:
            self._recorder.begin(self.world, start)
