"""`python -m training`: exit codes, and one line for every mistake a user can make."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training import __main__ as commands
from training.__main__ import main
from training.interruption import Interrupted

ROOT = Path(__file__).parents[2]
WORLDS = ROOT / "tests" / "scripted_worlds"
# All that training alone installs, but for what the command line itself is made with (tyro, rich), and what
# keeps two of them apart (filelock).
BLOCKED = ("torch", "transformers", "onnx", "onnxscript", "einops", "safetensors")
WITHOUT_TORCH = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
from training.__main__ import main
data, videos = sys.argv[1:]
code = main(["record", "sprite", "--clips", "2", "--frames", "20", "--out", data])
code = code or main(["ingest", data + "/train", "--out", videos, "--size", "32", "32"])
sys.exit(code)
"""


@pytest.fixture(autouse=True)
def _worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENIE_WORLDS", str(WORLDS))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENIE_WORLDS", str(WORLDS))
        assert main(["record", "sprite", "--clips", "2", "--frames", "8", "--out", str(folder)]) == 0
    return folder


MISTAKES = {
    "train tokenizr sprite --data DATA --run RUN": (2, "Did you mean 'tokenizer'?"),
    "train tokenizer sprit --data DATA --run RUN": (1, "Did you mean 'sprite'?"),
    "train tokenizer sprite --preset debgu --data DATA --run RUN": (2, "Did you mean 'debug'?"),
    "train tokenizer sprite --data RUN/none --run RUN": (1, "no such folder"),
    "train tokenizer sprite --data DATA --run RUN --steps 0": (2, "at least 1"),
    "train tokenizer sprite --data DATA --run RUN --learning-rate -1": (2, "learning rate"),
    "train tokenizer sprite --data DATA --run RUN --device gpu": (2, "auto, cpu or cuda"),
    "train dynamics sprite --data DATA --run RUN --actions mouse": (2, "'latent' or 'keys'"),
    "train dynamics sprite --data DATA --run RUN": (1, "train that stage first"),
    "train keys sprite --data DATA --run RUN": (1, "train that stage first"),
    "train judge sprite --data DATA --run RUN": (1, "'judge'"),
    "export sprite --data DATA --run RUN --out RUN/out": (1, "train that stage first"),
    "export sprite --data DATA --run RUN --temperature -1": (2, "temperature"),
    "export sprite --data DATA --run RUN --out DATA": (1, "is not a bundle"),
    "evaluate nowhere --data DATA --out RUN": (1, "No world 'nowhere'"),
    "evaluate sprite --data DATA --out RUN": (1, "no bundle"),
    "evaluate sprite": (1, "no bundle"),
    "record sprite --clips -3 --out RUN": (2, "at least 1, not -3"),
    "record sprite --clips 3 --split trian --out RUN": (1, "Did you mean 'train'?"),
    "record sprite --clips 1 --frames 8 --out DATA": (1, "ask for more, or give another folder"),
    "ingest RUN/none --out RUN": (1, "no such folder of videos"),
    "ingest DATA --fps 0 --out RUN": (2, "fps must be at least 1"),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_line_and_the_right_code(
    line: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, why = MISTAKES[line]
    run = tmp_path / "run"
    arguments = [word.replace("DATA", str(data)).replace("RUN", str(run)) for word in line.split()]
    before = sorted(data.rglob("*"))
    assert main(arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    (only,) = told.err.splitlines()
    assert only.startswith("error: ") and why in only
    leftovers = [
        path for path in (*run.rglob("*"), *data.rglob("*")) if path.is_file() and path not in before
    ]
    assert [path for path in leftovers if ".frames" not in path.parts] == []


def test_a_gpu_that_is_not_there_is_one_line(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    line = ["train", "tokenizer", "sprite", "--data", str(data), "--run", str(tmp_path), "--device", "cuda"]
    assert main(line) == 1
    assert "--device cpu" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["", "dance", "train tokenizer sprite", "record sprite --clips three --out x", "record --bogus 1"]
)
def test_a_command_line_that_cannot_be_read_is_code_2(line: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(line.split())
    assert stopped.value.code == 2


@pytest.mark.parametrize(
    ("stop", "said"),
    [(Interrupted("saved at step 7"), "saved at step 7"), (KeyboardInterrupt(), "the same command")],
)
def test_ctrl_c_is_code_130(
    stop: BaseException, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> None:
        raise stop

    monkeypatch.setattr("training.record.record", stopped)
    assert main(["record", "sprite", "--clips", "1", "--out", "nowhere"]) == 130
    assert said in capsys.readouterr().err


def test_an_unwritable_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["record", "sprite", "--clips", "1", "--out", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_mistake_of_ours_is_not_passed_off_as_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("shapes do not match")

    monkeypatch.setattr("training.record.record", broken)
    with pytest.raises(ValueError, match="shapes"):
        main(["record", "sprite", "--clips", "1", "--out", "nowhere"])


def test_recording_and_ingesting_need_no_torch(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path / "data"), str(tmp_path / "videos")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data" / "train" / "metadata.jsonl").is_file()
    assert (tmp_path / "videos" / "train" / "metadata.jsonl").read_text().count("\n") == 2


def test_every_command_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for name, command in commands.COMMANDS.items():
        assert command.__doc__, name
        with pytest.raises(SystemExit) as stopped:
            main([name, "--help"])
        assert stopped.value.code == 0
        assert command.__doc__.splitlines()[0][:30] in capsys.readouterr().out


def test_ctrl_c_while_the_program_is_still_being_loaded_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tyro.py").write_text("raise KeyboardInterrupt")
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "training",
            "record",
            "sprite",
            "--clips",
            "1",
            "--out",
            str(tmp_path / "out"),
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 130
    assert result.stderr == "stopped; the same command goes on from there\n"
    assert not (tmp_path / "out").exists()


def test_a_map_of_keys_is_never_that_of_another_world(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "keys", "sprite", "--data", str(data), "--run", str(tmp_path / "run")]
    assert main([*command, "--start", str(tmp_path / "bundle")]) == 2
    assert "leave out --start" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_judge_is_not_trained_on_clips_without_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "data")
    assert (
        main(["record", "sprite", "--clips", "2", "--frames", "20", "--out", folder, "--split", "judge"]) == 0
    )
    for keys in (tmp_path / "data").rglob("*.actions.txt"):
        keys.unlink()
    for told in (tmp_path / "data").rglob("metadata.jsonl"):
        lines = [json.loads(line) for line in told.read_text().splitlines()]
        for line in lines:
            del line["actions"], line["action_names"]
        told.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = ["train", "judge", "sprite", "--data", folder, "--run", str(tmp_path / "run")]
    assert main([*command, "--preset", "debug", "--device", "cpu"]) == 1
    assert "some clips have no actions" in capsys.readouterr().err


def test_videos_that_no_line_names_are_one_line_and_no_obstacle(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.train.train", lambda config, spec: config.run)
    command = [
        "train",
        "tokenizer",
        "sprite",
        "--data",
        str(tmp_path / "data"),
        "--run",
        str(tmp_path / "run"),
    ]
    shutil.copytree(data, tmp_path / "data")
    assert main(command) == 0
    assert capsys.readouterr().err == ""
    for name in "abcd":
        (tmp_path / "data" / "train" / f"{name}.mp4").touch()
    assert main(command) == 0
    assert capsys.readouterr().err == (
        f"left out: 4 videos in {tmp_path / 'data'} that no line of a metadata.jsonl names: "
        "train/a.mp4, train/b.mp4, train/c.mp4 and 1 more\n"
    )


def test_without_the_extra_one_line_says_what_to_install() -> None:
    without = (
        "import runpy, sys; sys.modules['tyro'] = None; runpy.run_module('training', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", without], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert '-e ".[train]"' in done.stderr
