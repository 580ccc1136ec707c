"""A cache is written in place: nothing after the write copies it."""

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from training.graphs import onnx_program
from training.tidy import tidy


class Writes(nn.Module):
    """Puts a row into a ring, and turns another input around for good reason."""

    def forward(self, cache: Tensor, position: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
        return cache.index_put((position % len(cache),), row[None]), row.transpose(0, 1)


def test_a_write_into_the_cache_is_not_copied_and_real_transposes_stay() -> None:
    cache, row = torch.arange(24.0).reshape(4, 2, 3), -torch.ones(2, 3)
    inputs = {"cache": cache, "position": torch.tensor([6]), "row": row}
    model = onnx_program(Writes(), inputs, ["next_cache", "turned"]).model_proto
    assert sum(node.op_type == "Transpose" for node in model.graph.node) > 2, "else tidy has become useless"
    assert b"test_tidy.py" in model.SerializeToString(), "else forgetting has become useless"
    tidy(model)
    assert b"test_tidy.py" not in model.SerializeToString(), "a bundle tells nobody's paths"
    assert [list(node.attribute[0].ints) for node in model.graph.node if node.op_type == "Transpose"] == [
        [1, 0]
    ]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    written, turned = session.run(
        ["next_cache", "turned"], {name: value.numpy() for name, value in inputs.items()}
    )
    expected = cache.numpy().copy()
    expected[2] = -1
    assert np.array_equal(written, expected)
    assert np.array_equal(turned, row.numpy().T)


class Splits(nn.Module):
    """Cuts rows into equal parts, of which one is not used, and others into unequal ones."""

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        a, _, c = rows.split(2)
        d, e = rows.split((1, 5))
        return a - c, d + e


def test_what_is_split_is_split_at_once() -> None:
    rows = torch.arange(18.0).reshape(6, 3) ** 2
    model = onnx_program(Splits(), {"rows": rows}, ["apart", "together"]).model_proto
    assert "SequenceAt" in {node.op_type for node in model.graph.node}, "else splitting has become useless"
    tidy(model)
    assert not {"SplitToSequence", "SequenceAt"} & {node.op_type for node in model.graph.node}
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for found, wanted in zip(session.run(None, {"rows": rows.numpy()}), Splits()(rows), strict=True):
        assert np.array_equal(found, wanted.numpy())
