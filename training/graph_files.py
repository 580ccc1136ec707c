"""Graphs as files: weights rounded as they are stored, and the .onnx written from them."""

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from training.graphs import onnx_program
from training.shrink import is_shrunk, rounded, shrink
from training.tidy import tidy


def round_weights(graph: nn.Module, bits: int) -> None:
    """Give a graph the weights that it will have once they are stored in `bits` (8 or 16)."""
    with torch.no_grad():
        for weight in graph.parameters():
            if is_shrunk(weight.numpy()):
                weight.copy_(torch.from_numpy(rounded(weight.numpy(), bits)))


def write_graph(
    graph: nn.Module, inputs: dict[str, Tensor], outputs: list[str], bits: int, file: Path
) -> None:
    """Write a graph whose weights are rounded; `inputs` are of the shapes that it will have for good."""
    program = onnx_program(graph, inputs, outputs)
    onnx.save(shrink(tidy(program.model_proto), bits), file)
