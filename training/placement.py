"""Where things lie: a model on which device and in what order, and what freed memory is kept for."""

import ctypes
import sys
from typing import TypeVar

import torch
from torch import nn

Model = TypeVar("Model", bound=nn.Module)


def channels_last(model: Model, device: torch.device) -> Model:
    """Move a model to a device, its convolutions' weights channels-last: a third faster on a CPU."""
    # torch takes memory_format, but its type stubs do not know it.
    return model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # of malloc.h


def keep_freed_memory() -> None:
    """Have this process keep memory that it frees, for the next step: a sixth of a training step on a CPU.

    By default glibc gives every large array back to the system, which hands out a new one page by page,
    zeroed. Elsewhere than on Linux nothing is done.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
