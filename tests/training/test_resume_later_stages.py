"""Stages that learn from earlier ones or a simulator, stopped and started again, end where they would."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from genie.clips.frame_store import FrameStore
from genie.models.dynamics import DynamicsConfig
from genie.worlds import read_world
from tests.support.broken_off import CPU, begun, ends_alike
from training.build_stage import BUILDERS, Job
from training.judge import BEFORE, FRAMES, JudgeConfig
from training.known_codes import KnownCodes
from training.loop_config import LoopConfig
from training.presets import Preset, preset
from training.stage import Stage
from training.train_attributes import AttributesStage
from training.train_dynamics import Corruption, DynamicsStage
from training.train_judge import HeldKeys, JudgeStage, visible_attributes
from training.train_text import TextStage
from training.trained import Run
from training.windows import Windows

SPRITE = Path(__file__).parents[1] / "scripted_worlds" / "sprite"
CONFIG = LoopConfig(steps=12, batch=4, learning_rate=3e-3, warmup=3, clip=0.5, log_every=1, validate_every=5)
STOP = 8
OWN_AFTER = 5
HELD = 2  # frames of a held key


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("train_dynamics.VALIDATION_WINDOWS", "train_text.VALIDATION_PAIRS"):
        monkeypatch.setattr(f"training.{name}", 8)
    for name in ("train_judge.VALIDATION_WINDOWS", "train_attributes.VALIDATION_FRAMES"):
        monkeypatch.setattr(f"training.{name}", 8)


def sizes() -> Preset:
    small = DynamicsConfig(channels=32, heads=2, layers=2, sampler_layers=1, window=6)
    corruption = Corruption(own=0.5, own_after=OWN_AFTER, rounds=2)
    base = preset("debug", height=32, width=32)
    return dataclasses.replace(base, dynamics=small, corruption=corruption, judge_channels=8)


def built(stage: str, store: FrameStore, run: Path) -> Stage:
    """A stage as a training builds it from its dataset and its run folder."""
    job = Job(
        sizes=sizes(), loop=CONFIG, store=store, run=Run(run), world=read_world(SPRITE), keep_meaning=False
    )
    return BUILDERS[stage](job)


def with_earlier(trained: Path, run: Path, *stages: str) -> None:
    """Put earlier stages' checkpoints into a run folder that lacks them."""
    for stage in stages:
        if not (run / stage).exists():
            shutil.copytree(trained / stage, run / stage)


def test_dynamics_with_drafts_known_codes_and_pasts_of_their_own(
    store: FrameStore, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_past = DynamicsStage.own_past
    pasts: list[int] = []

    def counted(stage: DynamicsStage, past: Tensor, *rest: object) -> Tensor:
        pasts.append(len(past))
        return own_past(stage, past, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(DynamicsStage, "own_past", counted)

    def make(folder: Path) -> DynamicsStage:
        with_earlier(run, folder, "tokenizer", "latent-action", "text")
        home = folder / "frames"  # where codes are kept: a resumed training finds those of the stopped one
        home.mkdir(exist_ok=True)
        stage = built("dynamics", dataclasses.replace(store, home=home), folder)
        assert isinstance(stage, DynamicsStage)
        return stage

    ends_alike(make, CONFIG, STOP, tmp_path)
    assert pasts == [2] * 2 * (CONFIG.steps - OWN_AFTER), "before the stop and after it"
    trainer = begun(make, CONFIG, tmp_path / "broken")
    assert trainer.stage.drafter is not None and isinstance(trainer.stage.actions, KnownCodes)
    muon = trainer.optimizers[1]
    assert isinstance(muon, torch.optim.Muon) and all(
        muon.state[matrix]["momentum_buffer"].any() for matrix in trainer.stage.hidden_matrices()
    )
    assert len(list((tmp_path / "broken" / "frames").glob("codes-*.bin"))) == 1


def test_text_with_rendered_pictures_and_swapped_captions(
    store: FrameStore, run: Path, tmp_path: Path
) -> None:
    def make(folder: Path) -> TextStage:
        with_earlier(run, folder, "tokenizer")
        stage = built("text", store, folder)
        assert isinstance(stage, TextStage) and stage.tokenizer is not None and stage.swaps is not None
        return stage

    ends_alike(make, CONFIG, STOP, tmp_path)


def test_judge_with_all_that_a_simulator_shows_it(store: FrameStore, tmp_path: Path) -> None:
    def make(_: Path) -> JudgeStage:
        rng = np.random.default_rng(0)
        present = np.asarray(store.frames[::9])
        shown = (BEFORE, 5, HELD)
        before, after = (
            rng.integers(256, size=(40, *some, 32, 32, 3), dtype=np.uint8) for some in (shown[:1], shown[1:])
        )
        config = JudgeConfig(
            actions=5,
            height=32,
            width=32,
            channels=8,
            blocks=1,
            held=HELD,
            attributes=visible_attributes(store),
        )
        windows = Windows(store, length=FRAMES, batch=CONFIG.batch, seed=0, device=CPU, steady=True)
        pairs = present, np.roll(present, 1, 0)
        held = HeldKeys(before, after)
        return JudgeStage(config, windows, CPU, pairs=pairs, held=held, simulated=range(7, 9))

    ends_alike(make, CONFIG, STOP, tmp_path)


def test_judge_of_attributes(store: FrameStore, tmp_path: Path) -> None:
    def make(folder: Path) -> AttributesStage:
        stage = built("attributes", store, folder)
        assert isinstance(stage, AttributesStage)
        return stage

    ends_alike(make, CONFIG, STOP, tmp_path)
