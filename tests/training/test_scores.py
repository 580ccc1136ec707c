"""Scores of a world whose answer is known, faithful and with faults planted in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import genie
from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from tests.support.tiny_bundle import CAPTIONS, CELL, CELLS, MOVES, NAMES, start_frames, write_tiny_bundle
from training.evaluate import EvaluateConfig, evaluate, measure
from training.evaluate.actions import score_actions
from training.evaluate.fidelity import score_fidelity, score_tokenizer
from training.evaluate.horizon import score_horizon
from training.evaluate.real_clips import SPAN, RealClips, real_clips
from training.train_judge import Look, Verdict

CLIPS = 12


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def world(bundle: Path) -> Any:
    return genie.load(bundle, device="cpu")


@pytest.fixture(scope="module")
def tests(world: Any) -> FrameStore:
    """What really happens in the tiny world: clip n is what it does with seed n; all are just long enough."""
    rng = np.random.default_rng(0)
    actions = rng.integers(len(NAMES), size=(CLIPS, SPAN)).astype(np.int16)
    frames = []
    for number, taken in enumerate(actions):
        session = world.start(prompt=CAPTIONS[number % 3], image=start_frames()[number % 3], seed=number)
        frames += [session.frame, *(session.step(int(action)) for action in taken[:-1])]
    actions[:, -1] = -1
    return FrameStore(
        frames=np.stack(frames),
        starts=np.arange(CLIPS + 1) * SPAN,
        actions=actions.reshape(-1),
        captions=list(CAPTIONS),
        caption_of=np.repeat(np.arange(CLIPS) % 3, SPAN).astype(np.int32),
        clip_captions=[],
        attributes=[],
        action_names=NAMES,
        fps=15,
        hash="tiny",
    )


@pytest.fixture
def clips(tests: FrameStore) -> RealClips:
    return real_clips(tests, CLIPS)


class Faulty:
    """A world with a fault: `hears` is what it makes of an action, `shows` what becomes of a frame."""

    def __init__(self, world: Any, hears: Any = int, shows: Any = lambda frame: frame) -> None:
        self.world, self.hears, self.shows = world, hears, shows
        self.actions = world.actions

    def start(self, **how: Any) -> Any:
        self.session = self.world.start(**how)
        return self

    def step(self, action: int, frame: np.ndarray | None = None) -> np.ndarray:
        return self.shows(self.session.step(self.hears(action), frame=frame))


class Oracle:
    """In place of the judge: finds the red sprite, and knows by which action it went where it is."""

    class config:
        actions = len(NAMES)

    def __call__(self, windows: torch.Tensor) -> Verdict:
        named = [self.named(window[1], window[2]) for window in windows.numpy()]
        logits = torch.nn.functional.one_hot(torch.tensor(named), len(NAMES)).float()
        return Verdict(logits, self.look(windows[:, 1]))

    def look(self, frames: torch.Tensor) -> Look:
        red = frames[:, ::CELL, ::CELL, 0].flatten(1).float()
        flat = frames.unflatten(1, (-1, CELL)).unflatten(3, (-1, CELL)).float()
        uneven = flat.std((2, 4)).flatten(1).amax(1)  # its cells are of one colour: all else is damage
        return Look((red.amax(1) > 200).float() - 0.5, 40 - uneven, red)

    def named(self, before: np.ndarray, after: np.ndarray) -> int:
        (y, x), (to_y, to_x) = (np.argwhere(f[::CELL, ::CELL, 0] > 200)[0] for f in (before, after))
        ways = [((x + right) % CELLS, (y + down) % CELLS) for right, down in MOVES]
        return ways.index((to_x, to_y)) if (to_x, to_y) in ways else 0


ORACLE: Any = Oracle()


def test_a_world_that_is_right_scores_all_there_is(world: Any, clips: RealClips) -> None:
    assert score_tokenizer(world, clips)["psnr"] == {"mean": 60.0, "low": 60.0, "high": 60.0}
    scores, futures = score_fidelity(world, clips)
    assert np.array_equal(futures, clips.frames[:, 4:])
    assert scores["psnr"]["mean"] == 60
    assert scores["psnr_copy_last_frame"]["mean"] < 25
    assert scores["delta_psnr"]["low"] > 20 and scores["delta_psnr_at_4"]["low"] > 5
    named = score_actions(ORACLE, clips, futures)
    assert named["accuracy_real"]["mean"] == named["accuracy"]["mean"] == named["accuracy_over_ceiling"] == 1
    confusion = np.array(named["confusion"])
    assert confusion.trace() == confusion.sum() == CLIPS * 9


def test_a_world_that_ignores_actions_gains_nothing_from_them(world: Any, clips: RealClips) -> None:
    deaf: Any = Faulty(world, hears=lambda action: 0)
    scores, futures = score_fidelity(deaf, clips)
    assert scores["delta_psnr"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert scores["psnr"]["mean"] < 40
    named = score_actions(ORACLE, clips, futures)
    assert named["accuracy_real"]["mean"] == 1 and named["accuracy"]["mean"] < 0.5
    assert np.array(named["confusion"])[1:, 1:].sum() == 0, "whatever is pressed, it looks like noop"


def test_actions_that_are_off_by_one_score_less(world: Any, clips: RealClips) -> None:
    right, _ = score_fidelity(world, clips)
    shifted = clips._replace(actions=np.roll(clips.actions, 1, axis=1))
    wrong, futures = score_fidelity(world, shifted)
    assert wrong["psnr"]["high"] < right["psnr"]["low"] - 10
    assert score_actions(ORACLE, clips, futures)["accuracy"]["mean"] < 0.5


def test_play_that_loses_its_character_is_not_alive(world: Any, clips: RealClips) -> None:
    good = score_horizon(world, ORACLE, clips, sessions=3, frames=200)
    assert good["alive"]["mean"] == 1 and good["frames_passed_by_hundred"] == [1.0, 1.0]
    empty: Any = Faulty(world, shows=np.zeros_like)
    assert score_horizon(empty, ORACLE, clips, sessions=3, frames=200)["alive"]["mean"] == 0
    age = iter(range(10_000))

    def fading(frame: np.ndarray) -> np.ndarray:
        return frame if next(age) % 200 < 150 else np.zeros_like(frame)

    half = score_horizon(Faulty(world, shows=fading), ORACLE, clips, sessions=3, frames=200)  # type: ignore[arg-type]
    assert half["alive"]["mean"] == 0 and half["frames_passed_by_hundred"] == [1.0, 0.5]


def test_play_that_goes_soft_is_not_alive_though_its_character_is_there(world: Any, clips: RealClips) -> None:
    def noisy(frame: np.ndarray) -> np.ndarray:
        noise = np.random.default_rng(0).integers(-60, 60, frame.shape)
        return np.clip(frame + noise, 0, 255).astype(np.uint8) | (frame & 0xC0)

    good = score_horizon(world, ORACLE, clips, sessions=3, frames=100)
    spoiled = score_horizon(Faulty(world, shows=noisy), ORACLE, clips, sessions=3, frames=100)  # type: ignore[arg-type]
    assert good["alive"]["mean"] == 1 and spoiled["alive"]["mean"] == 0
    assert spoiled["quality_db_by_hundred"][0] < good["quality_db_by_hundred"][0] - 10
    assert spoiled["frechet_by_hundred"][0] > good["frechet_by_hundred"][0]


@pytest.fixture
def _clips_in_memory(tests: FrameStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FrameStore, "open", lambda folder, split: tests)


@pytest.mark.usefixtures("_clips_in_memory")
def test_the_report_says_what_was_measured_on_what(bundle: Path, tmp_path: Path) -> None:
    config = EvaluateConfig(world=str(bundle), data=tmp_path, out=tmp_path / "report", quick=True)
    report = json.loads(evaluate(config).read_text())
    assert report["world"] == "tiny" and report["quick"] is True
    assert report["data"] == {"hash": "tiny", "split": "test", "clips": CLIPS}
    assert report["bundle"] and report["machine"]["device"] == "cpu"
    scores = report["scores"]
    assert set(scores) == {"tokenizer", "fidelity", "speed", "counterfactuals"}, "nothing is judged"
    assert "tiny" in scores["counterfactuals"]["left_out"], "a user's bundle has no simulator here"
    assert len(scores["fidelity"]["psnr_by_step"]) == 10
    assert 0 < scores["speed"]["median_ms"] <= scores["speed"]["p99_ms"]
    assert (tmp_path / "report" / "report.json").is_file()


@pytest.mark.usefixtures("_clips_in_memory")
def test_the_evidence_is_what_the_figures_were_read_off(bundle: Path, tmp_path: Path) -> None:
    report, evidence = measure(EvaluateConfig(world=str(bundle), data=tmp_path, out=tmp_path, quick=True))
    assert report["schema"] == 2 and evidence.actions == NAMES
    assert evidence.futures.shape == (CLIPS, 10, *evidence.clips.frames.shape[2:])
    assert np.array_equal(evidence.futures, evidence.clips.frames[:, 4:]), "this world predicts itself"
    assert evidence.branches is None and evidence.imagined is None and evidence.curves == {}


def test_clips_that_cannot_be_scored_are_refused(tests: FrameStore, tmp_path: Path, bundle: Path) -> None:
    short = FrameStore(**{**vars(tests), "starts": np.arange(0, CLIPS * SPAN + 1, SPAN // 2)})
    with pytest.raises(ClipError, match="14 frames"):
        real_clips(short, 3)
    unlabelled = FrameStore(**{**vars(tests), "actions": np.full_like(tests.actions, -1)})
    with pytest.raises(ClipError, match="have no actions"):
        real_clips(unlabelled, 3)
