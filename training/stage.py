"""What is particular to one stage of training; the loop knows nothing else of it."""

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from torch import Tensor, nn

Model = TypeVar("Model", bound=nn.Module)


class Stage(ABC, Generic[Model]):
    """A stage's model, and each step's loss as a pure function of the step."""

    name: str
    model: Model

    @property
    def length(self) -> int:
        """How many frames each of a batch has; one by default."""
        return 1

    @abstractmethod
    def loss(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss to minimise at a step, and figures to log beside it (scalars)."""

    def validate(self, model: Model) -> dict[str, float]:
        """Figures on validation clips with the averaged weights; nothing by default."""
        return {}

    def after_step(self, step: int) -> None:
        """Upkeep that is not a gradient step (dead codes brought back); nothing by default."""
        return

    def waited(self) -> float:
        """Seconds spent waiting for data so far; none by default."""
        return 0.0

    def close(self) -> None:
        """Let go of what only training needs; nothing by default."""
        return

    def learned_from(self) -> dict[str, Any]:
        """Which data it learns from, as plain values saved with its weights; nothing by default."""
        return {}

    def hidden_matrices(self) -> list[nn.Parameter]:
        """Weights from hidden channels to hidden channels, which Muon trains; none by default."""
        return []

    def layers(self) -> list[tuple[nn.Module, str]]:
        """Parts of the model that are gathered one at a time where it is sharded, and what method runs each.

        All processes have to run them equally often. None by default: the model is gathered as a whole.
        """
        return []

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The model's config as plain values, saved with its weights."""
