"""The sprite world as a source of clips; it needs no simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from genie.worlds.source import SourceClip

from .rules import BACKGROUNDS, FARTHEST, MOVES, SPRITES, STEP, Place, draw

_WORDINGS = ("a {} square on a {} background", "a {} block moving over {}", "{} square, {} background")
_KEEP = 0.7


def source() -> SpriteSource:
    return SpriteSource()


class SpriteSource:
    """Clips of a sprite that holds each random action for a few frames; a level is colours and a start."""

    fps = 15
    frame_size = (32, 32)
    action_names = tuple(MOVES)
    splits: Mapping[str, range] = {
        "train": range(1000),
        "test": range(1000, 2000),
        "judge": range(2000, 3000),
        "starts": range(3000, 4000),
    }

    def record(self, *, split: str, clips: int, frames: int, seed: int) -> Iterator[SourceClip]:
        """`clips` clips of exactly `frames` frames."""
        rng = np.random.default_rng(seed)
        for _ in range(clips):
            yield self._clip(int(rng.choice(self.splits[split])), frames, rng)

    def _clip(self, level: int, frames: int, rng: np.random.Generator) -> SourceClip:
        sprite, background, place = start_of(level)
        actions: list[int] = []
        pictures = [draw(place, sprite, background)]
        while len(pictures) < frames:
            if not actions or rng.random() > _KEEP:
                action = int(rng.integers(len(self.action_names)))
            actions.append(action)
            place = place.moved(self.action_names[action])
            pictures.append(draw(place, sprite, background))
        return SourceClip(
            frames=np.stack(pictures),
            actions=np.array(actions, np.int16),
            caption=str(rng.choice(_WORDINGS)).format(sprite, background),
            attributes={"sprite": sprite, "background": background},
            level=level,
            policy="sticky",
        )


def start_of(level: int) -> tuple[str, str, Place]:
    """The sprite's and the background's colour, and where the sprite begins."""
    rng = np.random.default_rng(level)
    sprite, background = str(rng.choice(list(SPRITES))), str(rng.choice(list(BACKGROUNDS)))
    x, y = (STEP * int(v) for v in rng.integers(0, FARTHEST // STEP + 1, 2))
    return sprite, background, Place(x, y)
