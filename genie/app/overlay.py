"""Pictures as a clip shows them: enlarged, with the keys and the prompt drawn in where that is asked for."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genie.core.actions import ActionSet
from genie.core.errors import ExportError

if TYPE_CHECKING:
    from genie.app.canvas import Canvas

NARROWEST = 128
"""Fewer pixels cannot hold a word."""
LINES = 2
GAP = 8
"""Pixels between two pictures side by side."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How many times larger than life, and whether the keys and the prompt are drawn in."""

    scale: int = 4
    keys: bool = False
    caption: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing is drawn in."""
        return not (self.keys or self.caption)


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One frame, uint8 [height, width, 3], the keys that led to it and the prompt it was made under."""

    frame: np.ndarray
    keys: tuple[str, ...]
    prompt: str


def check_look(look: Look, frame_size: tuple[int, int]) -> None:
    """Raise ExportError where frames of (height, width) leave no room for what is to be drawn in."""
    width = frame_size[1] * look.scale
    if not look.is_plain and width < NARROWEST:
        least = -(-NARROWEST // frame_size[1])
        raise ExportError(
            f"{width} pixels are too narrow for keys or a caption: enlarge {least} times (--scale {least})."
        )


def pictures(shots: Iterable[Shot], look: Look, actions: ActionSet) -> Iterator[np.ndarray]:
    """Yield each shot as it is shown, uint8 [height, width, 3], all of one size."""
    artist = None if look.is_plain else _Artist(look, actions.keys)
    for shot in shots:
        large = np.ascontiguousarray(shot.frame.repeat(look.scale, axis=0).repeat(look.scale, axis=1))
        yield artist.draw(large, shot) if artist else large


def beside(rows: Sequence[Iterable[np.ndarray]]) -> Iterator[np.ndarray]:
    """Yield pictures of every row side by side; one that has ended stays at its last until all have."""
    running = [iter(row) for row in rows]
    shown: list[np.ndarray] = []
    while True:
        following = [next(row, None) for row in running]
        if all(picture is None for picture in following):
            return
        shown = [new if new is not None else shown[place] for place, new in enumerate(following)]
        bar = np.zeros((shown[0].shape[0], GAP, 3), np.uint8)
        parts = [part for picture in shown for part in (bar, picture)][1:]
        yield np.concatenate(parts, axis=1)


class _Artist:
    """Draws with the window's own caps and font, on pictures of its own: no window is needed."""

    def __init__(self, look: Look, names: Collection[str]) -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        import pygame

        pygame.font.init()
        self._look = look
        self._names = tuple(names)
        self._canvas: Canvas | None = None

    def draw(self, large: np.ndarray, shot: Shot) -> np.ndarray:
        import pygame

        from genie.app.canvas import Canvas
        from genie.app.key_caps import draw_key_caps

        height, width = large.shape[:2]
        canvas = self._canvas = self._canvas or Canvas(pygame.Surface((width, height)))
        canvas.unit = min(3.0, max(0.7, width / 320))
        band = LINES * canvas.line_height() + canvas.px(8) if self._look.caption else 0
        canvas.surface = pygame.Surface((width, height + band))
        canvas.surface.blit(pygame.image.frombuffer(large.tobytes(), (width, height), "RGB"), (0, 0))
        if self._look.keys:
            margin = canvas.px(6)
            draw_key_caps(canvas, self._names, set(shot.keys), (margin, height - margin))
        if band:
            self._write(canvas, shot.prompt, height)
        data = pygame.image.tobytes(canvas.surface, "RGB")
        return np.frombuffer(data, np.uint8).reshape(height + band, width, 3)

    @staticmethod
    def _write(canvas: "Canvas", prompt: str, top: int) -> None:
        room = canvas.rect.width - 2 * canvas.px(6)
        for place, line in enumerate(canvas.wrap(prompt, room, LINES)):
            where = (canvas.rect.centerx, top + canvas.px(4) + place * canvas.line_height())
            canvas.text(line, where, anchor="midtop")
