"""Whether what was left looks the same when one comes back to it: a world's memory, off real clips alone."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from genie.clips.frame_store import UNKNOWN, FrameStore
from genie.runtime.world import World
from training.evaluate.crew import Crew
from training.evaluate.interval import interval
from training.evaluate.likeness import psnr
from training.evaluate.real_clips import CONTEXT
from training.windows import steady_starts

AWAY, BACK = 14.0, 30.0  # dB: less alike is another view, more alike the same one
NEAREST, FARTHEST = 6, 40  # frames from leaving a view to seeing it again
REVISITS_SEED = 6


class Revisit(NamedTuple):
    """A real clip's way from a view and back to it.

    frames: uint8 [4 + G, H, W, 3], the fourth the view that is left, the last the same come back to; actions:
    int [3 + G]; caption: what was said as it was left.
    """

    frames: np.ndarray
    actions: np.ndarray
    caption: str

    @property
    def gap(self) -> int:
        """Frames from leaving to being back."""
        return len(self.frames) - CONTEXT


class Revisited(NamedTuple):
    """What a world made of them: futures, one array uint8 [G, H, W, 3] a revisit."""

    revisits: list[Revisit]
    futures: list[np.ndarray]


def find_revisits(store: FrameStore, count: int) -> list[Revisit]:
    """At most `count` revisits, each the longest of its clip, the clips in an order drawn by a seed.

    None goes over a change of look, or over actions that are not known.
    """
    found: list[Revisit] = []
    order = np.random.default_rng(REVISITS_SEED).permutation(len(store.starts) - 1)
    for clip in order:
        if len(found) == count:
            break
        longest = max(_revisits(store, int(clip)), key=lambda span: span[1] - span[0], default=None)
        if longest is not None:
            left, back = longest
            rows = slice(left - CONTEXT + 1, back + 1)
            found.append(
                Revisit(
                    np.array(store.frames[rows]),
                    store.actions[rows][:-1].astype(int),
                    store.captions[store.caption_of[left]],
                )
            )
    return found


def _revisits(store: FrameStore, clip: int) -> Iterator[tuple[int, int]]:
    """The rows (left, back) of a clip's frames that are the same view with another one in between."""
    start, end = int(store.starts[clip]), int(store.starts[clip + 1])
    flat = store.frames[start:end].reshape(end - start, -1).astype(np.float32) / 255
    squares = (flat**2).sum(1)
    error = np.maximum((squares[:, None] + squares - 2 * flat @ flat.T) / flat.shape[1], 1e-9)
    alike = -10 * np.log10(error)
    changed = store.changed()
    for left in range(CONTEXT - 1, end - start - NEAREST):
        for back in range(min(left + FARTHEST, end - start - 1), left + NEAREST - 1, -1):
            if alike[left, back] < BACK or alike[left, left:back].min() > AWAY:
                continue
            first = start + left - CONTEXT + 1
            steady = steady_starts(np.array([first]), back - left + CONTEXT, changed)
            if len(steady) and (store.actions[first : start + back] != UNKNOWN).all():
                yield start + left, start + back
            break


def revisit(world: World, revisits: list[Revisit], crew: Crew) -> Revisited:
    """Leave each view under the clip's keys and come back; the world sees nothing but itself on the way."""

    def one(number: int) -> np.ndarray:
        frames, actions, caption = revisits[number]
        session = world.start(prompt=caption, image=frames[0], seed=number, expand=False)
        for t in range(CONTEXT - 1):
            session.step(int(actions[t]), frame=frames[t + 1])
        return np.array([session.step(int(action)) for action in actions[CONTEXT - 1 :]])

    return Revisited(revisits, crew.each(one, len(revisits), "ways back to a view"))


def score_revisits(made: Revisited) -> dict[str, Any]:
    """How like the view come back to the world's frame is, beside a memory that forgets nothing.

    psnr_remembered: of the frame that was left; psnr_forgotten: of the view that was left in another clip,
    which is what a good picture of some other place reaches.
    """
    revisits, futures = made
    if not revisits:
        return {"left_out": "no clip of the test split leaves a view and comes back to it"}
    truth = np.array([one.frames[-1] for one in revisits])
    left = np.array([one.frames[CONTEXT - 1] for one in revisits])
    shown = np.array([future[-1] for future in futures])
    return {
        "revisits": len(revisits),
        "frames_away": interval(np.array([one.gap for one in revisits], float)),
        "psnr": interval(psnr(shown, truth)),
        "psnr_remembered": interval(psnr(left, truth)),
        **({"psnr_forgotten": interval(psnr(np.roll(left, 1, 0), truth))} if len(left) > 1 else {}),
    }
