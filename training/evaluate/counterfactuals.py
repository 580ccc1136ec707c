"""Whether each key does in the world what it does in truth, from the same moments."""

import hashlib
from typing import Any, NamedTuple

import numpy as np

from genie.runtime.world import World
from genie.worlds.source import Branches
from training.equal_keys import equal_keys, guess
from training.evaluate.crew import Crew
from training.evaluate.interval import interval
from training.evaluate.judging import name_held
from training.evaluate.likeness import psnr
from training.evaluate.naming import Named, accuracy
from training.judge import BEFORE, Judge

PAST, FUTURE = 4, 8


class Imagined(NamedTuple):
    """before uint8 [M, 2, H, W, 3], the moments and the frames before as the world renders them; after
    uint8 [M, A, F, H, W, 3], what it makes of every moment under every key.
    """

    before: np.ndarray
    after: np.ndarray


def imagine(world: World, branches: Branches, crew: Crew) -> Imagined:
    """Every moment under every key, each from the same past."""
    actions, steps = branches.futures.shape[1:3]

    def one(m: int) -> tuple[list[np.ndarray], np.ndarray]:
        caption, picture = branches.captions[m], branches.past[m, 0]
        session = world.start(prompt=caption, image=picture, seed=m, expand=False)
        seen = [session.frame]
        for action, frame in zip(branches.actions[m], branches.past[m, 1:], strict=True):
            seen.append(session.step(int(action), frame=frame))
        mark, after = session.snapshot(), np.empty_like(branches.futures[m])
        for action in range(actions):
            session.restore(mark)
            after[action] = [session.step(action) for _ in range(steps)]
        return seen[-BEFORE:], after

    before, after = zip(*crew.each(one, len(branches.past), "counterfactuals"), strict=True)
    return Imagined(np.array(before), np.array(after))


def score_counterfactuals(branches: Branches, imagined: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    """How near each imagined future is to the true one of its key, and how often to no other key's.

    A future obeys when, of the true futures of all keys, its own key's is the nearest; keys whose true
    futures are the same (a jump in mid-air) count as one key there. Chance is what a guess among the
    different futures would reach. Delta-PSNR is how much nearer its own key's future is than the others'.
    """
    truth = branches.futures
    keys = len(names)
    same = equal_keys(truth)
    error = np.stack([_error(imagined[:, a, None], truth) for a in range(keys)], 1)  # [M, A, A]
    own = np.einsum("maa->ma", error)[..., None]
    error = np.where(same, own, error)  # one of several equals is all of them
    named = _as_one(error.argmin(-1), same)
    still = psnr(branches.past[:, None, -1:], truth).mean(-1)
    gain = 10 * np.log10(np.maximum(error, 1e-3) / np.maximum(own, 1e-3))
    quality = psnr(imagined, truth).mean(-1)
    return {
        "moments": len(truth),
        "asked": moments_digest(branches),
        "frames": truth.shape[2],
        "obeys": interval(named.hits()),
        "chance": round(guess(same), 4),
        "psnr": interval(quality.mean(1)),
        "psnr_copy_last_frame": interval(still.mean(1)),
        "delta_psnr": interval(gain.sum((1, 2)) / (~same).sum((1, 2)).clip(1)),
        "by_key": {
            name: {"obeys": interval(named.names[:, key] == key), "psnr": interval(quality[:, key])}
            for key, name in enumerate(names)
        },
        "confusion": named.confusion(keys).tolist(),  # rows: the key held; columns: whose future is nearest
    }


def score_held_keys(judge: Judge, branches: Branches, imagined: Imagined) -> dict[str, Any]:
    """How often the judge names the key held, or one that does the same there: in true futures, and imagined.

    Chance is a guess among the different futures of each moment.
    """
    same = equal_keys(branches.futures)
    real = _named_held(judge, branches.past[:, -BEFORE:], branches.futures, same)
    made = _named_held(judge, imagined.before, imagined.after, same)
    one_key = float(same.mean((0, 1)).max())  # each key counts where it does the same as that one
    return accuracy(real, made, judge.config.actions, one_key) | {"chance": round(guess(same), 4)}


def moments_digest(branches: Branches) -> str:
    """Of the moments and of what truly follows: two reports' moments can be compared one by one where it is
    the same.
    """
    digest = hashlib.sha256()
    for part in (branches.past, branches.actions.astype("<i8"), branches.futures):
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()[:16]


def _named_held(judge: Judge, before: np.ndarray, after: np.ndarray, same: np.ndarray) -> Named:
    moments, keys = after.shape[:2]
    likely = np.empty((moments, keys, keys))
    for key in range(keys):
        seen = np.concatenate((before, after[:, key, : judge.config.held]), 1)
        likely[:, key] = name_held(judge, seen)
    # What is said of one of several equals is said of them all.
    return _as_one(np.einsum("mab,mcb->mac", likely, same.astype(float)).argmax(-1), same)


def _as_one(named_MA: np.ndarray, same: np.ndarray) -> Named:
    """Names int [M, A], those that are another key of equal effect made the key itself."""
    keys = np.broadcast_to(np.arange(named_MA.shape[1]), named_MA.shape)
    right = np.take_along_axis(same, named_MA[..., None], -1)[..., 0]
    return Named(keys, np.where(right, keys, named_MA))


def _error(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ((a.astype(np.float32) - b) ** 2).mean((-4, -3, -2, -1))
