"""A model spread over processes (FSDP2): each holds a part of every weight, its moments and its average."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import (
    FSDPModule,
    MixedPrecisionPolicy,
    fully_shard,
    register_fsdp_forward_method,
)
from torch.distributed.tensor import DTensor, distribute_tensor

from genie.core.errors import UsageError
from training import processes
from training.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

# What autocast would do to a layer's weights, but before they are gathered: half as much goes between
# processes, and autocast keeps no copy of them from the forward to the backward pass.
_AS_AUTOCAST = MixedPrecisionPolicy(
    param_dtype=torch.bfloat16, reduce_dtype=torch.float32, cast_forward_inputs=False
)


def may_shard() -> None:
    """Raises UsageError where there are no processes to spread a model over."""
    if processes.count() == 1:
        raise UsageError("--shard spreads a model over several processes: start them with torchrun")


class Sharded(nn.Module):
    """A stage whose model is spread over all processes; `loss` and `validate` see whole weights.

    Made before optimisers are, for it changes the model's parameters into DTensors. A module, and the root of
    what is sharded: so the weights are there for a whole step, whatever parts of its model a stage calls.
    Raises UsageError for a model with a weight that has no rows to share out, as CLIP's scale has none.
    """

    def __init__(self, stage: Stage[Any]) -> None:
        super().__init__()
        self.stage, self.model = stage, stage.model
        if any(parameter.dim() == 0 for parameter in self.model.parameters()):
            raise UsageError(
                f"{stage.name} cannot be sharded, for a weight of it is one number: leave out --shard"
            )
        for parameter in self.model.parameters():
            parameter.data = parameter.data.contiguous()  # in rows: FSDP takes no channels-last
        # Dynamics' layers return views, which nothing is done to in place.
        warnings.filterwarnings("ignore", message="FSDP2-wrapped module .* returned a view")
        mesh = init_device_mesh(next(self.model.parameters()).device.type, (processes.count(),))
        for layer, method in stage.layers():
            fully_shard(layer, mesh=mesh, mp_policy=_AS_AUTOCAST)
            if method != "forward":  # which it knows of itself
                register_fsdp_forward_method(layer, method)
        fully_shard(self, mesh=mesh)

    def forward(self, step: int | None) -> Any:
        """The loss of a step, or, where there is none, the figures of a validation."""
        return self.stage.validate(self.model) if step is None else self.stage.loss(step)

    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The stage's loss, whose gradient will be that of all processes' losses' mean."""
        return cast(tuple[Tensor, dict[str, Tensor]], self(step))

    def validate(self) -> dict[str, float]:
        """The stage's validation, in which all processes take part."""
        figures = cast(dict[str, float], self(None))
        cast(FSDPModule, self).reshard()  # a backward pass does so, of which there is none here
        return figures


def own(tensors: Sequence[Tensor]) -> list[Tensor]:
    """This process's parts of tensors, sharing their memory; a tensor that is not sharded is its own part."""
    return [tensor.to_local() if isinstance(tensor, DTensor) else tensor for tensor in tensors]


def whole(tensor: Tensor) -> Tensor:
    """A tensor with the parts of all processes, each of which has to ask for it."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def gathered(values: Any) -> Any:
    """Nested dicts and lists with whole tensors in place of sharded ones: on the first process's CPU alone.

    All processes have to ask; on the others None stands for each. One is gathered at a time.
    """
    if isinstance(values, dict):
        return {key: gathered(value) for key, value in values.items()}
    if isinstance(values, list):
        return [gathered(value) for value in values]
    if not isinstance(values, DTensor):
        return values
    tensor = values.full_tensor()
    return None if processes.rank() else tensor.cpu()


def laid_as(tensor: Tensor, pattern: Tensor) -> Tensor:
    """A whole tensor as another of its shape lies: on its device, in its order, and sharded where that is.

    A tensor of another shape is left as it is.
    """
    if tensor.shape != pattern.shape:
        return tensor
    if isinstance(pattern, DTensor):
        mesh, placements = pattern.device_mesh, pattern.placements
        # Every process has it whole, and takes its part; a copy, which does not keep the whole alive.
        rows = tensor.to(pattern.device).contiguous()
        return distribute_tensor(rows, mesh, placements, src_data_rank=None).clone()
    return torch.empty_like(pattern, dtype=tensor.dtype).copy_(tensor)


def with_moments_laid(saved: dict[str, Any], optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """An optimiser's saved state with each moment laid as its weight is.

    A fused optimiser goes through memory as it lies, and would take a moment in another order for another.
    """
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    state = {
        number: {name: laid_as(value, weights[number]) for name, value in values.items()}
        for number, values in saved["state"].items()
    }
    return {**saved, "state": state}


def all_laid(tensors: dict[str, Tensor], patterns: dict[str, Tensor]) -> dict[str, Tensor]:
    """Whole tensors as those of the same names lie; those that have no pattern are left as they are."""
    return {name: laid_as(value, patterns.get(name, value)) for name, value in tensors.items()}


@contextmanager
def changed_whole(weight: Tensor) -> Iterator[Tensor]:
    """A weight to be changed in place as a whole, by all processes alike, whether or not it is sharded."""
    with torch.no_grad():
        tensor = whole(weight.detach())
        yield tensor
        if isinstance(weight, DTensor):
            weight.copy_(laid_as(tensor, weight))
