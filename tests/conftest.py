"""What every test stands on: no display, no network, and nothing written to the person's own folders."""

from __future__ import annotations

import os

import pytest

# Before anything imports pygame or a tokenizer: tests run the same with and without a screen or a network.
os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
for name in ("DISPLAY", "WAYLAND_DISPLAY", "GENIE_WORLDS"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Point the folders in which programs keep configuration, data and caches at temporary ones."""
    root = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = str(root / name.lower())
    for name in ("APPDATA", "LOCALAPPDATA", "USERPROFILE"):  # the same on Windows
        os.environ[name] = str(root / name.lower())
