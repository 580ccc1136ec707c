"""Learned worlds as Gymnasium environments; importing this registers one, `genie/ID-v0`, for every world.

import gymnasium, genie.envs
env = gymnasium.make("genie/ID-v0", reward=genie.envs.scrolled_right)
envs = gymnasium.make_vec("genie/ID-v0", num_envs=16)   # many sessions on one engine
"""

from __future__ import annotations

try:
    import gymnasium as _gymnasium  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "genie.envs needs gymnasium: install it with pip install -c constraints.txt -e '.[envs]'",
        name=error.name,
    ) from None

from genie.envs.registration import register_worlds
from genie.envs.scrolling import scrolled_right
from genie.envs.transition import Reward, Termination, Transition
from genie.envs.vector_env import WorldVectorEnv
from genie.envs.world_env import WorldEnv

__all__ = [
    "Reward",
    "Termination",
    "Transition",
    "WorldEnv",
    "WorldVectorEnv",
    "register_worlds",
    "scrolled_right",
]

# The one piece of work this package does on import: it is where Gymnasium looks for environments.
register_worlds()
