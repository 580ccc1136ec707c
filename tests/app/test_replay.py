"""Recorded sessions on the command line: rendered again, compared, and exported in parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from genie.app import cli
from genie.app.player import Player
from genie.app.recorder import Recorder
from genie.app.session_plan import start_of
from genie.app.span import parse_span
from genie.app.take import Start
from genie.clips.png import read_png
from genie.clips.session_log import read_session
from genie.core.errors import UsageError
from genie.runtime.world import World
from tests.support.tiny_bundle import write_tiny_bundle

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("world") / "bundle")


@pytest.fixture
def session(bundle: Path, tmp_path: Path) -> tuple[Path, list[list[np.ndarray]]]:
    """A session of two branches that part at frame 20, and the frames of each line."""
    world = World.open(bundle, device="cpu")
    player = Player(world, Start(prompt="a red sprite", seed=5), Recorder(tmp_path / "s.genie-session"))
    frames = [player.moment().frame]
    for index in range(40):
        prompt = "a blue sprite on snow" if index == 10 else None
        given = world.start(seed=9).frame if index == 15 else None
        frames.append(player.step(index % 6, prompt, given, 2.5 if index == 13 else None).frame)
    player.go(0, 20)
    other = frames[:21] + [player.step(2).frame for _ in range(6)]
    player.close()
    return tmp_path / "s.genie-session", [frames, other]


@pytest.fixture
def run(bundle: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: object) -> tuple[int, str]:
        code = cli.main([str(bundle), *map(str, arguments)])
        captured = capfd.readouterr()
        assert (captured.out + captured.err).count("\n") == 1
        return code, captured.out + captured.err

    return command


def exported(folder: Path) -> list[np.ndarray]:
    return [read_png(path) for path in sorted(folder.glob("*.png"))]


def test_every_branch_is_rendered_bit_for_bit(session: tuple, run: Run, tmp_path: Path) -> None:
    path, lines = session
    for number, frames in enumerate(lines, 1):
        out = tmp_path / f"branch{number}"
        code, said = run("--replay", path, "--branch", number, "--export", out, "--scale", 1)
        assert code == 0, said
        assert f"the same {len(frames)} frames as recorded, bit for bit" in said
        np.testing.assert_array_equal(exported(out), frames)
    code, said = run("--replay", path, "--headless")
    assert "the same 27 frames" in said, "without --branch, the one left last"


@pytest.mark.parametrize(("span", "first", "last"), [("12:18", 12, 18), ("2s:", 30, 40), (":0.2s", 0, 3)])
def test_a_span_is_what_was_played_there(
    session: tuple, run: Run, tmp_path: Path, span: str, first: int, last: int
) -> None:
    path, lines = session
    out = tmp_path / "span"
    code, said = run("--replay", path, "--branch", 1, "--span", span, "--export", out, "--scale", 2)
    assert code == 0, said
    assert "bit for bit" in said
    large = [frame.repeat(2, axis=0).repeat(2, axis=1) for frame in lines[0][first : last + 1]]
    np.testing.assert_array_equal(exported(out), large)
    assert json.loads((out / "metadata.json").read_text(encoding="utf-8"))["frames"] == f"{first}-{last}"


def test_two_branches_side_by_side(session: tuple, run: Run, tmp_path: Path) -> None:
    path, lines = session
    out = tmp_path / "both"
    code, said = run("--replay", path, "--branch", 1, "--beside", 2, "--export", out, "--scale", 1)
    assert code == 0, said
    pictures = exported(out)
    assert len(pictures) == 21, "from frame 20, where they part, to the end of the longer one"
    for picture, left in zip(pictures, lines[0][20:], strict=True):
        np.testing.assert_array_equal(picture[:, :16], left)
    for picture, right in zip(pictures, lines[1][20:], strict=False):
        np.testing.assert_array_equal(picture[:, 24:], right)
    np.testing.assert_array_equal(pictures[-1][:, 24:], lines[1][-1])


def test_a_span_of_two_branches_side_by_side_ends_for_both(session: tuple, run: Run, tmp_path: Path) -> None:
    path, lines = session
    out = tmp_path / "both"
    span = "--span", "18:24", "--scale", 1
    code, said = run("--replay", path, "--branch", 2, "--beside", 1, *span, "--export", out)
    assert code == 0, said
    both = [np.stack([picture[:, :16], picture[:, 24:]]) for picture in exported(out)]
    np.testing.assert_array_equal(both, np.stack([lines[1][18:25], lines[0][18:25]], axis=1))


def test_in_another_bundle_a_session_begins_with_the_best_first_frame(
    bundle: Path, run: Run, tmp_path: Path
) -> None:
    world, path = World.open(bundle, device="cpu"), tmp_path / "chosen.genie-session"
    player = Player(world, Start(prompt="", seed=5, choice=2), Recorder(path))
    player.step(2)
    player.close()
    assert run("--replay", path, "--headless")[1].count("bit for bit") == 1
    header = path / "session.json"
    known = json.loads(header.read_text())
    header.write_text(json.dumps({**known, "bundle_hash": "another", "choice": 99}))
    code, said = run("--replay", path, "--headless")
    assert code == 0 and "another bundle" in said, said


def test_a_deleted_branch_is_not_rendered_until_it_is_back(
    session: tuple, run: Run, bundle: Path, tmp_path: Path
) -> None:
    path, _ = session
    record = read_session(path)
    world = World.open(bundle, device="cpu")
    player = Player(world, start_of(record, world.manifest.digest), Recorder(path, reopen=True), record)
    player.remove(0)
    player.close()
    code, said = run("--replay", path, "--branch", 1, "--headless")
    assert (code, "deleted" in said) == (2, True)
    assert run("--replay", path, "--branch", 2, "--beside", 1, "--export", tmp_path / "x.mp4")[0] == 2
    code, said = run("--replay", path, "--branch", 2, "--headless")
    assert code == 0
    assert "the same 27 frames as recorded, bit for bit" in said


def test_metadata_is_enough_to_play_it_again(session: tuple, run: Run, bundle: Path, tmp_path: Path) -> None:
    path, lines = session
    for ending in ("mp4", "webm"):
        out = tmp_path / f"clip.{ending}"
        code, said = run("--replay", path, "--branch", 1, "--span", ":9", "--export", out)
        assert code == 0, said
        with av.open(str(out)) as container:
            known = {key.lower(): value for key, value in container.metadata.items()}
        assert known["world"] == "tiny"
        assert (known["prompt"], known["seed"]) == ("a red sprite", "5")
        again = tmp_path / f"again-{ending}"
        arguments = [
            "--headless",
            "--prompt",
            known["prompt"],
            "--seed",
            known["seed"],
            "--keys",
            known["keys"],
        ]
        assert run(*arguments, "--no-expand", "--export", again, "--scale", 1)[0] == 0
        np.testing.assert_array_equal(exported(again), lines[0][:10])


def test_keys_and_prompt_are_drawn_in_and_the_picture_stays(session: tuple, run: Run, tmp_path: Path) -> None:
    path, _ = session
    shown = {}
    for overlay in ("none", "keys", "caption", "all"):
        out = tmp_path / overlay
        code, said = run(
            "--replay", path, "--span", "1:4", "--scale", 16, "--overlay", overlay, "--export", out
        )
        assert code == 0, said
        shown[overlay] = exported(out)
    plain = shown["none"][0]
    assert shown["keys"][0].shape == plain.shape
    assert (shown["keys"][0] != plain).any()
    np.testing.assert_array_equal(shown["keys"][0][:128], plain[:128], "the upper half is left alone")
    below = shown["caption"][0][256:]
    assert below.max() > 200, "light words"
    np.testing.assert_array_equal(shown["caption"][0][:256], plain)
    np.testing.assert_array_equal(shown["all"][0][:256], shown["keys"][0])
    assert any((a != b).any() for a, b in zip(shown["keys"][0][200:], shown["keys"][3][200:], strict=True))
    code, said = run("--replay", path, "--scale", 4, "--overlay", "keys", "--export", tmp_path / "x.mp4")
    assert (code, "--scale 8" in said) == (1, True), "64 pixels are too few"


def test_a_replay_says_where_frames_differ_and_why(session: tuple, run: Run, tmp_path: Path) -> None:
    path, _ = session
    log = (path / "log.jsonl").read_text(encoding="utf-8").split("\n")
    header = json.loads((path / "session.json").read_text(encoding="utf-8"))
    (path / "session.json").write_text(json.dumps({**header, "bundle_hash": "another", "device": "cuda"}))
    event = json.loads(log[8])
    log[8] = json.dumps({**event, "d": "00000000"})
    (path / "log.jsonl").write_text("\n".join(log), encoding="utf-8")
    code, said = run("--replay", path, "--headless")
    assert code == 0
    assert "differs from the recording from frame 8 (0.5 s) on" in said
    assert "recorded with another bundle and it was recorded on cuda, this is cpu" in said


def test_a_session_of_more_actions_than_the_world_has_is_refused(
    session: tuple, run: Run, tmp_path: Path
) -> None:
    path, _ = session
    text = (path / "log.jsonl").read_text(encoding="utf-8")
    (path / "log.jsonl").write_text(text.replace('{"a": 5,', '{"a": 6,'), encoding="utf-8")
    for asked in (("--export", tmp_path / "x"), ("--headless",)):
        code, said = run("--replay", path, *asked)
        assert (code, "this world has actions 0 to 5" in said) == (1, True), said
    code, said = run("--replay", path, "--export", tmp_path / "y", "--span", ":4")
    assert code == 0, "what comes before can be shown"


def test_what_cannot_be_rendered_is_refused_in_one_line(session: tuple, run: Run, tmp_path: Path) -> None:
    path, _ = session
    before = sorted(tmp_path.rglob("*"))
    export = ("--export", tmp_path / "x.mp4")
    for arguments, code, words in (
        (("--branch", 3, *export), 2, "2 branches"),
        (("--span", "30:", *export), 2, "ends at frame 26"),
        (("--span", "9:3", *export), 2, "ends before it begins"),
        (("--span", "soon", *export), 2, "START:END"),
        (("--beside", 2, *export), 2, "the branch itself"),
        (("--beside", 1, "--headless"), 2, "--export"),
        (("--record", tmp_path / "r", *export), 2, "--record"),
        (("--overlay", "smiles", *export), 2, "smiles"),
    ):
        assert run("--replay", path, *arguments)[0] == code, arguments
        assert words in run("--replay", path, *arguments)[1]
    assert run("--span", "1:2", "--headless", "--frames", 3)[0] == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_spans_are_frames_or_seconds() -> None:
    span = parse_span("3:2.5s", 10)
    assert (span.first, span.last) == (3, 25)
    assert parse_span(":", 10).within(7) == (0, 7)
    assert parse_span("2:900", 10).within(7) == (2, 7)
    with pytest.raises(UsageError):
        parse_span("8:", 10).within(7)
    for nonsense in ("", "1", "a:b", "1:2:3", "-1:2", "1e3:"):
        with pytest.raises(UsageError):
            parse_span(nonsense, 10)
