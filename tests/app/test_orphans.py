"""Sessions whose world is gone, or that this version cannot read: said in one line, wherever they are met."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest

from genie.app import cli
from genie.app.folders import sessions_folder
from genie.app.player import Player
from genie.app.recorder import Recorder
from genie.app.take import Start
from genie.core.errors import GenieError
from genie.runtime.world import World
from tests.app.visitor import Visit


def kept_session(bundle: Path) -> Path:
    """Play a few frames of a world, as the window would keep them."""
    recorder = Recorder(sessions_folder())
    player = Player(World.open(bundle, device="cpu"), Start(prompt="a red sprite", seed=5), recorder)
    for _ in range(4):
        player.step(2)
    player.close()
    return recorder.paths[0]


def disown(path: Path) -> None:
    header = json.loads((path / "session.json").read_text(encoding="utf-8"))
    (path / "session.json").write_text(json.dumps(header | {"world": "atlantis"}), encoding="utf-8")


def renew(path: Path) -> None:
    header = json.loads((path / "session.json").read_text(encoding="utf-8"))
    (path / "session.json").write_text(json.dumps(header | {"schema": 99}), encoding="utf-8")


@pytest.mark.parametrize(("spoil", "said"), [(disown, "not here any more"), (renew, "newer version")])
def test_the_gallery_shows_it_says_why_and_stays(
    visit: Visit, worlds: Path, spoil: Callable[[Path], None], said: str
) -> None:
    path = kept_session(worlds / "anna" / "bundle")
    spoil(path)
    visitor = visit()
    (tile,) = visitor.gallery.sessions
    assert said in tile.damage
    visitor.gallery._act("session 0")
    visitor.settle()
    assert said in visitor.gallery._notice
    assert visitor.top is visitor.gallery
    assert path.is_dir(), "nothing is deleted"
    visitor.key(pygame.K_RETURN)
    assert visitor.plan().manifest.world == "tiny", "worlds can be played as before"


def test_a_world_deleted_while_the_gallery_is_open_brings_it_back(visit: Visit, worlds: Path) -> None:
    kept_session(worlds / "anna" / "bundle")
    path = sessions_folder()
    (session,) = path.iterdir()
    header = json.loads((session / "session.json").read_text(encoding="utf-8"))
    (session / "session.json").write_text(json.dumps(header | {"world": "anna"}), encoding="utf-8")
    visitor = visit()
    shutil.rmtree(worlds / "anna")
    visitor.gallery._act("session 0")
    visitor.settle()
    with pytest.raises(GenieError, match="anna"):  # which brings the gallery back, with these words
        visitor.plan()


@pytest.mark.parametrize("flag", [["--headless", "--replay"], ["--resume"]])
def test_the_command_line_says_which_world_is_missing(
    worlds: Path,
    flag: list[str],
    tmp_path: Path,
    display: pygame.Surface,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = kept_session(worlds / "anna" / "bundle")
    disown(path)
    assert cli.main([*flag, str(path)]) == 1
    out, err = capfd.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert "atlantis" in err
