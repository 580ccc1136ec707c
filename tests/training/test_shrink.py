from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from training.graphs import onnx_program
from training.shrink import rounded, shrink, weights_of


@pytest.mark.parametrize(("bits", "most"), [(16, 1e-3), (8, 1 / 127)])
def test_stored_weights_are_near_and_the_way_back_is_exact(tmp_path: Path, bits: int, most: float) -> None:
    torch.manual_seed(0)
    graph = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 8))
    weight = graph[0].weight.detach().numpy().copy()
    near = rounded(weight, bits)
    assert 0 < np.abs(near - weight).max() <= most * np.abs(weight).max()
    with torch.no_grad():
        graph[0].weight.copy_(torch.from_numpy(near))
    x = torch.randn(1, 64)
    model = onnx_program(graph, {"input": x}, ["y"]).model_proto
    full = tmp_path / "full.onnx"
    onnx.save(model, full)
    small = tmp_path / "small.onnx"
    onnx.save(shrink(model, bits), small)
    assert small.stat().st_size < full.stat().st_size - weight.nbytes * (1 - bits / 32) * 0.9

    found = weights_of(onnx.load(small))
    assert np.array_equal(found["0.weight"], near)
    assert np.array_equal(found["2.weight"], graph[2].weight.detach().numpy())  # too small to be shrunk
    session = onnxruntime.InferenceSession(small, providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"input": x.numpy()})
    assert np.allclose(y, graph(x).detach().numpy(), atol=1e-5)
