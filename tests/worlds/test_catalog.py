import os
import sys
from pathlib import Path

import pytest

from genie.core.errors import WorldError
from genie.worlds.catalog import catalog, find, find_bundle
from tests.support.tiny_bundle import write_tiny_bundle
from tests.worlds.test_spec import TOML, write


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    first, second = tmp_path / "first", tmp_path / "second"
    monkeypatch.setattr(sys.modules["genie.worlds.catalog"], "SHIPPED", first)
    monkeypatch.setenv("GENIE_WORLDS", os.pathsep.join([str(tmp_path / "nowhere"), str(second)]))
    write(first / "meadow", TOML)
    write(first / "cave", TOML)
    write(second / "cave", TOML.replace("Toy", "Other"))
    write(second / "orbit", TOML)
    (first / "_shared").mkdir()
    write_tiny_bundle(second / "orbit" / "bundle")
    return first, second


def test_the_catalog_lists_every_folder_and_the_first_of_two_with_one_id(roots: tuple[Path, Path]) -> None:
    worlds = {world.id: world for world in catalog()}
    assert list(worlds) == ["cave", "meadow", "orbit"]
    assert worlds["cave"].title == "Toy"
    assert [world.has_bundle for world in worlds.values()] == [False, False, True]


def test_an_unknown_world_is_answered_with_the_nearest(roots: tuple[Path, Path]) -> None:
    with pytest.raises(
        WorldError, match=r"'meadwo'. Did you mean 'meadow'\? The worlds here are: cave, meadow"
    ):
        find("meadwo")


def test_a_home_of_nobody_is_no_world(roots: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    for look in (find, find_bundle):
        with pytest.raises(WorldError, match="No world '~nobody-of-this-name/x'"):
            look("~nobody-of-this-name/x")
    monkeypatch.setenv("GENIE_WORLDS", "~nobody-of-this-name/worlds")
    assert find("cave").id == "cave"


def test_a_world_is_found_by_its_folder_and_by_its_bundle(roots: tuple[Path, Path]) -> None:
    orbit = roots[1] / "orbit"
    for way in ("orbit", orbit, str(orbit), orbit / "bundle"):
        assert find(way).path == orbit.resolve()
        assert find_bundle(way).resolve() == (orbit / "bundle").resolve()


def test_a_bundle_need_not_lie_in_a_world(roots: tuple[Path, Path], tmp_path: Path) -> None:
    alone = write_tiny_bundle(tmp_path / "alone")
    assert find_bundle(str(alone)) == alone
    with pytest.raises(WorldError):
        find(alone)


def test_a_world_without_a_bundle_says_how_to_make_one(roots: tuple[Path, Path]) -> None:
    with pytest.raises(WorldError, match="python -m training make meadow"):
        find_bundle("meadow")


def test_one_broken_world_does_not_hide_the_others(roots: tuple[Path, Path]) -> None:
    write(roots[1] / "broken", "title = ")
    assert find("cave").id == "cave"
    with pytest.raises(WorldError, match=r"broken.*world\.toml"):
        catalog()
