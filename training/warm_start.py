"""From a bundle back to torch: a training that starts with the weights of a world that is played."""

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from genie.core.errors import BundleError, UsageError
from genie.core.manifest import read_manifest
from training.shrink import weights_of

AGES = "age_bias"  # by how old a frame is
# For each stage: the graphs its weights lie in, the prefix they have there, and the one they have in torch.
_PLACES = {
    "tokenizer": (("encode", "tokenizer.", ""), ("decode", "tokenizer.", "")),
    "text": (("text", "text.", ""), ("look", "text.", "")),
    "latent-action": (("dynamics", "drafter.latent_action.", ""),),
    "keys": (("dynamics", "keys.", ""),),
    "dynamics": (
        ("dynamics", "dynamics.", ""),
        ("text", "project.", "text."),
        ("text", "spoiled", "spoiled"),
    ),
}


def warm_start(model: nn.Module, stage: str, bundle: Path) -> int:
    """Fill a stage's model with a bundle's weights, by name, and return how many tensors were filled.

    What a bundle does not hold (what reads words back off a text) stays as it was, and so does the table of
    actions where the model is told other ones. A model that looks further back than the bundle's begins by
    taking what is older for what was oldest. Raises UsageError for a stage that a bundle does not hold,
    BundleError where a weight has another shape.
    """
    if stage not in _PLACES:
        raise UsageError(f"a bundle holds no {stage} to start from, only {', '.join(_PLACES)}")
    read_manifest(bundle)
    filled = 0
    state = model.state_dict()
    for graph, there, here in _PLACES[stage]:
        for name, weight in weights_of(onnx.load(bundle / f"{graph}.onnx")).items():
            if not name.startswith(there) or (ours := here + name.removeprefix(there)) not in state:
                continue
            if ours.endswith(AGES) and weight.shape[1] < state[ours].shape[1]:
                weight = np.pad(weight, ((0, 0), (0, state[ours].shape[1] - weight.shape[1])), mode="edge")
            if state[ours].shape != weight.shape:
                if ours == "action.weight":
                    continue
                raise BundleError(
                    f"{graph}.onnx: {name} has shape {weight.shape}, not {tuple(state[ours].shape)}"
                )
            state[ours].copy_(torch.tensor(weight))
            filled += 1
    if not filled:
        raise BundleError(f"{bundle} holds no weight of the {stage}: was it exported by an earlier version?")
    return filled
