"""The command line: exit codes, one line an error, and what is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from genie.app import cli
from genie.app.options import Options
from genie.app.take import render
from genie.clips.png import png_bytes
from genie.clips.session_log import read_session
from genie.core.errors import UsageError
from genie.core.line import Line
from genie.runtime.world import World
from tests.app.fake_world import FakeWorld
from tests.support.tiny_bundle import write_tiny_bundle

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("world") / "bundle")


def fails(arguments: list[object], capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a command that must fail; return its code and its one line."""
    code = cli.main([str(argument) for argument in arguments])
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("play.py: ")
    return code, captured.err


def test_headless_play_is_exported_recorded_and_replayed_bit_for_bit(
    bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    played = ["--headless", "--seed", "5", "--keys", "right:4 up+right:3", "--frames", "9", "--scale", "1"]
    assert (
        cli.main([str(bundle), *played, "--export", str(tmp_path / "a"), "--record", str(tmp_path / "r")])
        == 0
    )
    out = capfd.readouterr().out
    assert out.count("\n") == 1
    for said in ("10 frames", "seed 5", str(tmp_path / "a"), ".genie-session"):
        assert said in out
    (session,) = (tmp_path / "r").iterdir()
    record = read_session(session)
    assert [World.open(bundle).actions[a].name for a in record.actions] == ["right"] * 4 + [
        "right+up"
    ] * 3 + ["noop"] * 2
    again = ["--replay", str(session), "--headless", "--scale", "1", "--export", str(tmp_path / "b")]
    assert cli.main([str(bundle), *again]) == 0
    ours = sorted((tmp_path / "a").glob("*.png"))
    assert len(ours) == 10
    assert [path.read_bytes() for path in ours] == [
        p.read_bytes() for p in sorted((tmp_path / "b").glob("*.png"))
    ]


def test_a_session_begun_from_an_image_can_be_replayed(bundle: Path, tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    (tmp_path / "start.png").write_bytes(png_bytes(picture))
    session = tmp_path / "from-image.genie-session"
    run = ["--headless", "--frames", "3", "--image", str(tmp_path / "start.png"), "--record", str(session)]
    assert cli.main([str(bundle), *run]) == 0
    (tmp_path / "start.png").unlink()
    assert (
        cli.main([str(bundle), "--replay", str(session), "--headless", "--export", str(tmp_path / "b.gif")])
        == 0
    )
    assert read_session(session).image is not None


def test_no_prompt_at_all_is_a_prompt(bundle: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main([str(bundle), "--headless", "--frames", "2", "--prompt", ""]) == 0


def test_an_unknown_world_gets_a_suggestion(capfd: pytest.CaptureFixture[str]) -> None:
    code, line = fails(["coinrum", "--headless", "--frames", "3"], capfd)
    assert code == 1
    assert "Did you mean 'coinrun'?" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--keys", "rihgt:20"], "Did you mean 'right'?"),
        (["--keys", "right:x"], "right:x"),
        (["--keys", ""], "empty"),
        ([], "--keys"),
        (["--frames", "0"], "--frames 0"),
        (["--frames", "many"], "many"),
        (["--seed", "-1", "--frames", "3"], "--seed"),
        (["--device", "tpu", "--frames", "3"], "tpu"),
        (["--replay", "x", "--seed", "3"], "--seed"),
        (["--resume", "x", "--frames", "3"], "goes on in a window: --replay"),
        (["--bogus"], "--bogus"),
    ],
)
def test_a_wrong_command_line_is_code_2(
    bundle: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, line = fails([bundle, "--headless", *arguments], capfd)
    assert code == 2
    assert said in line


def test_what_cannot_be_used_is_code_1_and_leaves_nothing(
    bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.png").write_text("this is no image")
    (tmp_path / "file").write_text("in the way")
    before = sorted(tmp_path.rglob("*"))
    for flags, said in (
        (["--prompt", "x" * 10_000], "10,000 characters"),
        (["--image", tmp_path / "text.png"], "not an image"),
        (["--image", tmp_path / "gone.png"], "no image"),
        (["--export", tmp_path / "nowhere" / "clip.mp4"], "nowhere"),
        (["--export", tmp_path / "clip.avi"], ".avi"),
        (["--record", tmp_path / "file"], "not a folder"),
        (["--replay", tmp_path / "gone.genie-session"], "not a session"),
        (["--device", "cuda"], "cuda"),
    ):
        keys = [] if "--replay" in flags else ["--frames", "3"]
        code, line = fails([bundle, "--headless", *keys, *flags], capfd)
        assert code == 1, line
        assert said in line
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "flags", [["--export"], ["--record"], ["--headless", "--replay"], ["--resume"], []], ids=" ".join
)
def test_a_path_that_the_system_refuses_is_code_1(
    bundle: Path, flags: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ("x" * 300)
    played = [] if {"--replay", "--resume"} & {*flags} else ["--headless", "--frames", "3"]
    code, line = fails([*([bundle] if flags else []), *played, *flags, path], capfd)
    assert code == 1
    assert str(path) in line and "name too long" in line.lower()


def test_the_export_path_is_checked_before_anything_is_played(
    tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import genie

    monkeypatch.setattr(genie, "load", lambda *_, **__: pytest.fail("loaded before the path was checked"))
    code, _ = fails([bundle, "--headless", "--frames", "3", "--export", tmp_path / "no" / "x.mp4"], capfd)
    assert code == 1
    code, _ = fails([bundle, "--export", tmp_path / "no" / "x.mp4"], capfd)
    assert code == 1, "in a window too"


def test_a_damaged_bundle_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = write_tiny_bundle(tmp_path / "bundle")
    (broken / "decode.onnx").write_bytes(b"short")
    code, line = fails([broken, "--headless", "--frames", "3"], capfd)
    assert code == 1
    assert "decode.onnx" in line


def test_the_list_names_the_shipped_world(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("coinrun ") for line in lines[1:])


def test_without_a_display_one_line_gives_the_command_to_copy(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "executable", str(Path.cwd() / ".venv" / "bin" / "python"))
    code, line = fails([bundle, "--prompt", "a red sprite"], capfd)
    assert code == 1
    command = line.split("play without one: ")[1].strip()
    assert command.startswith(f".venv/bin/python play.py {bundle} --prompt")
    assert "--headless" in command
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    assert "one: python play.py " in fails([bundle], capfd)[1]
    session = tmp_path / "a.genie-session"
    assert cli.main([str(bundle), "--headless", "--frames", "3", "--record", str(session)]) == 0
    capfd.readouterr()
    command = fails([bundle, "--resume", session], capfd)[1].split("play without one: ")[1].strip()
    assert f"--replay {session} --headless" in command and "--keys" not in command
    monkeypatch.setenv("DISPLAY", ":987")  # set, but nobody is there: SDL would fall back to showing nothing
    code, line = fails([bundle], capfd)
    assert code == 1
    assert "--headless" in line


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
@pytest.mark.parametrize("headless", [True, False])
@pytest.mark.parametrize(("kind", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_an_interruption_leaves_a_whole_recording_and_no_half_clip(
    tmp_path: Path, headless: bool, kind: str, code: int
) -> None:
    session = tmp_path / "played.genie-session"
    script = ["--headless"] if headless else []
    command = [
        *(sys.executable, "-m", "tests.app.play_fake", "0.005", "fake", "--keys", "right:100000", *script),
        *("--record", str(session), "--export", str(tmp_path / "clip.mp4")),
    ]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # who runs the tests may ignore the signal, as nohup does, and what is ignored is inherited
        preexec_fn=lambda: signal.signal(signal.Signals[kind], signal.SIG_DFL),
    )
    assert process.stdout is not None
    while "stepping" not in process.stdout.readline():
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
    time.sleep(0.1)
    process.send_signal(signal.Signals[kind])
    if kind == "SIGHUP":
        time.sleep(0.02)
        process.send_signal(signal.SIGHUP)  # from the shell, after the terminal's own
    _, errors = process.communicate(timeout=120)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["played.genie-session"]
    record = read_session(session)
    assert len(record.actions) > 5
    assert set(record.actions) == {2}


def test_help_and_version_need_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for flag in ("--help", "--version"):
        with pytest.raises(SystemExit) as left:
            cli.main([flag])
        assert left.value.code == 0
    assert "genie" in capsys.readouterr().out


def test_headless_play_never_imports_pygame(bundle: Path) -> None:
    code = (
        "import sys; from genie.app.cli import main\n"
        f"assert main([{str(bundle)!r}, '--headless', '--frames', '2']) == 0\n"
        "assert not {'pygame', 'torch', 'av'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, timeout=60)


def test_flags_that_clash_are_named() -> None:
    from pathlib import Path as File

    with pytest.raises(UsageError, match="--prompt, --seed"):
        Options(replay=File("x"), prompt="a", seed=3)


def test_rendering_a_take_leaves_the_world_alone() -> None:
    from genie.app.take import Start, Take

    world = FakeWorld()
    take = Take(
        start=Start(prompt="a pink alien", seed=1), line=Line(actions=(2, 3), prompts=((1, "a blue alien"),))
    )
    assert len(list(render(world, take))) == len(take) == 3  # type: ignore[arg-type]


def test_ctrl_c_while_the_program_is_still_being_loaded_is_one_line() -> None:
    code = (
        "import runpy, sys\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'genie.app.cli': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupts())\n"
        "runpy.run_path('play.py', run_name='__main__')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 130
    assert result.stderr.strip() == "play.py: stopped."
