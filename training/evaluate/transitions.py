"""Transitions whose keys are known, and what latent actions make of them."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from genie.clips.clip_folder import ClipFolder
from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from genie.models.draft import Drafter
from genie.models.latent_action import Glance, stacked
from training.progress import Progress
from training.windows import pixels

HELD_OUT_SEED, LABELS_SEED = 6, 7
PIECE = 64


class Transitions(NamedTuple):
    """R transitions: past uint8 [R, K, H, W, 3]; following uint8 [R, H, W, 3]; keys int64 [R] that led there;
    clips int [R] that they are of.
    """

    past: np.ndarray
    following: np.ndarray
    keys: np.ndarray
    clips: np.ndarray

    def digest(self) -> str:
        """Of what they show and of the keys: the same labels have the same."""
        digest = hashlib.sha256(np.ascontiguousarray(self.following).data)
        digest.update(self.keys.astype("<i8").tobytes())
        return digest.hexdigest()[:16]


class Read(NamedTuple):
    """What latent actions make of transitions: a glance at every code, and the error of each [R, C]."""

    glance: Glance
    errors: Tensor


def held_out_transitions(store: FrameStore, history: int, count: int) -> Transitions:
    """Labelled transitions of a store, drawn by a seed."""
    starts = np.concatenate(
        [np.arange(a, b - history) for a, b in zip(store.starts[:-1], store.starts[1:], strict=True)]
    )
    starts = starts[store.actions[starts + history - 1] >= 0]
    chosen = np.sort(np.random.default_rng(HELD_OUT_SEED).permutation(starts)[:count])
    rows = store.frames[chosen[:, None] + np.arange(history + 1)]
    keys = store.actions[chosen + history - 1].astype(np.int64)
    clips = np.searchsorted(store.starts, chosen, side="right") - 1
    return Transitions(rows[:, :-1], rows[:, -1], keys, clips)


def labelled_transitions(
    data: Path, names: tuple[str, ...], history: int, *, count: int, clips: int, parts: int
) -> Transitions:
    """So many labels, or as many as there are, out of at most so many clips of the training split.

    Each clip gives as many as it takes. They are in `parts` of clips of their own, one after another, and
    within each part the next label is of the next clip, so that the first ones are of as many clips. Raises
    ClipError where no clip tells its keys.
    """
    rng = np.random.default_rng(LABELS_SEED)
    told = [clip for clip in ClipFolder(data).clips("train") if clip.entry.actions is not None]
    if not told:
        raise ClipError(f"{data} has no clips with actions in its split 'train'")
    chosen = rng.permutation(len(told))[:clips]
    each = -(-count // len(chosen))
    found = []
    for place, number in enumerate(chosen):
        frames, taken = told[number].read_frames(), told[number].read_actions() or ()
        for turn, end in enumerate(rng.permutation(np.arange(history, len(frames)))[:each]):
            label = (frames[end - history : end], frames[end], names.index(taken[end - 1]), number)
            found.append(((place % parts, turn, place), label))
    found.sort(key=lambda one: one[0])
    return Transitions(*(np.array(part) for part in zip(*(label for _, label in found), strict=True)))


@torch.no_grad()
def read(drafter: Drafter, transitions: Transitions) -> Read:
    """Read transitions as play sees them: after rendered frames."""
    glances, errors = [], []
    with Progress("latent actions", len(transitions.keys)) as progress:
        for first in range(0, len(transitions.keys), PIECE):
            past = rendered(drafter, transitions.past[first : first + PIECE])
            following = pixels(torch.from_numpy(transitions.following[first : first + PIECE]))
            glances.append(drafter.latent_action.glance(drafter.latent_action.past(past)))
            errors.append(drafter.latent_action.errors(past, following))
            progress.advance(steps=len(past))
    glance = Glance(*(torch.cat(part) for part in zip(*glances, strict=True)))
    return Read(glance, torch.cat(errors))


def rendered(drafter: Drafter, frames_RKHW3: np.ndarray) -> Tensor:
    """Frames uint8 as the tokenizer renders them, stacked for the latent action model: [R, 3 K, H, W]."""
    frames = pixels(torch.from_numpy(np.ascontiguousarray(frames_RKHW3)))
    tokenizer = drafter.tokenizer
    return stacked(tokenizer.decode(tokenizer.encode(frames.flatten(0, 1))).unflatten(0, frames.shape[:2]))
