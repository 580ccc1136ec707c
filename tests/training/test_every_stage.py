"""Every stage by its presets: built on the CPU as a GPU will train it, and two steps trained of each."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from pathlib import Path

import pytest
import torch

import genie
from genie.clips.frame_store import FrameStore
from genie.worlds import read_world
from training import export as export_module
from training import presets
from training import train as module
from training.export import ExportConfig, export
from training.presets import JUDGES, SOLVED, STAGES
from training.train import TrainConfig, build_stage, train
from training.train_dynamics import DynamicsStage
from training.trained import Run

SPRITE = Path(__file__).parents[1] / "scripted_worlds" / "sprite"
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


@pytest.fixture
def _in_memory(store: FrameStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.FrameStore, "open", lambda *_: store)


@pytest.mark.usefixtures("_in_memory")
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=[pytest.mark.cuda, GPU])])
def test_two_steps_of_every_stage_have_finite_losses(
    device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after another, each from what the ones before have left; the dynamics' second with its own past."""
    corruption = dataclasses.replace(presets.debug().corruption, own_after=1)
    loops = {
        stage: loop if loop == SOLVED else dataclasses.replace(loop, log_every=1)
        for stage, loop in presets.debug().loops.items()
    }
    small = dataclasses.replace(presets.debug(), corruption=corruption, loops=loops)
    monkeypatch.setitem(presets.PRESETS, "debug", lambda: small)
    for name in ("train_judge.VALIDATION_WINDOWS", "train_attributes.VALIDATION_FRAMES"):
        monkeypatch.setattr(f"training.{name}", 64)
    own_past = DynamicsStage.own_past
    pasts: list[str] = []

    def counted(stage: DynamicsStage, past: torch.Tensor, *rest: object) -> torch.Tensor:
        pasts.append(past.device.type)
        return own_past(stage, past, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(DynamicsStage, "own_past", counted)
    for stage in STAGES:
        config = TrainConfig(
            stage=stage, data=tmp_path, run=tmp_path, preset="debug", steps=2, batch=8, device=device
        )
        folder = train(config, read_world(SPRITE))
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        assert [line["step"] for line in lines] == ([1] if stage == "keys" else [1, 2])
        assert all(math.isfinite(value) for line in lines for value in line.values()), stage
        weights = Run(tmp_path).state(stage)["average"].values()
        assert all(weight.isfinite().all() for weight in weights), stage
    assert pasts == [device]


@pytest.mark.usefixtures("_in_memory")
def test_the_yardstick_is_trained_on_keys_exported_and_played_without_a_map(
    tmp_path: Path, store: FrameStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module.FrameStore, "open", lambda *_: store)
    for stage in ("tokenizer", "latent-action", "text", "dynamics"):
        config = TrainConfig(
            stage=stage, data=tmp_path, run=tmp_path, preset="debug", actions="keys", steps=2, batch=8
        )
        train(config, read_world(SPRITE))
    out = export(ExportConfig(data=tmp_path, run=tmp_path, out=tmp_path / "bundle"), read_world(SPRITE))
    world = genie.load(out, device="cpu")
    assert world.actions.names == store.action_names
    assert world.manifest.trained_on["actions"] == "true keys"
    assert "keys" not in world.manifest.trained_on["stages"]
    assert [world.start(seed=3).step(key).shape for key in range(5)] == [(32, 32, 3)] * 5


def joined(store: FrameStore, clips: int = 4) -> FrameStore:
    """The store with so many clips made one: the gpu preset's windows are longer than a clip of it."""
    starts = store.starts[::clips]
    count = len(starts) - 1
    said, known = store.clip_captions[:count], store.attributes[:count]
    return dataclasses.replace(store, starts=starts, clip_captions=said, attributes=known)


@pytest.mark.parametrize("stage", STAGES)
def test_the_gpu_preset_can_be_built(
    stage: str, store: FrameStore, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With earlier stages' models as they come: what follows from them is filled in."""
    clips = joined(store) if stage == "dynamics" else store
    monkeypatch.setattr(module.FrameStore, "open", lambda *_: clips)
    folder = tmp_path / "run"
    earlier = [] if stage in (*JUDGES, "captioner") else STAGES[: STAGES.index(stage)]
    for name in earlier:
        shutil.copytree(run / name, folder / name)
    config = TrainConfig(stage=stage, data=tmp_path, run=folder, preset="gpu", device="cpu")
    made, loop, _ = build_stage(config, read_world(SPRITE))
    made.close()
    sizes = presets.preset("gpu", height=32, width=32)
    assert made.name == stage and loop == sizes.loops[stage]
    assert all(weight.isfinite().all() for weight in made.model.parameters())
    played = {
        "tokenizer": sizes.tokenizer,
        "latent-action": sizes.latent_action,
        "dynamics": dataclasses.replace(
            sizes.dynamics, grid=(4, 4), dims=3, levels=4, actions=7, text=16
        ),  # as the tiny run's models have it
    }
    if stage in played:
        assert made.config() == dataclasses.asdict(played[stage])  # type: ignore[call-overload]
