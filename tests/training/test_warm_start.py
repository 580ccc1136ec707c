from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

from genie.core.errors import BundleError, UsageError
from genie.models.dynamics import Dynamics, DynamicsConfig
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from tests.support.tiny_bundle import write_tiny_bundle
from training.graphs import DecodeGraph, EncodeGraph, onnx_program
from training.shrink import shrink
from training.warm_start import warm_start

CONFIG = TokenizerConfig(height=32, width=32, fine=8, coarse=96)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Tokenizer]:
    """A folder with the two graphs of a tokenizer, taken for a bundle."""
    torch.manual_seed(0)
    tokenizer = Tokenizer(CONFIG).eval().requires_grad_(False)
    frame, tokens = torch.zeros(1, 32, 32, 3, dtype=torch.uint8), torch.zeros(1, 16, 16, dtype=torch.int64)
    for name, graph, inputs in (
        ("encode", EncodeGraph(tokenizer), {"frame": frame}),
        ("decode", DecodeGraph(tokenizer), {"tokens": tokens}),
    ):
        onnx.save(shrink(onnx_program(graph, inputs, ["out"]).model_proto, 16), tmp_path / f"{name}.onnx")
    monkeypatch.setattr("training.warm_start.read_manifest", lambda folder: None)
    return tmp_path, tokenizer


def test_every_weight_comes_back_by_its_name(bundle: tuple[Path, Tokenizer]) -> None:
    folder, tokenizer = bundle
    torch.manual_seed(1)
    fresh = Tokenizer(CONFIG)
    assert warm_start(fresh, "tokenizer", folder) == len(fresh.state_dict())
    for ours, theirs in zip(fresh.parameters(), tokenizer.parameters(), strict=True):
        assert np.allclose(ours.detach(), theirs, atol=1e-3, rtol=1e-3)


def test_another_size_is_refused(bundle: tuple[Path, Tokenizer]) -> None:
    wider = Tokenizer(TokenizerConfig(height=32, width=32, fine=16, coarse=96))
    with pytest.raises(BundleError, match="has shape"):
        warm_start(wider, "tokenizer", bundle[0])


def test_what_a_bundle_does_not_hold_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no judge"):
        warm_start(Tokenizer(CONFIG), "judge", tmp_path)
    write_tiny_bundle(tmp_path / "tiny")
    with pytest.raises(BundleError, match="no weight"):
        warm_start(Tokenizer(CONFIG), "tokenizer", tmp_path / "tiny")


def test_who_looks_further_back_begins_with_what_was_known_of_the_oldest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.warm_start.read_manifest", lambda folder: None)
    sizes = DynamicsConfig(grid=(2, 2), dims=4, channels=16, heads=2, layers=1, sampler_layers=1, window=3)
    short, long = Dynamics(sizes), Dynamics(replace(sizes, window=5))
    torch.nn.init.normal_(short.blocks[0].time.age_bias)  # type: ignore[arg-type, union-attr]
    weights = [
        numpy_helper.from_array(weight.numpy(), f"dynamics.{name}")
        for name, weight in short.state_dict().items()
    ]
    graph = helper.make_graph([], "dynamics", [], [], initializer=weights)
    onnx.save(helper.make_model(graph), tmp_path / "dynamics.onnx")
    onnx.save(helper.make_model(helper.make_graph([], "text", [], [])), tmp_path / "text.onnx")
    warm_start(long, "dynamics", tmp_path)
    known, now = (model.state_dict()["blocks.0.time.age_bias"] for model in (short, long))
    assert torch.equal(now, torch.cat((known, known[:, 2:], known[:, 2:]), 1))
    with pytest.raises(BundleError, match="has shape"):
        warm_start(Dynamics(replace(sizes, window=2)), "dynamics", tmp_path)
