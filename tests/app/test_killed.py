"""A playing process killed at any moment loses at most a second of play, and its session can go on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from genie.app import cli
from genie.app.player import Player
from genie.app.session_plan import start_of
from genie.clips.session_log import read_session
from genie.clips.shelf import list_sessions
from genie.runtime.world import World
from tests.support.tiny_bundle import write_tiny_bundle

ROOT = Path(__file__).parents[2]
FPS = 60
MOMENTS = int(os.environ.get("GENIE_KILLS", "4"))


@dataclass(frozen=True)
class Killed:
    """What a process had said when it was killed, and where it recorded."""

    shown: int
    session: Path


def kill_at(source: Path, bundle: Path, folder: Path, number: int, seconds: float) -> Killed:
    """Play in a process of its own and kill it so many seconds after its first frame was shown."""
    session = folder / f"{number}.genie-session"
    command = [sys.executable, "-m", "tests.app.play_and_tell", str(bundle), str(session), str(number)]
    env = {**os.environ, "XDG_DATA_HOME": str(folder / "data"), "PYTHONPATH": str(source)}
    with subprocess.Popen(
        command, cwd=source, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as player:
        assert player.stdout is not None
        first = player.stdout.readline()
        while first and not first.strip().isdigit():
            first = player.stdout.readline()
        assert first, player.stderr.read() if player.stderr else ""
        time.sleep(seconds)
        player.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        told = [line for line in player.stdout.read().split("\n")[:-1] if line.isdigit()]
    return Killed(shown=int(told[-1]) if told else int(first), session=session)


def played(session: Path) -> int:
    return sum(len(branch.actions) for branch in read_session(session).tree.branches)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code as it is now: an hour of kills must not play what is edited meanwhile."""
    folder = tmp_path_factory.mktemp("source")
    for part in ("genie", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("killed") / "bundle", fps=FPS)


@pytest.mark.parametrize("number", range(MOMENTS))
def test_a_kill_loses_at_most_a_second(
    source: Path, bundle: Path, tmp_path: Path, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    killed = kill_at(source, bundle, tmp_path, number, random.Random(number).uniform(0, 2.0))
    kept = played(killed.session)
    assert kept >= killed.shown - FPS, "more than a second of what was shown is lost"
    (card,) = list_sessions(tmp_path)
    assert not card.damage
    record = read_session(killed.session)
    assert card.frames == len(record.actions) + 1
    assert cli.main([str(bundle), "--replay", str(killed.session), "--headless"]) == 0
    out = capsys.readouterr().out
    log = (killed.session / "log.jsonl").read_text(encoding="utf-8")[:4000]
    assert "bit for bit" in out or "kept no checksums" in out, out + log
    end = len(record.actions)
    world = World.open(bundle, device="cpu")
    player = Player(world, start_of(record, world.manifest.digest), resumed=record)
    assert player.step(0).index == end + 1
    print(f"moment {number}: {killed.shown} shown, {kept} kept")
