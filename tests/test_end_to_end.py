"""The whole path on a world whose answer is known: recorded, trained, exported and played headless."""

import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from tests.scripted_worlds.sprite.rules import STEP, Place, draw, find_sprite

ROOT = Path(__file__).parent.parent
WORLDS = Path(__file__).parent / "scripted_worlds"
STAGES = ("tokenizer", "latent-action", "keys", "text", "dynamics")
EVERY_WAY = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}


def run(*command: str) -> str:
    environment = {**os.environ, "GENIE_WORLDS": str(WORLDS), "SDL_VIDEODRIVER": "dummy"}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sprite")
    data, trained, out = folder / "data", folder / "run", folder / "bundle"
    run("-m", "training", "record", "sprite", "--clips", "300", "--frames", "32", "--out", str(data))
    for stage in STAGES:
        run(
            "-m",
            "training",
            "train",
            stage,
            "sprite",
            "--preset",
            "debug",
            "--data",
            str(data),
            "--run",
            str(trained),
        )
    # The likeliest tokens: where the sprite goes is known, so nothing is left to chance.
    where = ("--data", str(data), "--run", str(trained), "--out", str(out))
    run("-m", "training", "export", "sprite", *where, "--temperature", "0")
    return out


@pytest.mark.parametrize("key", EVERY_WAY)
def test_the_sprite_goes_where_the_keys_say(bundle: Path, tmp_path: Path, key: str) -> None:
    clip = tmp_path / "clip"
    image = tmp_path / "start.png"
    start = draw(Place(12, 12), "red", "black")
    with av.open(str(image), "w", format="image2") as out:
        stream = out.add_stream("png", rate=1)
        stream.width = stream.height = 32
        stream.pix_fmt = "rgb24"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(start, format="rgb24")))
        out.mux(stream.encode(None))
    run(
        "play.py",
        str(bundle),
        "--headless",
        "--image",
        str(image),
        "--keys",
        f"{key}:4",
        "--export",
        f"{clip}/",
        "--scale",
        "1",
    )
    frames = []
    for path in sorted(clip.glob("*.png")):
        with av.open(str(path)) as file:
            frames.append(next(file.decode(video=0)).to_ndarray(format="rgb24"))
    assert len(frames) == 5
    places = [find_sprite(frame, "red", "black") for frame in frames]
    assert places[0] == Place(12, 12)
    moved = np.subtract(places[-1], places[0])
    expected = 4 * STEP * np.array(EVERY_WAY[key])
    assert np.abs(moved - expected).max() <= STEP, f"{key} led to {places}"
