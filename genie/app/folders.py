"""Where a person's sessions and settings are kept, as each system likes it."""

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """Return the folder for what was played; it need not exist yet."""
    return _base("XDG_DATA_HOME", ".local/share", "LOCALAPPDATA") / _name()


def config_folder() -> Path:
    """Return the folder for settings; it need not exist yet."""
    return _base("XDG_CONFIG_HOME", ".config", "APPDATA") / _name()


def sessions_folder() -> Path:
    """Return where sessions are kept as they are played."""
    return data_folder() / "sessions"


def slots_folder(world: str) -> Path:
    """Return where the quick saves of a world are kept."""
    return data_folder() / "slots" / world


def _base(variable: str, below_home: str, windows: str) -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get(windows) or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get(variable) or Path.home() / below_home)


def _name() -> str:
    return "genie" if sys.platform.startswith("linux") else "Genie"
