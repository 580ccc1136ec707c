"""Makes an ONNX file smaller by storing its weights in fewer bits; the arithmetic stays in float32."""

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import helper, numpy_helper

SMALLEST = 4096  # numbers in a weight; below this nothing is gained


def rounded(weight: np.ndarray, bits: int) -> np.ndarray:
    """The float32 weight that a weight stored in `bits` (8 or 16) stands for."""
    if bits == 16:
        return weight.astype(np.float16).astype(np.float32)
    stored, scale = _int8(weight)
    return stored.astype(np.float32) * scale


def is_shrunk(weight: np.ndarray) -> bool:
    """Whether a weight of this shape is stored in fewer bits at all."""
    return weight.dtype == np.float32 and weight.ndim >= 2 and weight.size >= SMALLEST


def shrink(model: onnx.ModelProto, bits: int) -> onnx.ModelProto:
    """Store every large float32 weight in 8 or 16 bits, followed by the nodes that widen it again.

    The runtime folds those nodes into plain float32 weights when it loads the graph, so play costs and
    computes the same as with the rounded weights in float32. Weights keep their names, with `.int8` or
    `.half` added.
    """
    weights, nodes = [], []
    for tensor in model.graph.initializer:
        weight = numpy_helper.to_array(tensor)
        if not is_shrunk(weight):
            weights.append(tensor)
        elif bits == 16:
            weights.append(numpy_helper.from_array(weight.astype(np.float16), f"{tensor.name}.half"))
            nodes.append(
                helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=onnx.TensorProto.FLOAT)
            )
        else:
            stored, scale = _int8(weight)
            weights.append(numpy_helper.from_array(stored, f"{tensor.name}.int8"))
            weights.append(numpy_helper.from_array(scale, f"{tensor.name}.scale"))
            wide = f"{tensor.name}.wide"
            nodes.append(helper.make_node("Cast", [f"{tensor.name}.int8"], [wide], to=onnx.TensorProto.FLOAT))
            nodes.append(helper.make_node("Mul", [wide, f"{tensor.name}.scale"], [tensor.name]))
    _replace(model.graph.initializer, weights)
    _replace(model.graph.node, [*nodes, *model.graph.node])
    return model


def weights_of(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """The float32 weights of a shrunk model by their torch names: the way back from a bundle to torch."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found = {}
    for name, value in stored.items():
        if name.endswith(".half"):
            found[name.removesuffix(".half")] = value.astype(np.float32)
        elif name.endswith(".int8"):
            stem = name.removesuffix(".int8")
            found[stem] = value.astype(np.float32) * stored[f"{stem}.scale"]
        elif not name.endswith(".scale"):
            found[name] = value
    return found


def _int8(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A weight as int8 and one float32 scale an output channel (axis 0, as torch stores weights)."""
    axes = tuple(range(1, weight.ndim))
    scale = np.maximum(np.abs(weight).max(axis=axes, keepdims=True), 1e-12).astype(np.float32) / 127
    return np.clip(np.round(weight / scale), -127, 127).astype(np.int8), scale


def _replace(field: object, values: Iterable[object]) -> None:
    kept = list(values)
    del field[:]  # type: ignore[attr-defined]
    field.extend(kept)  # type: ignore[attr-defined]
