"""Takes out of an exported graph what does nothing: copies, and notes of where in the source it came from."""

import numpy as np
import onnx
from onnx import numpy_helper


def tidy(model: onnx.ModelProto) -> onnx.ModelProto:
    """Drop transposes that leave all axes where they are; the graph's inputs and outputs keep their names.

    The exporter puts some around each write into the cache, and the runtime copies the whole cache for them.
    What it splits, it splits into a sequence whose parts are taken out one by one; they become plain splits.
    Its notes hold the paths of the machine it ran on, which are nobody's business, and kilobytes of them.
    """
    _forget_where_from(model)
    outputs = {value.name for value in model.graph.output}
    made = {name for node in model.graph.node for name in node.output}
    for node in [node for node in model.graph.node if _is_idle(node)]:
        before, after = node.input[0], node.output[0]
        if after not in outputs:
            _rename(model, after, before)
        elif before in made:
            _rename(model, before, after)
        else:
            continue
        model.graph.node.remove(node)
    _split_plainly(model.graph)
    return model


def _split_plainly(graph: onnx.GraphProto) -> None:
    constants = _constants(graph)
    shapes = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*graph.value_info, *graph.input)
    }
    for node in [node for node in graph.node if node.op_type == "SplitToSequence"]:
        whole, sequence = node.input[0], node.output[0]
        taken = [user for user in graph.node if sequence in user.input]
        if any(user.op_type != "SequenceAt" or user.input[1] not in constants for user in taken):
            continue
        axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
        parts = {int(constants[user.input[1]]): user.output[0] for user in taken}
        sizes = constants[node.input[1]]  # of every part, or of all of them
        equal = sizes.ndim == 0
        count, rest = divmod(shapes[whole][axis], int(sizes)) if equal else (len(sizes), 0)
        if rest or len(parts) != len(taken) or min(parts) < 0:
            continue
        outputs = [parts.get(place, f"{sequence}_{place}") for place in range(count)]
        split = onnx.helper.make_node("Split", [whole], outputs, node.name, axis=axis)
        if equal:
            split.attribute.append(onnx.helper.make_attribute("num_outputs", count))
        else:
            split.input.append(node.input[1])
        graph.node.insert(list(graph.node).index(node), split)
        for gone in (node, *taken):
            graph.node.remove(gone)


def _constants(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    given = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            given[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    return given


def _forget_where_from(model: onnx.ModelProto) -> None:
    graph = model.graph
    for part in (
        model,
        graph,
        *graph.node,
        *graph.input,
        *graph.output,
        *graph.value_info,
        *graph.initializer,
    ):
        del part.metadata_props[:]
        part.doc_string = ""


def _rename(model: onnx.ModelProto, old: str, new: str) -> None:
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]


def _is_idle(node: onnx.NodeProto) -> bool:
    if node.op_type != "Transpose":
        return False
    axes = [list(attribute.ints) for attribute in node.attribute if attribute.name == "perm"]
    return bool(axes) and axes[0] == sorted(axes[0])
