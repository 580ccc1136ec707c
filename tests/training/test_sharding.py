"""Two processes with half of a model each train what one trains; each resumes from another's checkpoints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import torch

from genie.core.errors import UsageError
from genie.worlds import read_world
from tests.support.full_disk import full_beyond
from tests.training.test_processes import ROOT, TORCHRUN, state_of
from tests.training.train_sharded import QUICK, made, train
from tests.training.train_together import CONFIG, CPU, SPRITE, STEPS, STOP, sprite_store
from training import sharded_checkpoint, sharding
from training.checkpoint import CheckpointError
from training.loop import Trainer
from training.sharded_muon import ShardedMuon
from training.train import TrainConfig
from training.train import train as train_stage


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same trainings by one process, by two that share a model, and by one after the other."""
    folder = tmp_path_factory.mktemp("sharding")
    store = sprite_store()
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), value in QUICK.items():
            patch.setattr(module, name, value)
        train("tokenizer", store, folder / "one", shard=False)
        train("tokenizer", store, folder / "half", shard=False, told=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    script = ROOT / "tests" / "training" / "train_sharded.py"
    done = subprocess.run(
        [*TORCHRUN, str(script), str(folder)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def far(ours: Path, theirs: Path, name: str, folder: Path, part: str = "model") -> float:
    """How far apart two trainings' weights or averages ended, as a share of the way that the weights went."""
    begun = made(name, sprite_store(), folder).model.state_dict()
    ends = [state_of(path)[part] for path in (ours, theirs)]
    floats = [k for k, v in begun.items() if v.is_floating_point()]
    apart = sum(float((ends[0][k] - ends[1][k]).square().sum()) for k in floats)
    gone = sum(float((ends[1][k] - begun[k]).square().sum()) for k in floats)
    return (apart / gone) ** 0.5


@pytest.mark.parametrize("part", ["model", "average"])
def test_two_end_where_one_does(trained: Path, tmp_path: Path, part: str) -> None:
    assert far(trained / "sharded" / "tokenizer", trained / "one", "tokenizer", tmp_path, part) < 0.05


@pytest.mark.parametrize("name", ["latent-action", "dynamics"])
def test_codes_brought_back_and_layers_and_muon_end_where_the_unsharded_do(
    trained: Path, tmp_path: Path, name: str
) -> None:
    """Against two processes that share nothing but batches: they draw the same noise, and count the same."""
    ours, theirs = (trained / which / name for which in ("sharded", "together"))
    assert far(ours, theirs, name, tmp_path) < 0.1
    assert far(ours, theirs, name, tmp_path, "average") < 0.1
    figures = [[json.loads(line) for line in (path / "metrics.jsonl").open()] for path in (ours, theirs)]
    assert len(figures[0]) == STEPS
    for our, their in zip(*figures, strict=True):
        assert our["loss"] == pytest.approx(their["loss"], rel=0.01)
    held_out = "held_out_psnr" if name == "latent-action" else "held_out_cross_entropy"
    assert figures[0][-1][held_out] == pytest.approx(figures[1][-1][held_out], rel=0.01)


def test_layers_and_muon_go_on_exactly_where_they_were(trained: Path, tmp_path: Path) -> None:
    for part in ("model", "average"):
        assert far(trained / "resumed", trained / "sharded" / "dynamics", "dynamics", tmp_path, part) < 1e-3
    steps = [json.loads(line)["step"] for line in (trained / "resumed" / "metrics.jsonl").open()]
    assert steps == list(range(1, STEPS + 1))


def test_each_process_holds_a_part_only(trained: Path) -> None:
    held = [json.loads((trained / f"held-{rank}.json").read_text()) for rank in range(2)]
    for kind in ("weights", "gradients", "averages", "moments"):
        (first, whole), (second, _) = (of_one[kind] for of_one in held)
        assert first + second == whole, kind
        assert max(first, second) < 0.55 * whole, kind


@pytest.mark.parametrize("name", ["half", "again", "whole"])
def test_plain_and_sharded_checkpoints_resume_on_two(trained: Path, tmp_path: Path, name: str) -> None:
    assert state_of(trained / name)["step"] == STEPS
    assert far(trained / name, trained / "one", "tokenizer", tmp_path) < 0.05


def test_a_sharded_checkpoint_resumes_on_one(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "alone"
    shutil.copytree(trained / "broken", folder)
    assert [path.name for path in folder.glob("checkpoint*")] == [f"checkpoint-{STOP}"], "stopped alike"
    train("tokenizer", sprite_store(), folder, shard=False)
    assert state_of(folder)["step"] == STEPS
    assert far(folder, trained / "one", "tokenizer", tmp_path) < 0.05
    assert [path.name for path in folder.glob("checkpoint*")] == ["checkpoint.pt"]


def test_an_unfinished_folder_counts_for_nothing_and_goes(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    shutil.copytree(trained / "broken", folder)
    shutil.copytree(folder / f"checkpoint-{STOP}", folder / f"checkpoint-{STOP + 1}")
    (folder / f"checkpoint-{STOP + 1}" / ".metadata").unlink()
    trainer = Trainer(made("tokenizer", sprite_store(), tmp_path), CONFIG, folder, CPU)
    assert trainer.step == STOP
    trainer.save()
    assert [path.name for path in folder.glob("checkpoint*")] == ["checkpoint.pt"]


def test_the_newest_checkpoint_wins(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "both"
    assert sharded_checkpoint.newest(folder) is None
    shutil.copytree(trained / "broken", folder)
    shutil.copy(trained / "half" / "checkpoint.pt", folder)
    assert sharded_checkpoint.newest(folder) == folder / "checkpoint.pt"
    (folder / f"checkpoint-{STOP}").rename(folder / f"checkpoint-{STEPS + 1}")
    assert sharded_checkpoint.newest(folder) == folder / f"checkpoint-{STEPS + 1}"


def test_a_checkpoint_of_another_size_is_refused(trained: Path, tmp_path: Path) -> None:
    tensors = {"model": {"encoder.1.weight": torch.zeros(3, 3), "unknown": torch.zeros(1)}}
    with pytest.raises(CheckpointError, match="broken, or was written by another version"):
        sharded_checkpoint.load(trained / "broken" / f"checkpoint-{STOP}", tensors)
    with pytest.raises(CheckpointError, match="another stage or size"):
        Trainer(made("latent-action", sprite_store(), tmp_path), CONFIG, trained / "broken", CPU)


@pytest.mark.parametrize("name", ["tokenizer", "latent-action", "dynamics"])
def test_a_finished_training_leaves_whole_tensors(trained: Path, tmp_path: Path, name: str) -> None:
    state = state_of(trained / "sharded" / name)
    model = made(name, sprite_store(), tmp_path).model
    for part in ("model", "average"):
        assert {k: v.shape for k, v in state[part].items()} == {
            k: v.shape for k, v in model.state_dict().items()
        }
        assert all(type(value) is torch.Tensor for value in state[part].values())
    shapes = sorted(tuple(p.shape) for p in model.parameters() if p.requires_grad)
    moments = [
        tuple(values[moment].shape)
        for optimizer in state["optimizers"]
        for values in optimizer["state"].values()
        for moment in ("exp_avg", "momentum_buffer")
        if moment in values
    ]
    assert sorted(moments) == shapes
    assert not list((trained / "sharded" / name).glob("checkpoint-*"))


def test_sharded_muon_steps_as_torchs_does() -> None:
    ends = []
    for kind in (torch.optim.Muon, ShardedMuon):
        generator = torch.Generator().manual_seed(0)
        matrices = [
            torch.nn.Parameter(torch.randn(s, generator=generator)) for s in ((8, 24), (24, 8), (6, 6))
        ]
        muon = kind(matrices, lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
        for _ in range(3):
            for matrix in matrices:
                matrix.grad = torch.randn(matrix.shape, generator=generator)
            muon.step()
        ends.append(matrices)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(*ends, strict=True))


def test_moments_that_lie_in_another_order_are_taken_for_what_they_are() -> None:
    """A sharded training's are not channels-last, and a fused optimiser goes through memory as it lies."""
    gradients = torch.randn(4, 8, 4, 3, 3, generator=torch.Generator().manual_seed(0))
    ends = []
    for relaid in (False, True):
        weight = torch.nn.Parameter(torch.ones(8, 4, 3, 3).to(memory_format=torch.channels_last))
        adam = torch.optim.AdamW([weight], fused=True)
        for step, gradient in enumerate(gradients):
            if step == 2 and relaid:
                saved = adam.state_dict()
                saved["state"][0] = {name: value.contiguous() for name, value in saved["state"][0].items()}
                adam.load_state_dict(sharding.with_moments_laid(saved, adam))
            weight.grad = gradient.to(memory_format=torch.channels_last)
            adam.step()
        ends.append(weight.detach())
    assert torch.equal(*ends)


def test_what_cannot_be_sharded_is_a_usage_error(tmp_path: Path) -> None:
    config = TrainConfig(stage="tokenizer", data=tmp_path, run=tmp_path, device="cpu", shard=True)
    with pytest.raises(UsageError, match="start them with torchrun"):
        train_stage(config, read_world(SPRITE))
    both = TrainConfig(stage="tokenizer", data=tmp_path, run=tmp_path, shard=True, compile=True)
    with pytest.raises(UsageError, match="--shard and --compile do not go together"):
        train_stage(both, read_world(SPRITE))
    with pytest.raises(UsageError, match="text cannot be sharded"):
        sharding.Sharded(made("text", sprite_store(), tmp_path))


@pytest.mark.filterwarnings("ignore:torch.distributed is disabled")
def test_on_a_full_disk_the_half_checkpoint_goes_and_the_one_before_stays(tmp_path: Path) -> None:
    weights = {"weights": torch.zeros(100_000)}
    sharded_checkpoint.save(tmp_path, {"step": 1}, weights)
    with pytest.raises((CheckpointError, OSError)), full_beyond(20_000):
        sharded_checkpoint.save(tmp_path, {"step": 2}, weights)
    assert [folder.name for folder in tmp_path.iterdir()] == ["checkpoint-1"]
