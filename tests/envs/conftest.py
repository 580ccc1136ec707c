"""A world whose answer is known, behind every test of the environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from genie.runtime.world import World
from tests.support.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("envs") / "bundle")


@pytest.fixture(scope="session")
def world(bundle: Path) -> World:
    return World.open(bundle, device="cpu", threads=1)
