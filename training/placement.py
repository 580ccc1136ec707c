"""Where a model lies: on which device, and in what order in its memory."""

from typing import TypeVar

import torch
from torch import nn

Model = TypeVar("Model", bound=nn.Module)


def channels_last(model: Model, device: torch.device) -> Model:
    """Move a model to a device, its convolutions' weights channels-last: a third faster on a CPU."""
    # torch takes memory_format, but its type stubs do not know it.
    return model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
