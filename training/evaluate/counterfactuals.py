"""Whether each key does in the world what it does in truth, from the same moments, without any judge."""

from typing import Any

import numpy as np

from genie.runtime.world import World
from genie.worlds.source import Branches
from training.evaluate.fidelity import psnr
from training.evaluate.interval import interval
from training.progress import Progress

PAST, FUTURE = 4, 8
SAME = 0.25  # grey levels of mean difference up to which two futures count as one


def imagine(world: World, branches: Branches) -> np.ndarray:
    """What the world makes of every moment under every action: uint8 [M, A, F, H, W, 3]."""
    futures = np.empty_like(branches.futures)
    moments, actions, steps = futures.shape[:3]
    with Progress("counterfactuals", moments) as progress:
        for m in range(moments):
            caption, picture = branches.captions[m], branches.past[m, 0]
            session = world.start(prompt=caption, image=picture, seed=m, expand=False)
            for action, frame in zip(branches.actions[m], branches.past[m, 1:], strict=True):
                session.step(int(action), frame=frame)
            mark = session.snapshot()
            for action in range(actions):
                session.restore(mark)
                futures[m, action] = [session.step(action) for _ in range(steps)]
            progress.advance()
    return futures


def score_counterfactuals(branches: Branches, imagined: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    """How near each imagined future is to the true one of its key, and how often to no other key's.

    A future obeys when, of the true futures of all keys, its own key's is the nearest; keys whose true
    futures are the same (a jump in mid-air) count as one key there. Chance is what a guess among the
    different futures would reach. Delta-PSNR is how much nearer its own key's future is than the others'.
    """
    truth = branches.futures
    apart = np.stack([_difference(truth, truth[:, a, None]) for a in range(len(names))], 1)  # [M, A, A]
    same = apart <= SAME
    error = np.stack([_error(imagined[:, a, None], truth) for a in range(len(names))], 1)  # [M, A, A]
    error = np.where(
        same, np.einsum("maa->ma", error)[..., None], error
    )  # one of several equals is all of them
    named = error.argmin(-1)
    obeys = np.take_along_axis(same, named[..., None], -1)[..., 0]
    own = psnr(imagined, truth).mean(-1)
    gain = 10 * np.log10(np.maximum(error, 1e-3) / np.maximum(np.einsum("maa->ma", error), 1e-3)[..., None])
    confusion = np.zeros((len(names), len(names)), int)
    for key in range(len(names)):
        told = np.where(obeys[:, key], key, named[:, key])
        confusion[key] = np.bincount(told, minlength=len(names))
    return {
        "moments": len(truth),
        "frames": truth.shape[2],
        "obeys": interval(obeys.mean(1)),
        "chance": round(_chance(same), 4),
        "psnr": interval(own.mean(1)),
        "delta_psnr": interval(gain.sum((1, 2)) / (~same).sum((1, 2)).clip(1)),
        "by_key": {
            name: {
                "obeys": round(float(obeys[:, key].mean()), 4),
                "psnr": round(float(own[:, key].mean()), 3),
            }
            for key, name in enumerate(names)
        },
        "confusion": confusion.tolist(),  # rows: the key held; columns: the key whose true future is nearest
    }


def _chance(same: np.ndarray) -> float:
    """How often a guess among the different futures of each moment is right."""
    kinds = (1 / same.sum(-1)).sum(-1)  # every group of equals counts once
    return float((1 / kinds).mean())


def _difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(np.float32) - b).mean((-4, -3, -2, -1))


def _error(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ((a.astype(np.float32) - b) ** 2).mean((-4, -3, -2, -1))
