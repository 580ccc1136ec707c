"""A world that needs no model: a sprite that moves as told over a ground coloured by seed and prompt."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable

import numpy as np

from genie.core.actions import Action, ActionSet
from genie.core.captions import checked_prompt
from genie.core.line import Line
from genie.core.manifest import Manifest
from genie.core.prompt_reading import Reading
from genie.runtime.first_frames import STEPS, Painting, Watch

SIDE, SPRITE = 64, 8
BEGIN = (0, SIDE // 2, SIDE // 2)
MOVES = {
    "noop": (0, 0),
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "left+up": (-1, -1),
    "right+up": (1, -1),
}
WORDS = {"a", "an", "the", "red", "blue", "alien", "on", "snow", "grass", "pink", "sprite"}


def fake_manifest(fps: int = 15, idle: str = "noop", actions: list[Action] | None = None) -> Manifest:
    listed = actions or [Action(n, () if n == "noop" else tuple(n.split("+"))) for n in MOVES]
    return Manifest(
        world="fake",
        title="Fakeland",
        description="A sprite on coloured ground; it goes where it is told.",
        frame_size=(SIDE, SIDE),
        fps=fps,
        actions=ActionSet(listed, idle=idle),
        window=4,
        token_shape=(16, 2),
        levels=5,
        history=2,
        passes=1,
        temperature=0.0,
        strength=1.0,
        text_length=8,
        default_prompt="a red alien on grass",
    )


class FakeWorld:
    """Stands in for genie.runtime.World; a step takes `seconds`, and waits while `gate` is cleared."""

    device = "cpu"

    def __init__(self, manifest: Manifest | None = None, seconds: float = 0.0) -> None:
        self.manifest = manifest or fake_manifest()
        self.id = self.manifest.world
        self.actions = self.manifest.actions
        self.fps = self.manifest.fps
        self.frame_size = self.manifest.frame_size
        self.seconds = seconds
        self.gate = threading.Event()
        self.gate.set()
        self.before_step: Callable[[int], None] = lambda index: None
        self.sessions: list[FakeSession] = []
        self.choices, self.chosen = 1, 0
        self.painted: tuple[str, ...] = ()
        """The prompts that this world is repainted for, a frame at a time while `brush` is set."""
        self.brush = threading.Event()
        self.brush.set()

    def first_frames(self, prompt: str, seed: int, expand: bool, strength: float | None) -> list[str]:
        return ["the best", "another"][: self.choices]

    def start(
        self,
        prompt: str = "",
        image: np.ndarray | None = None,
        seed: int = 0,
        expand: bool = True,
        strength: float | None = None,
        choice: int = 0,
        watch: Watch | None = None,
    ) -> FakeSession:
        checked_prompt(prompt)
        for step in range(STEPS if watch and prompt in self.painted else 0):
            frame = draw(seed, f"{prompt} {step}", (step, 0))
            watch(Painting(prompt=prompt, frame=frame, candidate=0, candidates=1, step=step))
            assert self.brush.wait(20), "nobody let the painting go on"
        self.chosen = choice
        session = FakeSession(self, self.read_prompt(prompt, "", expand).told, image, seed)
        session.strengths = [(0, self.manifest.strength if strength is None else strength)]
        session.expand_prompts = expand
        self.sessions.append(session)
        return session

    @property
    def start_frames(self) -> np.ndarray:
        return np.stack([FakeSession(self, text, None, seed).frame for seed, text in enumerate(("a", "b"))])

    start_captions = ("a blue alien on snow", "a pink sprite")

    def picture(self, packed: bytes) -> np.ndarray:
        seed, prompt, position, painted = json.loads(packed)
        return draw(seed, prompt, tuple(position), bytes.fromhex(painted))

    def read_prompt(self, prompt: str, beside: str = "", expand: bool = True) -> Reading:
        """A prompt of one word is told as if it came last in a sentence."""
        words = prompt.lower().split()
        known = [word for word in words if word in WORDS]
        told = f"the alien on {prompt}" if expand and len(words) == len(known) == 1 else prompt
        return Reading(asked=prompt, told=told, unknown=tuple(w for w in words if w not in WORDS))


def draw(seed: int, prompt: str, position: tuple[int, int], painted: bytes = b"") -> np.ndarray:
    """Return the frame of a seed, a prompt, where the sprite is, and what was painted over the ground."""
    digest = hashlib.sha256(f"{seed} {prompt}".encode()).digest()
    frame = np.empty((SIDE, SIDE, 3), np.uint8)
    frame[:44] = np.frombuffer(digest[:3], np.uint8) // 3 + np.arange(44, dtype=np.uint8)[:, None, None] + 60
    frame[44:] = np.frombuffer(digest[3:6], np.uint8) // 2
    frame[44:46] += 60
    if painted:
        frame = np.frombuffer(painted, np.uint8).reshape(SIDE, SIDE, 3).copy()
    x, y = position
    rows, columns = (np.arange(SPRITE) + y) % SIDE, (np.arange(SPRITE) + x) % SIDE
    frame[np.ix_(rows, columns)] = (255, 60, 60)
    return frame


class FakeSession:
    """Draws frame t from (seed, prompt, where the sprite is), so that any frame's making can be checked."""

    def __init__(self, world: FakeWorld, prompt: str, image: np.ndarray | None, seed: int) -> None:
        self.world, self.image, self.seed = world, image, seed
        self.actions_taken: list[int] = []
        self._place = BEGIN
        self.prompts = [(0, prompt)]
        self.strengths = [(0, 1.0)]
        self.given: dict[int, np.ndarray] = {}
        self.expand_prompts = True
        self.asked: dict[str, str] = {}

    @property
    def index(self) -> int:
        return len(self.actions_taken)

    @property
    def prompt(self) -> str:
        return self.prompts[-1][1]

    @prompt.setter
    def prompt(self, text: str) -> None:
        told = self.world.read_prompt(checked_prompt(text), self.prompt, self.expand_prompts).told
        self.asked[told], text = text, told
        self.prompts = [(frame, old) for frame, old in self.prompts if frame < self.index]
        self.prompts.append((self.index, text))

    @property
    def strength(self) -> float:
        return self.strengths[-1][1]

    @strength.setter
    def strength(self, strength: float) -> None:
        self.strengths = [self.strengths[0], *(s for s in self.strengths[1:] if s[0] < self.index)]
        self.strengths.append((self.index, strength))

    @property
    def prompt_reading(self) -> Reading:
        return self.world.read_prompt(self.asked.get(self.prompt, self.prompt), "", self.expand_prompts)

    @property
    def position(self) -> tuple[int, int]:
        done, x, y = self._place  # as of that many actions: an hour is not to be gone through each time
        for action in self.actions_taken[done:]:
            dx, dy = MOVES.get(self.world.actions[action].name, (0, 0))
            x, y = (x + dx) % SIDE, (y + dy) % SIDE
        self._place = len(self.actions_taken), x, y
        return x, y

    @property
    def _prompt_shown(self) -> str:
        return [text for frame, text in self.prompts if frame < self.index or frame == 0][-1]

    @property
    def _painted(self) -> bytes:
        return self.given[max(self.given)].tobytes() if self.given else b""

    @property
    def tokens(self) -> bytes:
        return json.dumps([self.seed, self._prompt_shown, self.position, self._painted.hex()]).encode()

    @property
    def frame(self) -> np.ndarray:
        return draw(self.seed, self._prompt_shown, self.position, self._painted)

    def follow(self, line: Line) -> np.ndarray:
        self.actions_taken, self._place = list(line.actions), BEGIN
        self.prompts = [self.prompts[0], *line.prompts]
        self.strengths = [self.strengths[0], *line.strengths]
        self.given = dict(line.given)
        return self.frame

    def snapshot(self) -> Line:
        return Line(
            actions=tuple(self.actions_taken),
            prompts=tuple(self.prompts[1:]),
            strengths=tuple(self.strengths[1:]),
            given=dict(self.given),
        )

    restore = follow

    def step(self, action: int | str, given: np.ndarray | None = None) -> np.ndarray:
        self.world.before_step(self.index)
        assert self.world.gate.wait(20), "nobody let the step go on"
        time.sleep(self.world.seconds)
        self.actions_taken.append(self.world.actions.index(action))
        if given is not None:
            self.given[self.index] = given
        return self.frame
