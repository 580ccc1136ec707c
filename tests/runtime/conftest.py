from pathlib import Path

import pytest

from genie.runtime.world import World
from tests.support.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound bundle; tests that damage one copy it first."""
    return write_tiny_bundle(tmp_path_factory.mktemp("tiny") / "bundle")


@pytest.fixture(scope="session")
def world(bundle: Path) -> World:
    return World.open(bundle, device="cpu")
