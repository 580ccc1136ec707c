"""How often keys obey that were mapped to latent codes from few labels, whichever labels those are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.draft import Drafter
from genie.models.latent_action import Glance, came_true
from genie.worlds.source import Branches
from training.evaluate.counterfactuals import score_counterfactuals
from training.evaluate.interval import crossed
from training.evaluate.transitions import Read, Transitions, rendered
from training.progress import Progress

DRAWS = {100: 10, 1_000: 3}  # of so many labels each, no label in two
CLIPS_A_DRAW = 200  # that a thousand labels are of, where there are enough
WANTED = max(labels * draws for labels, draws in DRAWS.items())
MOMENTS, MOMENTS_SEED = 40, 9  # at most, that keys are tried at


def score_mapped_keys(
    drafter: Drafter, labelled: Transitions, told: Read, branches: Branches, names: tuple[str, ...]
) -> dict[str, Any]:
    """How often keys obey when they are mapped to codes from so many labels, by the latent actions alone.

    Mapped anew from each draw of labels. The future of a held key is redone by the latent action model's
    decoder, from the simulator's moments: no dynamics mend it. Chance is that of `counterfactuals`. Intervals
    cover draws as well as moments (`crossed`); of a single draw they are over moments alone.
    """
    order = np.random.default_rng(MOMENTS_SEED).permutation(len(branches.past))
    chosen = np.sort(order[:MOMENTS])
    moments = Branches(
        branches.past[chosen],
        branches.actions[chosen],
        branches.futures[chosen],
        [branches.captions[m] for m in chosen],
    )
    there = len(labelled.keys)
    drawn = [(labels, rows) for labels, most in DRAWS.items() for rows in _draws(there, labels, most)]
    redone = redo(drafter, [_fitted(drafter, labelled, told, rows, len(names)) for _, rows in drawn], moments)
    found = [score_counterfactuals(moments, frames, names) for frames in redone]
    scores: dict[str, Any] = {}
    for labels in DRAWS:
        own = [one for (count, _), one in zip(drawn, found, strict=True) if count == labels]
        if not own:
            scores[str(labels)] = {"left_out": f"only {there} labelled transitions are there"}
            continue
        scores[str(labels)] = {
            "obeys": crossed(np.array([one["obeys"].samples for one in own])),
            "chance": own[0]["chance"],
            "psnr": crossed(np.array([one["psnr"].samples for one in own])),
            "moments": len(chosen),
            "draws": len(own),
        }
    clips = len(np.unique(labelled.clips))
    scores["labelled"] = {"labels": there, "clips": clips, "digest": labelled.digest()}
    return scores


def _draws(there: int, labels: int, most: int) -> list[slice]:
    """At most so many draws of labels, spread over those that are there; none in two."""
    count = min(most, there // labels)
    return [slice(first, first + labels) for first in (n * (there // count) for n in range(count))]


def _fitted(drafter: Drafter, labelled: Transitions, told: Read, rows: slice, keys: int) -> ActionMap:
    codes = drafter.latent_action.config.codes
    fitted = ActionMap(ActionMapConfig(keys=keys, codes=codes, squares=True))
    seen = Glance(*(part[rows] for part in told.glance))
    fitted.fit(torch.from_numpy(labelled.keys[rows]), seen, came_true(told.errors[rows]))
    return fitted


@torch.no_grad()
def redo(drafter: Drafter, maps: Sequence[ActionMap], branches: Branches) -> np.ndarray:
    """Every moment under every key as each map means it, by the drafter alone: uint8 [D, M, A, F, H, W, 3].

    Most maps and keys mean the same few codes from the same moment: what they lead to is made once.
    """
    moments, actions, steps = branches.futures.shape[:3]
    redone = np.empty((len(maps), *branches.futures.shape), np.uint8)
    held, codes = torch.arange(actions), drafter.latent_action.config.codes
    with Progress("keys mapped from few labels", moments if maps else 0) as progress:
        for m in range(moments if maps else 0):
            past = rendered(drafter, branches.past[m : m + 1, -drafter.history :])
            at = np.zeros((len(maps), actions), int)  # which past each map's key has come to
            for step in range(steps):
                features = drafter.latent_action.past(past)
                glance = drafter.latent_action.glance(features)
                meant = [
                    own.meant(held, Glance(*(part[where] for part in glance))).numpy()
                    for own, where in zip(maps, at, strict=True)
                ]
                ways, after = np.unique((at * codes + np.array(meant)).ravel(), return_inverse=True)
                came_from, code = torch.from_numpy(ways // codes), torch.from_numpy(ways % codes)
                past = past[came_from]
                frames = drafter.latent_action.redo(features[came_from], past[:, -3:], code).clamp(-1, 1)
                past, at = torch.cat((past[:, 3:], frames), 1), after.reshape(at.shape)
                shown = ((frames + 1) * 127.5).round().to(torch.uint8)
                redone[:, m, :, step] = shown.movedim(1, -1).numpy()[at]
            progress.advance()
    return redone
