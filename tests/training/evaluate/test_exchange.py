"""Frames of any program are scored like our own, and frames that do not answer are refused in one line."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genie.clips.frame_store import FrameStore
from genie.core.errors import SourceError
from tests.support.tiny_bundle import NAMES, SAID, SIDE, write_tiny_bundle
from training.__main__ import main
from training.evaluate import EvaluateConfig, measure_predicted
from training.evaluate.answers import ExchangeError, read_answers
from training.evaluate.challenge import Challenge, make_challenge, write_challenge
from training.evaluate.config import QUICK
from training.evaluate.fidelity import score_fidelity
from training.evaluate.looks_only import looks_only
from training.evaluate.protocol import protocol
from training.evaluate.real_clips import CONTEXT, RealClips, real_clips

CLIPS, MOMENTS = 6, 3
ROOT = Path(__file__).parents[3]


class Branched:
    """A simulator that can go back: any frames will do."""

    action_names, fps, frame_size, splits = NAMES, 15, (SIDE, SIDE), {"test": range(9)}

    def record(self, **_: Any) -> Any:
        raise AssertionError("nothing is recorded here")

    def branches(self, *, split: str, count: int, past: int, future: int, seed: int) -> Any:
        from genie.worlds.source import Branches

        rng = np.random.default_rng([seed, count])
        frames = lambda *shape: rng.integers(256, size=(*shape, SIDE, SIDE, 3), dtype=np.uint8)  # noqa: E731
        return Branches(
            frames(count, past),
            rng.integers(len(NAMES), size=(count, past - 1)),
            frames(count, len(NAMES), future),
            ["a red sprite"] * count,
        )


@pytest.fixture
def challenge(tests: FrameStore) -> Challenge:
    return make_challenge("tiny", tests, Branched(), clips=CLIPS, moments=MOMENTS)


@pytest.fixture
def folder(challenge: Challenge, tmp_path: Path) -> Path:
    return write_challenge(challenge, tmp_path / "challenge")


def answer(folder: Path, **arrays: Any) -> None:
    np.savez_compressed(folder / "predicted.npz", **arrays)


def right(challenge: Challenge) -> dict[str, np.ndarray]:
    """Everything that is asked, rightly typed and shaped; the first frames are the true ones."""
    rng = np.random.default_rng(0)
    made = {name: rng.integers(256, size=shape, dtype=np.uint8) for name, shape in challenge.answers.items()}
    return made | {"frames": challenge.clips.frames[:, CONTEXT:]}


def test_what_is_given_holds_no_frame_of_the_answer(
    challenge: Challenge, folder: Path, tests: FrameStore
) -> None:
    given = np.load(folder / "challenge.npz")
    told = json.loads((folder / "challenge.json").read_text(encoding="utf-8"))
    assert {name: list(given[name].shape) for name in given.files} == told["given"]
    assert told["actions"] == list(NAMES) and told["clips"] == CLIPS and told["moments"] == MOMENTS
    clips = real_clips(tests, CLIPS)
    assert np.array_equal(given["context"], clips.frames[:, :4])
    assert np.array_equal(given["actions"], clips.actions)
    assert np.array_equal(given["random_actions"][:, :3], clips.actions[:, :3])
    assert not np.array_equal(given["random_actions"][:, 3:], clips.actions[:, 3:])
    assert given["captions"].tolist() == clips.captions
    assert given["moment_context"].shape == (MOMENTS, 4, SIDE, SIDE, 3)


def test_the_same_clips_pose_the_same_challenge(tests: FrameStore, challenge: Challenge) -> None:
    def digests(posed: Challenge) -> tuple[str, str]:
        return posed.digest, posed.moments_digest

    again = make_challenge("tiny", tests, Branched(), clips=CLIPS, moments=MOMENTS)
    assert digests(again) == digests(challenge)
    for other in (
        make_challenge("tiny", tests, Branched(), clips=CLIPS - 1, moments=MOMENTS),
        make_challenge("tiny", tests, Branched(), clips=CLIPS, moments=MOMENTS - 1),
        make_challenge("tiny", tests, None, clips=CLIPS, moments=MOMENTS),
        make_challenge("maze", tests, Branched(), clips=CLIPS, moments=MOMENTS),
    ):
        assert digests(other) != digests(challenge)


def test_answers_come_back_as_they_were_given(challenge: Challenge, folder: Path) -> None:
    arrays = right(challenge)
    answer(folder, **arrays, name="their model")
    read = read_answers(challenge, folder)
    assert read.name == "their model" and np.array_equal(read.frames, arrays["frames"])
    assert read.random_frames is not None and np.array_equal(read.random_frames, arrays["random_frames"])
    assert read.moment_frames is not None and np.array_equal(read.moment_frames, arrays["moment_frames"])
    answer(folder, frames=arrays["frames"])
    read = read_answers(challenge, folder)
    assert read.name == "challenge" and read.random_frames is None and read.moment_frames is None


def cut(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda arrays: arrays | {name: arrays[name][:-1]}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            cut("frames"),
            r"'frames' is uint8 \[5, 10, 16, 16, 3\], and uint8 \[6, 10, 16, 16, 3\] is asked for",
        ),
        (cut("random_frames"), r"'random_frames' is uint8 \[5, 10"),
        (cut("moment_frames"), r"'moment_frames' is uint8 \[2, 6, 8"),
        (lambda a: a | {"frames": a["frames"][:, :9]}, r"'frames' is uint8 \[6, 9"),
        (lambda a: a | {"frames": a["frames"] / 255}, r"'frames' is float64 \[6, 10"),
        (lambda a: {"random_frames": a["random_frames"]}, "has no array 'frames'"),
        (lambda a: a | {"frame": a["frames"]}, "nothing asks for 'frame'"),
        (lambda a: a | {"frames": np.array([None])}, "not an .npz file of plain arrays"),
    ],
)
def test_what_does_not_answer_is_refused_in_one_line(
    challenge: Challenge, folder: Path, fault: Callable[[dict[str, Any]], dict[str, Any]], said: str
) -> None:
    answer(folder, **fault(right(challenge)))
    with pytest.raises(ExchangeError, match=said) as refused:
        read_answers(challenge, folder)
    assert "\n" not in str(refused.value) and "predicted.npz" in str(refused.value)


def test_files_that_are_missing_or_damaged_are_refused(challenge: Challenge, folder: Path) -> None:
    with pytest.raises(ExchangeError, match=r"predicted\.npz cannot be read"):
        read_answers(challenge, folder)
    whole = io.BytesIO()
    np.savez_compressed(whole, **right(challenge))
    plain = io.BytesIO()
    np.save(plain, np.zeros(3))
    for broken in (b"PK no zip", whole.getvalue()[:5000], plain.getvalue(), b""):
        (folder / "predicted.npz").write_bytes(broken)
        with pytest.raises(ExchangeError, match=r"predicted\.npz"):
            read_answers(challenge, folder)
    (folder / "challenge.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ExchangeError, match="not a challenge of schema 2"):
        read_answers(challenge, folder)
    (folder / "challenge.json").unlink()
    with pytest.raises(ExchangeError, match="put the challenge's own beside"):
        read_answers(challenge, folder)


def test_frames_for_other_clips_are_refused(tests: FrameStore, challenge: Challenge, folder: Path) -> None:
    other = make_challenge("tiny", tests, Branched(), clips=CLIPS - 1, moments=MOMENTS)
    answer(folder, **right(challenge))
    with pytest.raises(ExchangeError, match="answers another challenge"):
        read_answers(other, folder)


def test_our_own_frames_score_the_same_by_either_way(
    world: Any, tests: FrameStore, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.evaluate.crew import Crew
    from training.evaluate.rollouts import predict

    monkeypatch.setattr(FrameStore, "open", lambda folder, split, cache=None: tests)
    shutil.rmtree(folder)
    posed = make_challenge("tiny", tests, None, clips=CLIPS, moments=0)
    write_challenge(posed, folder)
    clips: RealClips = posed.clips
    scores, told = score_fidelity(world, clips, Crew())
    guessed = predict(world, clips, posed.random_actions, Crew(), "").futures
    answer(folder, frames=told.futures, random_frames=guessed, name="ours by hand")
    out = tmp_path / "report"
    asked = ["evaluate", "tiny", "--frames", str(folder), "--data", str(tmp_path), "--out", str(out)]
    assert main(asked) == 0
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["scores"]["fidelity"] == json.loads(json.dumps(scores))
    assert report["name"] == "ours by hand" and report["bundle"] is None
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "ours by hand" in page and page.count("data:image/png") == 9, "three strips of three rows"


def test_the_command_writes_a_challenge_that_the_documented_baseline_answers(
    tests: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(FrameStore, "open", lambda folder, split, cache=None: tests)
    monkeypatch.chdir(tmp_path)
    assert main(["challenge", "tiny", "--data", ".", "--out", "challenge"]) == 0
    (code,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "exchange.md").read_text(encoding="utf-8"), re.S
    )
    exec(compile(code, "docs/exchange.md", "exec"), {})
    assert main(["evaluate", "tiny", "--frames", "challenge", "--data", ".", "--out", "report"]) == 0
    fidelity = json.loads(Path("report/report.json").read_text(encoding="utf-8"))["scores"]["fidelity"]
    assert fidelity["psnr"] == fidelity["psnr_copy_last_frame"]
    assert fidelity["delta_psnr"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    Path("challenge/predicted.npz").unlink()
    capsys.readouterr()
    assert main(["evaluate", "tiny", "--frames", "challenge", "--data", ".", "--out", "report"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "predicted.npz cannot be read" in error


class Uninstalled(Branched):
    """An adapter that is there without its simulator."""

    def branches(self, **_: Any) -> Any:
        raise SourceError("needs the simulator: pip install it")


def test_answers_are_scored_on_clips_where_the_simulator_is_not_installed(
    challenge: Challenge, folder: Path, tests: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FrameStore, "open", lambda folder, split, cache=None: tests)
    answer(folder, **right(challenge))
    config = EvaluateConfig(world="tiny", data=tmp_path, frames=folder, out=tmp_path / "report")

    def scores(source: Any) -> dict[str, Any]:
        monkeypatch.setattr("training.evaluate.predicted.find_source", lambda world: (None, source, ""))
        return measure_predicted(config)[0]["scores"]

    assert scores(Branched())["counterfactuals"]["moments"] == MOMENTS
    without = scores(Uninstalled())
    assert "pip install it" in without["counterfactuals"]["left_out"]
    assert without["fidelity"]["psnr"]["mean"] == 60
    other = Branched()
    monkeypatch.setattr(other, "branches", lambda **how: Branched().branches(**how | {"seed": 8}))
    with pytest.raises(ExchangeError, match="answers another challenge"):
        scores(other)


def test_captions_are_what_the_worlds_own_bundle_is_told(
    tests: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = write_tiny_bundle(tmp_path / "bundle", phrases=SAID)
    retold = replace(
        tests,
        captions=[f"{text} and jumps" for text in tests.captions],
        attributes=[
            {"colour": "red", "ground": ("grass", "snow", "sand")[n % 3]}
            for n in range(len(tests.attributes))
        ],
    )
    own = make_challenge("tiny", retold, None, clips=CLIPS, moments=0)
    assert not own.looks_alone and all("jumps" in text for text in own.clips.captions)
    ours = make_challenge(str(bundle), retold, None, clips=CLIPS, moments=0)
    assert ours.looks_alone and not any("jumps" in text for text in ours.clips.captions)
    told = looks_only(retold, SAID)
    assert ours.clips.captions == real_clips(told, CLIPS).captions
    rules = [protocol(QUICK, looks_alone=posed.looks_alone)["captions"] for posed in (own, ours)]
    assert "may say what happens" in rules[0] and "nothing that happens" in rules[1]


@pytest.mark.parametrize(("clips", "quick"), [(CLIPS, True), (12, False)])
def test_all_clips_that_there_are_make_no_quick_report(
    tests: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clips: int, quick: bool
) -> None:
    monkeypatch.setattr(FrameStore, "open", lambda folder, split, cache=None: tests)
    posed = make_challenge("tiny", tests, None, clips=clips, moments=0)
    folder = write_challenge(posed, tmp_path / "challenge")
    answer(folder, frames=posed.clips.frames[:, CONTEXT:])
    config = EvaluateConfig(world="tiny", data=tmp_path, frames=folder, out=tmp_path / "report")
    assert measure_predicted(config)[0]["quick"] is quick
