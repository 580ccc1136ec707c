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


def accuracy(real: Named, generated: Named, actions: int, one_key: float) -> dict[str, Any]:
    """Named rightly in generated frames, beside real ones (the ceiling), and over them.

    one_key: how often the name would be right in a world in which every key does what one key does, the best
    one: what is reached by chance.
    """
    ceiling, reached = real.hits(), generated.hits()
    return {
        "accuracy": interval(reached),
        "accuracy_real": interval(ceiling),
        "accuracy_over_ceiling": interval_of(
            lambda rows: reached[rows].mean(-1) / np.maximum(1e-9, ceiling[rows].mean(-1)), len(reached)
        ),
        "by_chance_over_ceiling": round(float(one_key / max(1e-9, ceiling.mean())), 4),
        "confusion": generated.confusion(actions).tolist(),  # rows: the key pressed; columns: the key named
        "confusion_real": real.confusion(actions).tolist(),
    }
