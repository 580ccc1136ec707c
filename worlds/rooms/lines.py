"""Plane geometry of walls: stretches of wall are float [n, 2, 2], two ends (x, z) each."""

from __future__ import annotations

import numpy as np


def nearest_points(walls: np.ndarray, point: tuple[float, float]) -> np.ndarray:
    """The point of each wall that is nearest to `point`: float [n, 2]."""
    start = walls[:, 0]
    along = walls[:, 1] - start
    share = ((np.array(point) - start) * along).sum(1) / (along**2).sum(1)
    return np.asarray(start + np.clip(share, 0, 1)[:, None] * along)


def distance_to_walls(walls: np.ndarray, point: tuple[float, float]) -> float:
    """Metres from a point to the nearest wall."""
    return float(np.linalg.norm(nearest_points(walls, point) - point, axis=1).min())


def clear(walls: np.ndarray, start: tuple[float, float], ends: np.ndarray) -> np.ndarray:
    """Whether no wall stands between `start` and each of `ends` [m, 2]: bool [m]."""
    along, gap = walls[:, 1] - walls[:, 0], walls[:, 0] - np.array(start)
    way = np.asarray(ends, float)[:, None] - np.array(start)  # [m, 1, 2]
    cross = way[..., 0] * along[:, 1] - way[..., 1] * along[:, 0]  # [m, n]
    with np.errstate(divide="ignore", invalid="ignore"):
        on_way = (gap[:, 0] * along[:, 1] - gap[:, 1] * along[:, 0]) / cross
        on_wall = (gap[:, 0] * way[..., 1] - gap[:, 1] * way[..., 0]) / cross
    return ~((on_way > 0) & (on_way < 1) & (on_wall >= 0) & (on_wall <= 1)).any(1)


def free_ahead(walls: np.ndarray, x: float, z: float, angle: float, far: float = 30.0) -> float:
    """Metres of free way from a place in a direction (see Pose), at most `far`."""
    along, gap = walls[:, 1] - walls[:, 0], walls[:, 0] - np.array((x, z))
    way = np.array((np.cos(angle), -np.sin(angle))) * far
    cross = way[0] * along[:, 1] - way[1] * along[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        on_way = (gap[:, 0] * along[:, 1] - gap[:, 1] * along[:, 0]) / cross
        on_wall = (gap[:, 0] * way[1] - gap[:, 1] * way[0]) / cross
    met = on_way[(on_way > 0) & (on_way < 1) & (on_wall >= 0) & (on_wall <= 1)]
    return far * float(met.min()) if len(met) else far
