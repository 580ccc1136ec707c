"""Worlds on disk: their description files, the catalog of them, and the simulators some learn from."""

from genie.worlds.catalog import catalog, find, find_bundle
from genie.worlds.source import Source, SourceClip, load_source
from genie.worlds.spec import WorldSpec, read_world

__all__ = ["Source", "SourceClip", "WorldSpec", "catalog", "find", "find_bundle", "load_source", "read_world"]
