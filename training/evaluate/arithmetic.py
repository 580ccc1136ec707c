"""Multiplications: how many a graph makes, and how many this machine can make in a second."""

import tempfile
from collections.abc import Mapping
from itertools import pairwise
from math import prod
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper, shape_inference

from genie.core.errors import BundleError
from genie.runtime.devices import open_graph

SIDE, CHAIN, TRIES, RUNS = 1024, 8, 5, 1000
Shapes = Mapping[str, tuple[int, ...]]


def operations(file: Path) -> int:
    """Floating-point operations of one run of a graph, a multiplication and an addition being two.

    Counted are matrix products, convolutions and attention; the rest is small beside them. Raises BundleError
    where a shape is not fixed.
    """
    try:
        graph = shape_inference.infer_shapes(onnx.load(file), data_prop=True).graph
        shapes = _fixed_shapes(graph)
        return sum(_operations(node, shapes) for node in graph.node)
    except (KeyError, shape_inference.InferenceError) as error:
        raise BundleError(f"{file}: some shape in it is not fixed, so its work cannot be told") from error


def _fixed_shapes(graph: GraphProto) -> Shapes:
    """The shapes of all values whose every side is known."""
    shapes = {
        value.name: tuple(side.dim_value for side in value.type.tensor_type.shape.dim)
        for value in (*graph.value_info, *graph.input, *graph.output)
    }
    known = {name: sides for name, sides in shapes.items() if all(sides)}
    return known | {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}


def _operations(node: NodeProto, shapes: Shapes) -> int:
    if node.op_type == "MatMul":
        return 2 * _size(node.output[0], shapes) * shapes[node.input[0]][-1]
    if node.op_type == "Gemm":
        transposed = any(a.name == "transA" and a.i for a in node.attribute)
        return 2 * _size(node.output[0], shapes) * shapes[node.input[0]][0 if transposed else -1]
    if node.op_type == "Conv":
        return 2 * _size(node.output[0], shapes) * prod(shapes[node.input[1]][1:])
    if node.op_type == "Attention":  # [B, heads, length, size] each; queries on keys, then on values
        rows = prod(shapes[node.input[0]][:-1])
        length, value = shapes[node.input[2]][-2:]
        return 2 * rows * length * (shapes[node.input[1]][-1] + value)
    return 0


def _size(name: str, shapes: Shapes) -> int:
    return prod(shapes[name])


class Machine(NamedTuple):
    """What large matrix products alone do on a device: how many operations a second the best of a few runs
    reached, and the 99th percentile over the median of runs that take about as long as a step of play."""

    peak: float
    unsteadiness: float


def measure(device: str, milliseconds: float) -> Machine:
    """Time products on "cpu" or "cuda"; `milliseconds` is what a step of play takes."""
    every = _times(device, SIDE, TRIES)
    rows = min(SIDE, max(1, round(SIDE * milliseconds / 1000 / min(every))))
    median, slowest = np.quantile(_times(device, rows, RUNS), (0.5, 0.99))
    return Machine(2 * SIDE**3 * CHAIN / min(every), float(slowest / median))


def _times(device: str, rows: int, tries: int) -> list[float]:
    """Seconds of so many runs of the products of so many rows, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "products.onnx"
        onnx.save(_products(rows), file)
        graph = open_graph(file, device)
        given = {"x": np.ones((rows, SIDE), np.float32)}
        graph.run(None, given)
        times = []
        for _ in range(tries):
            begun = perf_counter()
            graph.run(None, given)
            times.append(perf_counter() - begun)
    return times


def _products(rows: int) -> onnx.ModelProto:
    """x times a matrix, times the matrix again, and so on: too much work for its copies to count."""
    matrix = numpy_helper.from_array(np.full((SIDE, SIDE), 1 / SIDE, np.float32), "matrix")
    names = ["x", *(f"x{i}" for i in range(1, CHAIN)), "y"]
    nodes = [helper.make_node("MatMul", [a, "matrix"], [b]) for a, b in pairwise(names)]
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [rows, SIDE]) for n in ("x", "y"))
    graph = helper.make_graph(nodes, "products", [x], [y], [matrix])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
