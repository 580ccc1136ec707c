"""Keys named by a judge, tallied."""

from typing import Any, NamedTuple

import numpy as np

from training.evaluate.interval import interval, interval_of


class Named(NamedTuple):
    """Keys int [C, T] and what they were named, int [C, T]: T of each of C clips or moments."""

    keys: np.ndarray
    names: np.ndarray

    def hits(self) -> np.ndarray:
        """How often each clip's keys were named rightly: [C]."""
        return (self.keys == self.names).mean(1)

    def confusion(self, actions: int) -> np.ndarray:
        """How often each key (row) was named what (column): int [A, A]."""
        table = np.zeros((actions, actions), int)
        np.add.at(table, (self.keys.ravel(), self.names.ravel()), 1)
        return table


def accuracy(real: Named, generated: Named, actions: int) -> dict[str, Any]:
    """Named rightly in generated frames, beside real ones (the ceiling), and over them.

    By chance is what a world reaches in which every key does what the commonest does.
    """
    ceiling, reached = real.hits(), generated.hits()
    commonest = np.bincount(real.keys.ravel()).max() / real.keys.size
    return {
        "accuracy": interval(reached),
        "accuracy_real": interval(ceiling),
        "accuracy_over_ceiling": interval_of(
            lambda rows: reached[rows].mean(-1) / np.maximum(1e-9, ceiling[rows].mean(-1)), len(reached)
        ),
        "by_chance_over_ceiling": round(float(commonest / max(1e-9, ceiling.mean())), 4),
        "confusion": generated.confusion(actions).tolist(),  # rows: the key pressed; columns: the key named
        "confusion_real": real.confusion(actions).tolist(),
    }
