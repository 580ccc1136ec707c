"""The processes that train one model together, as torchrun starts them; alone, nothing here does anything."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_gather
from torch.nn.parallel import DistributedDataParallel

from genie.core.errors import UsageError
from training.stage import Stage

Loss = Callable[[int], tuple[Tensor, dict[str, Tensor]]]


def count() -> int:
    """How many there are."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Which of them this is; the first, 0, alone writes and shows progress."""
    return dist.get_rank() if dist.is_initialized() else 0


def local_rank() -> int:
    """Which of those on this machine it is."""
    return int(os.environ.get("LOCAL_RANK", "0"))


@contextmanager
def together() -> Iterator[None]:
    """Join the others that torchrun has started, if it has, until the block is left."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    # Tensors on GPUs go by NCCL; what the processes tell each other between steps, by gloo.
    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def device_of(kind: str) -> torch.device:
    """This process's device of a kind, "cpu" or "cuda": each has a GPU of its own."""
    if kind != "cuda":
        return torch.device(kind)
    own = torch.device(kind, local_rank())
    torch.cuda.set_device(own)  # of this thread; others, which read ahead, are told by the device itself
    return own


@contextmanager
def first_alone() -> Iterator[None]:
    """The first process runs the block before all others do, then the first on each other machine.

    So what it leaves on disk the others find, and what lies on a machine's own disk is made once there.
    """
    turns = 2 if count() > 1 else 0
    turn = 0 if rank() == 0 else 1 if local_rank() == 0 else 2
    for _ in range(turn):
        dist.barrier()
    yield
    for _ in range(turns - turn):
        dist.barrier()


def may_share(batch: int) -> None:
    """Raises UsageError where a batch cannot be shared out equally."""
    if batch % count():
        raise UsageError(f"{count()} processes cannot share a batch of {batch} equally: give another --batch")


def share(rows: Any) -> Any:
    """This process's rows of a whole batch."""
    return rows[rank() :: count()]


def own_seed(step: int) -> int:
    """A seed for what each process draws for its own rows at a step."""
    return step * count() + rank()


def agree(told: Sequence[float]) -> list[float]:
    """The largest of what the processes tell, one by one."""
    if count() == 1:
        return list(told)
    largest = torch.tensor(told, dtype=torch.float64)
    dist.all_reduce(largest, dist.ReduceOp.MAX)
    return cast(list[float], largest.tolist())


def total(tensor: Tensor) -> Tensor:
    """The sum of the processes' tensors."""
    if count() > 1:
        dist.all_reduce(tensor)
    return tensor


def mean(figures: dict[str, Tensor]) -> dict[str, float]:
    """The processes' mean of each figure."""
    if not figures:
        return {}
    values = total(torch.stack([value.detach().float() for value in figures.values()])) / count()
    return dict(zip(figures, values.tolist(), strict=True))


def gather(rows: Tensor) -> Tensor:
    """All processes' rows, one process after another; gradients find their way back."""
    return rows if count() == 1 else torch.cat(all_gather(rows))


def whole_loss(stage: Stage[Any]) -> Loss:
    """The stage's loss, whose gradient will be that of all processes' losses' mean."""
    if count() == 1:
        return stage.loss
    # Buffers are the stages' own care: counts of codes are added up, not overwritten.
    return cast(Loss, DistributedDataParallel(_StepLoss(stage), broadcast_buffers=False))


class _StepLoss(nn.Module):
    """A stage's loss as a module, which is what DistributedDataParallel knows."""

    def __init__(self, stage: Stage[Any]) -> None:
        super().__init__()
        self.stage, self.model = stage, stage.model

    def forward(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        return self.stage.loss(step)
