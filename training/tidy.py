"""Takes out of an exported graph what does nothing: copies, and notes of where in the source it came from."""

import onnx


def tidy(model: onnx.ModelProto) -> onnx.ModelProto:
    """Drop transposes that leave all axes where they are; the graph's inputs and outputs keep their names.

    The exporter puts some around each write into the cache, and the runtime copies the whole cache for them.
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
    return model


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
