"""A take: everything needed to render a played session again."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from genie.core.line import Line

if TYPE_CHECKING:
    from genie.runtime.first_frames import Watch
    from genie.runtime.session import Session
    from genie.runtime.world import World


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a session begins: a prompt, a seed, and an optional picture, uint8 [height, width, 3] RGB.

    `choice`: which of the first frames for the prompt, 0 being the best; `strength`: how much words count,
    None as the world has it. `expand`: prompts are to be told in the wording the world was trained on;
    `told`: this one is already.
    """

    prompt: str
    seed: int
    image: np.ndarray | None = None
    choice: int = 0
    strength: float | None = None
    expand: bool = True
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class Take:
    """A start and what was done since."""

    start: Start
    line: Line = field(default_factory=Line)
    first: np.ndarray | None = None
    """The frame it starts from as it is shown, uint8 [height, width, 3], where that is known."""

    def __len__(self) -> int:
        """How many frames it has, the start frame included."""
        return len(self.line) + 1


def begin_session(world: "World", start: Start, watch: "Watch | None" = None) -> "Session":
    """Begin the session that a start describes; `watch` sees its first frame being made."""
    expand = start.expand and not start.told
    session = world.start(
        prompt=start.prompt,
        image=start.image,
        seed=start.seed,
        expand=expand,
        strength=start.strength,
        choice=start.choice,
        watch=watch,
    )
    session.expand_prompts = start.expand
    return session


def render(world: "World", take: Take) -> Iterator[np.ndarray]:
    """Yield the frames of `take`, uint8 [height, width, 3]; the same bits as played on the same device."""
    session = begin_session(world, replace(take.start, expand=False))
    prompts, strengths = dict(take.line.prompts), dict(take.line.strengths)
    yield session.frame
    for index, action in enumerate(take.line.actions):
        if index in prompts:
            session.prompt = prompts[index]
        if index in strengths:
            session.strength = strengths[index]
        yield session.step(action, take.line.given.get(index + 1))


def frames_of(world: "World", take: Take, first: int = 0) -> Iterator[np.ndarray]:
    """Yield the frames of `take` from `first` on, as they were played; those not kept are rendered again."""
    if len(take.line.tokens) < len(take.line) or take.first is None:
        yield from islice(render(world, take), first, None)
        return
    if first == 0:
        yield take.first
    for packed in take.line.tokens[max(0, first - 1) :]:
        yield world.picture(packed)
