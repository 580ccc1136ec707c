"""Mistakes on the command line of `python -m training`: one line each, the right exit code, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training.__main__ import main

ROOT = Path(__file__).parent.parent.parent
WORLDS = ROOT / "tests" / "scripted_worlds"


@pytest.fixture(autouse=True)
def scripted_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENIE_WORLDS", str(WORLDS))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(list(arguments))
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(said) == 1, said
    return code, said[0]


@pytest.fixture
def data(tmp_path: Path) -> str:
    assert main(["record", "sprite", "--clips", "4", "--frames", "12", "--out", str(tmp_path / "data")]) == 0
    return str(tmp_path / "data")


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (("tokeniser", "sprite"), 2, "tokenizer"),
        (("tokenizer", "sprit"), 1, "sprite"),
        (("tokenizer", "sprite", "--preset", "debugg"), 2, "debug"),
        (("tokenizer", "sprite", "--actions", "buttons"), 2, "latent"),
        (("dynamics", "sprite", "--preset", "debug"), 1, "train that stage first"),
    ],
)
def test_train_says_what_is_wrong(
    arguments: tuple[str, ...],
    code: int,
    hint: str,
    data: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    found, line = refused(capsys, "train", *arguments, "--data", data, "--run", str(tmp_path / "run"))
    assert (found, hint in line) == (code, True), line


def test_cuda_that_is_not_there(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    capsys.readouterr()
    run = ("--run", str(tmp_path / "run"), "--device", "cuda", "--preset", "debug")
    code, line = refused(capsys, "train", "tokenizer", "sprite", "--data", data, *run)
    assert code == 1 and "--device cpu" in line


def test_a_dataset_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = str(tmp_path / "nowhere")
    code, line = refused(
        capsys, "train", "tokenizer", "sprite", "--data", nowhere, "--run", str(tmp_path / "run")
    )
    assert code == 1 and "nowhere" in line


def test_fewer_than_no_clips(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, line = refused(capsys, "record", "sprite", "--clips", "-3", "--out", str(tmp_path))
    assert code == 2 and "clips" in line
    assert not any(tmp_path.iterdir())


def test_an_option_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["record", "sprite", "--clip", "3", "--out", "x"])
    assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


BLOCK = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "transformers", "onnx", "einops"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from training.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_recording_needs_no_torch(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCK, "record", "sprite", "--clips", "2", "--out", str(tmp_path / "data")],
        cwd=ROOT,
        env={**os.environ, "GENIE_WORLDS": str(WORLDS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data" / "train" / "metadata.jsonl").read_text().count("\n") == 2
