"""Muon for matrices of which each process holds a part of the rows."""

from typing import Any

import torch
from torch import Tensor

from training import sharding


class ShardedMuon(torch.optim.Muon):
    """torch's Muon, with the same state and the same steps, for sharded matrices (DTensors).

    torch's own works on them, but waits for the other processes at each of its fifteen products. Here a
    matrix is gathered once, in bfloat16, and every process makes it orthogonal by itself.
    """

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One step with the gradients that the matrices have; there is no closure to be called."""
        for group in self.param_groups:
            assert group["nesterov"] and group["adjust_lr_fn"] == "match_rms_adamw", "as the loop has it"
            for matrix in group["params"]:
                if matrix.grad is not None:
                    self._move(matrix, matrix.grad, group)

    def _move(self, matrix: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state, inertia, lr = self.state[matrix], group["momentum"], group["lr"]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(gradient)
        state["momentum_buffer"].lerp_(gradient, 1 - inertia)
        towards = sharding.whole(gradient.lerp(state["momentum_buffer"], inertia).bfloat16())
        direction = _orthogonal(towards, group["ns_coefficients"], group["ns_steps"], group["eps"])
        matrix.mul_(1 - lr * group["weight_decay"])
        matrix.add_(sharding.laid_as(direction, matrix), alpha=-lr * 0.2 * max(matrix.shape) ** 0.5)


def _orthogonal(matrix: Tensor, coefficients: tuple[float, float, float], steps: int, eps: float) -> Tensor:
    """The orthogonal matrix near a matrix [R, C], by Newton and Schulz, in bfloat16."""
    a, b, c = coefficients
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if tall else x
