"""A take: everything needed to render a played session again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from genie.runtime.world import World


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a session begins: a prompt, a seed, and an optional picture, uint8 [height, width, 3] RGB."""

    prompt: str
    seed: int
    image: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True)
class Take:
    """A start and what was done since.

    Action t leads from frame t to t + 1; a prompt holds from its frame on.
    """

    start: Start
    actions: tuple[int, ...]
    prompts: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        """How many frames it has, the start frame included."""
        return len(self.actions) + 1


def render(world: "World", take: Take) -> Iterator[np.ndarray]:
    """Yield the frames of `take`, uint8 [height, width, 3]; the same bits as played on the same device."""
    session = world.start(prompt=take.start.prompt, image=take.start.image, seed=take.start.seed)
    prompts = dict(take.prompts)
    yield session.frame
    for index, action in enumerate(take.actions):
        if index in prompts:
            session.prompt = prompts[index]
        yield session.step(action)
