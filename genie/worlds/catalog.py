"""Which worlds there are, and which one a name or a path means."""

from __future__ import annotations

import os
from pathlib import Path

from genie.core.errors import WorldError, suggest
from genie.core.manifest import MANIFEST
from genie.worlds.spec import WORLD_FILE, WorldSpec, read_world

SHIPPED = Path(__file__).resolve().parents[2] / "worlds"
FOLDERS_VARIABLE = "GENIE_WORLDS"


def world_folders() -> tuple[Path, ...]:
    """Return the folders searched for worlds: the shipped ones, then those in the GENIE_WORLDS variable."""
    extra = os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)
    return (SHIPPED, *(_expanded(folder) for folder in extra if folder))


def world_paths() -> dict[str, Path]:
    """Return the folder of every world found, by id, shipped ones first; nothing in them has been read."""
    folders: dict[str, Path] = {}
    for root in world_folders():
        if root.is_dir():
            for file in sorted(root.glob(f"*/{WORLD_FILE}")):
                folders.setdefault(file.parent.name, file.parent)
    return folders


def is_shipped(folder: Path) -> bool:
    """Whether a world's folder came with Genie, rather than being the user's own."""
    return folder.parent == SHIPPED


def catalog() -> tuple[WorldSpec, ...]:
    """Return every world found, shipped ones first; of two with one id the first found counts.

    Raises WorldError, naming the file, when a world.toml is wrong.
    """
    return tuple(read_world(folder) for folder in world_paths().values())


def world_ids() -> tuple[str, ...]:
    """Return the id of every world found, without reading what it says of itself."""
    return tuple(world_paths())


def find(world: str | Path) -> WorldSpec:
    """Return the world with this id, or the one whose folder or bundle folder this path is.

    Raises WorldError, with the nearest id, when there is none.
    """
    folders = world_paths()
    if isinstance(world, str) and world in folders:
        return read_world(folders[world])
    path = _expanded(world)
    for folder in (path, path.resolve().parent):
        if path.is_dir() and (folder / WORLD_FILE).is_file():
            return read_world(folder)
    raise WorldError(_unknown(str(world), list(folders)))


def find_bundle(world: str | Path) -> Path:
    """Return the bundle folder of a world given by id, or of the world folder or bundle folder at a path.

    Raises WorldError when there is no such world, or it has not been trained yet.
    """
    path = _expanded(world)
    if not (isinstance(world, str) and world in world_paths()) and (path / MANIFEST).is_file():
        return path
    spec = find(world)
    if not spec.has_bundle:
        raise WorldError(
            f"The world '{spec.id}' has no bundle to play yet: make one with "
            f"python -m training make {spec.id}."
        )
    return spec.bundle


def _expanded(path: str | Path) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # ~ of nobody here: no such path, which who looks for it says
        return Path(path)


def _unknown(world: str, known: list[str]) -> str:
    here = f"The worlds here are: {', '.join(known)}." if known else "There are no worlds here."
    return f"No world '{world[:100]}'.{suggest(world, known)} {here}"
