"""Which worlds Gymnasium knows, and under which names."""

from __future__ import annotations

from gymnasium.envs.registration import register, registry

from genie.worlds.catalog import world_ids
from genie.worlds.spec import ID_PATTERN

NAMESPACE = "genie"
ANY = f"{NAMESPACE}/World-v0"
"""For a world that is in no folder of worlds: `gymnasium.make("genie/World-v0", world=PATH)`."""
EPISODE = 500
"""Steps until an episode is cut off, unless `max_episode_steps` says otherwise: worlds have no end."""

_ENV = "genie.envs.world_env:WorldEnv"
_VECTOR_ENV = "genie.envs.vector_env:WorldVectorEnv"


def register_worlds() -> None:
    """Register every world that has a folder, as `genie/ID-v0`; to be called again when a world was added.

    A folder whose name is no id, such as "anna copy", is left out.
    """
    for world in (None, *filter(ID_PATTERN.fullmatch, world_ids())):
        name = ANY if world is None else f"{NAMESPACE}/{world}-v0"
        if name not in registry:
            register(
                id=name,
                entry_point=_ENV,
                vector_entry_point=_VECTOR_ENV,
                max_episode_steps=EPISODE,
                kwargs={} if world is None else {"world": world},
            )
