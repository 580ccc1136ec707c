"""A bundle's models come back as a run folder: the same world is exported from it, and it is trained on."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import BundleError, UsageError
from genie.core.manifest import MANIFEST, read_manifest
from genie.core.phrases import PHRASES, Phrases
from genie.worlds import read_world
from tests.support.tiny_run import SPRITE, tiny_export
from training.checkpoint import CheckpointError
from training.levels import began_with
from training.loop import Trainer
from training.presets import preset
from training.train import TrainConfig, train
from training.train_tokenizer import TokenizerStage
from training.trained import Run
from training.unpack import unpack
from training.windows import Windows

CPU = torch.device("cpu")
STAGES = ["tokenizer", "latent-action", "keys", "text", "dynamics"]


def test_the_same_world_is_exported_again(bundle: Path, run: Path, store: FrameStore, tmp_path: Path) -> None:
    assert sorted(unpack(bundle, tmp_path / "run")) == sorted(STAGES)
    again = tiny_export(tmp_path / "bundle", tmp_path / "run", store)
    files = [json.loads((folder / MANIFEST).read_text())["files"] for folder in (bundle, again)]
    assert files[0] == files[1]
    stages = [
        json.loads((folder / MANIFEST).read_text())["trained_on"]["stages"] for folder in (bundle, again)
    ]
    assert stages[0] == stages[1]


def test_a_world_knows_the_words_of_the_clips_that_its_text_learned_from(
    bundle: Path, store: FrameStore, tmp_path: Path
) -> None:
    unpack(bundle, tmp_path / "run")
    theirs = Phrases(templates=(("nothing like these clips' captions", 9),), values={})
    theirs.save(tmp_path / "run" / "text" / PHRASES)
    assert Phrases.load(tiny_export(tmp_path / "bundle", tmp_path / "run", store) / PHRASES) == theirs
    (tmp_path / "run" / "text" / PHRASES).unlink()
    again = tiny_export(tmp_path / "bundle", tmp_path / "run", store)  # as a run of an earlier version
    assert (again / PHRASES).read_bytes() == (bundle / PHRASES).read_bytes()


def test_what_is_cut_short_leaves_nothing_in_the_way_of_the_next_try(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "mine.txt").write_text("mine")
    monkeypatch.setattr(shutil, "copy", stop)
    with pytest.raises(KeyboardInterrupt):
        unpack(bundle, tmp_path, ["keys", "text"])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    monkeypatch.undo()
    assert unpack(bundle, tmp_path, ["keys", "text"]) == ["keys", "text"]


def test_only_what_is_wanted_and_nothing_over_what_is_there(bundle: Path, tmp_path: Path) -> None:
    assert unpack(bundle, tmp_path, ["keys", "text"]) == ["keys", "text"]
    assert not Run(tmp_path).has("tokenizer") and Run(tmp_path).vocabulary().length
    with pytest.raises(UsageError, match="keys has a checkpoint already"):
        unpack(bundle, tmp_path, ["tokenizer", "keys"])
    assert not Run(tmp_path).has("tokenizer")
    with pytest.raises(UsageError, match="Did you mean 'dynamics'"):
        unpack(bundle, tmp_path, ["dynamic"])


def test_a_bundle_without_sizes_is_refused(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = read_manifest(bundle)
    for told in manifest.trained_on["stages"].values():
        told.pop("sizes")
    monkeypatch.setattr("training.unpack.read_manifest", lambda folder: manifest)
    with pytest.raises(BundleError, match="an earlier version"):
        unpack(bundle, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_stage_does_not_go_on_from_weights_alone(bundle: Path, tmp_path: Path, store: FrameStore) -> None:
    unpack(bundle, tmp_path, ["tokenizer"])
    sizes = Run(tmp_path).tokenizer().config
    stage = TokenizerStage(sizes, Windows(store, length=1, batch=2, seed=0, device=CPU), CPU)
    loop = preset("debug", height=32, width=32).loops["tokenizer"]
    with pytest.raises(CheckpointError, match="train them on with --start"):
        Trainer(stage, loop, Run(tmp_path).stage("tokenizer"), CPU)


def test_what_a_bundle_learned_from_goes_with_its_weights(
    bundle: Path, store: FrameStore, tmp_path: Path
) -> None:
    first = read_manifest(bundle).trained_on
    assert "began_with" not in first
    unpack(bundle, tmp_path / "run")
    other = replace(store, hash="others")
    second = tiny_export(tmp_path / "second", tmp_path / "run", other)
    behind = {"data_hash": first["data_hash"], "levels": first["levels"]}
    assert read_manifest(second).trained_on["began_with"] == [behind], "once, though all stages began so"
    unpack(second, tmp_path / "again", ["tokenizer"])
    shutil.copytree(tmp_path / "run", tmp_path / "third_run")
    shutil.rmtree(tmp_path / "third_run" / "tokenizer")
    shutil.copytree(tmp_path / "again" / "tokenizer", tmp_path / "third_run" / "tokenizer")
    third = tiny_export(tmp_path / "third", tmp_path / "third_run", store)
    assert read_manifest(third).trained_on["began_with"] == [
        {"data_hash": "others", "levels": first["levels"]},
        behind,
    ]


def test_what_weights_began_with_is_known_however_often_training_is_taken_up(
    bundle: Path, store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.train.FrameStore.open", lambda *_: store)
    monkeypatch.setattr("training.train.warm_start", lambda *_: 1)
    config = TrainConfig(stage="tokenizer", data=tmp_path, run=tmp_path, preset="debug", steps=1, batch=2)
    first = read_manifest(bundle).trained_on
    behind = [{"data_hash": first["data_hash"], "levels": first["levels"]}]
    train(replace(config, start=bundle), read_world(SPRITE))
    assert began_with([tmp_path / "tokenizer"]) == behind
    train(replace(config, steps=2), read_world(SPRITE))
    assert began_with([tmp_path / "tokenizer"]) == behind, "resumed without --start"
    (tmp_path / "tokenizer" / "checkpoint.pt").unlink()
    train(config, read_world(SPRITE))
    assert began_with([tmp_path / "tokenizer"]) == [], "begun anew, with nothing"
