"""A session: one trajectory through a world, which can be marked, rewound and branched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from genie.core.errors import GenieError, UsageError
from genie.core.line import Line
from genie.core.prompt_reading import Reading
from genie.core.strength import checked_strength
from genie.runtime.keyframes import EVERY, MOST_BYTES, Keyframe, Keyframes
from genie.runtime.log import Log
from genie.runtime.noise import step_noise
from genie.runtime.rebuild import digits_of, memory, rebuild_start
from genie.runtime.stepper import Stepper

if TYPE_CHECKING:
    from genie.runtime.world import World

NEW_SECONDS = 1.0
"""For so long the words of a changed prompt are new, and count for more (the manifest's `emphasis`)."""
MOST_READINGS = 64
"""How many prompts a session remembers the asking of; one from before is read again when it comes back."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Opening:
    """How a session began: its seed, temperature (0 is argmax), strength of words, and its keyframe 0."""

    seed: int
    temperature: float
    strength: float
    keyframe: Keyframe


@dataclass(frozen=True, eq=False, kw_only=True)
class Mark:
    """A place in a trajectory to come back to; it shares its keyframe with the session it was taken from."""

    world: World
    opening: Opening
    keyframe: Keyframe
    log: Log

    @property
    def index(self) -> int:
        """The number of the marked frame."""
        return len(self.log.actions)


class Session:
    """One trajectory, made by `World.start`; frame 0 is where it starts.

    The same bundle, seed, prompts and actions give bit-identical frames on the same device. Not thread-safe:
    use a session from one thread at a time; many sessions of one world may run in as many threads.
    """

    expand_prompts: bool
    """Whether prompts set from now on are expanded towards the wording that the world was trained on."""

    def __init__(
        self,
        world: World,
        opening: Opening,
        reading: Reading,
        *,
        expand_prompts: bool = True,
        kept_bytes: int = MOST_BYTES,
    ) -> None:
        self.world = world
        self.expand_prompts = expand_prompts
        self._opening = opening
        self._log = Log(prompts=[(0, reading.told)], strengths=[(0, opening.strength)])
        self._readings = {reading.told: reading}
        self._stepper = Stepper(world.engine)
        self._kept_bytes = kept_bytes
        self._keyframes = Keyframes(opening.keyframe, kept_bytes)
        self._told: tuple[str, float] | None = None
        self._index = self._trusted = 0
        self._seek(0)

    @property
    def frame(self) -> np.ndarray:
        """The current frame, uint8 [height, width, 3], RGB; a copy."""
        self._catch_up()
        return self._stepper.frame

    @property
    def index(self) -> int:
        """The number of the current frame, which is how many steps lead to it."""
        return len(self._log.actions)

    @property
    def tokens(self) -> bytes:
        """The current frame as the world's own tokens, packed: all it takes to show it again."""
        if 0 < self._index <= len(self._log.tokens):
            return self._log.tokens[self._index - 1]  # one copy for all who keep it
        return self.world.packed(self._stepper.tokens)

    @property
    def seed(self) -> int:
        """The seed of all chance in this session."""
        return self._opening.seed

    @property
    def temperature(self) -> float:
        """How much chance there is in each step; 0 is none."""
        return self._opening.temperature

    @property
    def strength(self) -> float:
        """How much words count, 0 (not at all) to 10; 1 is as the world was trained.

        Setting it takes effect from the next frame on. Raises UsageError.
        """
        return self._log.strengths[-1][1]

    @strength.setter
    def strength(self, strength: float) -> None:
        self._log.set_strength(self.index, checked_strength(strength))
        self._tell(*self._words(self.index))

    @property
    def strengths(self) -> list[tuple[int, float]]:
        """How much words count as (frame, strength), from the step that leaves that frame; the first at 0."""
        return list(self._log.strengths)

    @property
    def actions_taken(self) -> list[int]:
        """The index of every action taken: the one at t led from frame t to t + 1."""
        return list(self._log.actions)

    @property
    def prompts(self) -> list[tuple[int, str]]:
        """The prompts as (frame, text), in force from the step that leaves that frame; the first at 0."""
        return list(self._log.prompts)

    @property
    def prompt(self) -> str:
        """The prompt in force, as the model is told it: expanded, if `expand_prompts` is.

        Setting it takes effect from the next frame on; what it leaves open stays as the prompt before said.
        Raises PromptError.
        """
        return self._log.prompts[-1][1]

    @prompt.setter
    def prompt(self, text: str) -> None:
        reading = self.world.read_prompt(text, self.prompt, self.expand_prompts)
        self.world.engine.captions.encode(reading.told)  # what is no prompt is refused before it counts
        self._readings.pop(reading.told, None)
        self._readings[reading.told] = reading
        if len(self._readings) > MOST_READINGS:
            del self._readings[next(iter(self._readings))]
        self._log.set_prompt(self.index, reading.told)
        self._tell(*self._words(self.index))

    @property
    def prompt_reading(self) -> Reading:
        """How the prompt in force was read: what was asked, what is told, which words meant nothing."""
        told = self.prompt
        return self._readings.get(told) or self.world.read_prompt(told, expand=False)

    def step(self, action: str | SupportsIndex, frame: np.ndarray | None = None) -> np.ndarray:
        """Take an action, by name or index, and return the next frame.

        `frame`, a picture as `World.start` takes one, is what came next in truth: the session goes on from it
        instead of from what the world makes, and returns it as the world's own tokens render it. Raises
        ActionError for an unknown action, ImageError for what is no picture.
        """
        index = self.world.actions.index(action)
        given = None if frame is None else self.world.tokens(frame)
        self._catch_up()
        self._log.actions.append(index)
        if given is not None:
            self._log.given[self.index] = given
        try:
            self._advance()
        except BaseException:
            # Ctrl-C can come between the two graphs. The step was not taken; `_catch_up` undoes half of one.
            self._log.given.pop(self.index, None)
            self._log.cut(self.index - 1)
            raise
        return self._stepper.frame

    def follow(self, line: Line) -> np.ndarray:
        """Go to the end of another line of play from the same start, and return the frame there.

        Where the line's tokens are known this takes no longer than rewinding, however long the line; where
        they are not, its frames are made again. Raises ActionError, PromptError or ImageError, for a line
        that is not of this world, and stays where it is.
        """
        self.world.check_packed(line.tokens)
        log = Log(
            prompts=[self._log.prompts[0]],
            strengths=[self._log.strengths[0]],
            tokens=list(line.tokens[: len(line)]),
        )
        log.actions = [self.world.actions.index(action) for action in line.actions]
        for frame, text in line.prompts:
            self.world.engine.captions.encode(text)
            log.set_prompt(frame, text)
        for frame, strength in line.strengths:
            log.set_strength(frame, checked_strength(strength))
        log.given = {frame: self.world.tokens(picture) for frame, picture in line.given.items()}
        alike = self._log.agrees_until(log)
        if len(log.tokens) < alike:
            log.tokens = self._log.tokens[:alike]
        self._keyframes.drop_after(alike)
        self._log = log
        self._seek(self.index)
        return self._stepper.frame

    def snapshot(self) -> Mark:
        """Mark the current frame, to come back to with `restore`."""
        keyframe = self._keyframes.nearest(self.index)
        return Mark(world=self.world, opening=self._opening, keyframe=keyframe, log=self._log.copy())

    def restore(self, mark: Mark) -> np.ndarray:
        """Go to a marked frame, of this session or another of the same world, and return it.

        The session then goes on as the marked one would have: its seed, prompts and actions become the
        mark's.
        """
        if mark.world is not self.world:
            raise GenieError(
                "The mark belongs to another world: restore it into a session of the world it is from."
            )
        if mark.opening is not self._opening:
            self._keyframes = Keyframes(mark.opening.keyframe, self._kept_bytes)
        else:
            self._keyframes.drop_after(self._log.agrees_until(mark.log))
        self._opening, self._log = mark.opening, mark.log.copy()
        self._keyframes.add(mark.keyframe)
        self._seek(self.index)
        return self._stepper.frame

    def rewind(self, frames: int) -> np.ndarray:
        """Go back by a number of frames, or to the start if that is nearer, and return the frame there.

        The same actions from there lead to the same frames again. Raises UsageError for a negative number.
        """
        if frames < 0:
            raise UsageError(f"Cannot rewind by {frames} frames: give 0 or more.")
        target = max(0, self.index - frames)
        self._log.cut(target)
        self._keyframes.drop_after(target)
        self._seek(target)
        return self._stepper.frame

    def _catch_up(self) -> None:
        """Bring the state to where the log says it is, should an interruption have left it elsewhere."""
        if self._index != self.index:
            self._seek(self.index)

    def _seek(self, index: int) -> None:
        keyframe = self._keyframes.nearest(index)
        self._index = -1
        self._trusted = keyframe.index
        if index - keyframe.index > memory(self.world.engine):
            rebuilt = rebuild_start(self.world.engine, self._log, index)
            if rebuilt is not None and rebuilt.index > keyframe.index:
                keyframe, self._trusted = rebuilt, rebuilt.index + memory(self.world.engine)
        self._stepper.load(keyframe.state)
        self._index = keyframe.index
        while self._index < index:
            self._advance()

    def _advance(self) -> None:
        """Make the step that the log says leads on from the current frame."""
        index, opening = self._index, self._opening
        if index % EVERY == 0 and index >= self._trusted and index > self._keyframes.indices[-1]:
            self._keyframes.add(Keyframe(index=index, state=self._stepper.state()))
        self._tell(*self._words(index))
        noise = step_noise(opening.seed, index, self.world.engine.noise_shape)
        self._index = -1
        known = self._log.given.get(index + 1)
        if known is None and index < len(self._log.tokens):
            known = digits_of(self.world.engine, self._log.tokens[index])
        self._stepper.step(index, self._log.actions[index], noise, opening.temperature, known)
        if index == len(self._log.tokens):
            self._log.tokens.append(self.tokens)
        self._index = index + 1

    def _words(self, index: int) -> tuple[str, float]:
        """What the step that leaves frame `index` is told, and how much that counts there."""
        words = self._log.words_at(index)
        is_new = words.age is not None and words.age < round(NEW_SECONDS * self.world.fps)
        return words.text, self.world.engine.emphasised(words.strength) if is_new else words.strength

    def _tell(self, text: str, strength: float) -> None:
        if (text, strength) != self._told:
            condition = self.world.engine.condition(text, strength)
            self._told = None
            self._stepper.set_condition(condition)
            self._told = text, strength
