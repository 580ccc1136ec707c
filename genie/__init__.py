"""Genie: worlds learned from captioned clips, played from a text prompt in real time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genie.runtime.world import World

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def load(world: str | Path, device: str = "auto") -> World:
    """Load a world by its id, or by the path of its folder or bundle, ready to be played by many sessions.

    `device` is "auto" (a GPU when one works, else the CPU), "cpu" or "cuda". Raises WorldError for an unknown
    world, BundleError for a damaged bundle, DeviceError when an explicit device cannot be used.
    """
    from genie.runtime.world import World
    from genie.worlds.catalog import find_bundle

    return World.open(find_bundle(world), device=device)
