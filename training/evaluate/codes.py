"""What each latent code does, found in the bundle alone: its graph is cut open where a key becomes a code."""

import copy
import dataclasses
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from onnx.utils import Extractor
from onnxruntime import InferenceSession

from genie.core.actions import Action, ActionSet
from genie.core.errors import BundleError
from genie.runtime.devices import open_graph
from genie.runtime.world import World
from training.evaluate.held import Held, hold
from training.evaluate.real_clips import CONTEXT, RealClips

GRAPH = "dynamics.onnx"
FLOW = "drafter.latent_action.flow.weight"
CODES = "drafter.latent_action.codebook.weight"


class CodeEvidence(NamedTuple):
    """What each of C codes does.

    motion: float [C, 2, h, w], the mean over clips of where things go in one frame: x, y in pixels;
    held: each code held from one start; meant: int [A, C], how often each key means each code at the clips'
    moments.
    """

    motion: np.ndarray
    held: Held
    meant: np.ndarray


def look_at_codes(world: World, clips: RealClips, start: int) -> CodeEvidence | None:
    """Try every code at the moments of real clips, and hold each from the clip numbered `start`.

    None for a world that is not played through latent codes.
    """
    cut = CodeGraph.open(world)
    if cut is None:
        return None
    pasts = [_rendered(world, frames[CONTEXT - world.manifest.history : CONTEXT]) for frames in clips.frames]
    motion = np.array([np.mean([cut.motion(past, code) for past in pasts], 0) for code in range(cut.codes)])
    keys = range(len(world.actions))
    codes = np.array([[cut.code(past, key) for past in pasts] for key in keys])
    meant = np.stack([np.bincount(row, minlength=cut.codes) for row in codes])
    held = hold(cut.world_of_codes(world), clips, start, meaning=cut.code)
    return CodeEvidence(motion, held, meant)


class CodeGraph:
    """A bundle's dynamics graph, with the places in it where a code is chosen and where it moves things."""

    def __init__(self, graph: onnx.ModelProto, motion: str, code: str, codes: int) -> None:
        """motion, code: the names of these values in the graph; codes: how many there are."""
        self.codes = codes
        self._code_part = _part(graph, ["frames", "action"], code)
        told = copy.deepcopy(graph)  # its action is a code, not a key
        for node in told.graph.node:
            node.input[:] = ["action" if name == code else name for name in node.input]
        ends = ([value.name for value in side] for side in (graph.graph.input, graph.graph.output))
        self._told = Extractor(told).extract_model(*ends)  # without the map, which knows keys alone
        self._motion_part = _part(self._told, ["frames", "action"], motion)

    @classmethod
    def open(cls, world: World) -> "CodeGraph | None":
        """That of a world; None where no key becomes a code.

        It is found by its weights, which keep the names that they have in torch.
        """
        graph = onnx.load(world.engine.folder / GRAPH)
        flow = [node.output[0] for node in graph.graph.node if _reads(node, FLOW)]
        motion = [_bounded(graph, name) for name in flow]
        chosen = {node.output[0] for node in graph.graph.node if node.op_type in ("ArgMin", "ArgMax")}
        code = [node.input[1] for node in graph.graph.node if _looks_up(node, CODES)]
        code = [name for name in code if name in chosen]
        codebook = [tensor.dims[0] for tensor in graph.graph.initializer if tensor.name.startswith(CODES)]
        if not len(motion) == len(code) == len(codebook) == 1:
            return None
        return cls(graph, motion[0], code[0], codebook[0])

    def motion(self, past: np.ndarray, code: int) -> np.ndarray:
        """Where a code takes things after frames uint8 [1, K, H, W, 3]: float [2, h, w] in pixels."""
        (motion,) = self._motion_part.run(None, {"frames": past, "action": np.array([code])})
        return -motion[code if len(motion) > 1 else 0]  # the model says where each part comes from

    def code(self, past: np.ndarray, key: int) -> int:
        """The code that a key means after frames uint8 [1, K, H, W, 3]."""
        (code,) = self._code_part.run(None, {"frames": past, "action": np.array([key])})
        return int(code[0])

    def world_of_codes(self, world: World) -> World:
        """The same world, its codes being its actions."""
        engine = copy.copy(world.engine)
        with tempfile.TemporaryDirectory() as folder:
            onnx.save(self._told, Path(folder) / GRAPH)
            engine.dynamics_graph = open_graph(Path(folder) / GRAPH, engine.device)
        actions = ActionSet([Action(f"code-{code}") for code in range(self.codes)], idle="code-0")
        engine.manifest = dataclasses.replace(engine.manifest, actions=actions)
        return World(engine)


def _rendered(world: World, frames: np.ndarray) -> np.ndarray:
    """Frames uint8 [K, H, W, 3] as play sees them: [1, K, H, W, 3], each by the world's own tokens."""
    return np.stack([world.engine.decode(world.tokens(frame)) for frame in frames])[None]


def _reads(node: onnx.NodeProto, weight: str) -> bool:
    # A weight that is stored small is unpacked first: its reader may see a name made from its own.
    return node.op_type == "Conv" and any(name.startswith(weight) for name in node.input)


def _bounded(graph: onnx.ModelProto, value: str) -> str:
    # The flow is divided by the farthest that anything moves, squashed, and multiplied by it again.
    for _ in range(3):
        (reader,) = (node for node in graph.graph.node if value in node.input)
        value = reader.output[0]
    if reader.op_type != "Mul":
        raise BundleError(f"{GRAPH}: the flow of the latent action model ends in {reader.op_type}, not Mul")
    return value


def _looks_up(node: onnx.NodeProto, weight: str) -> bool:
    return node.op_type == "Gather" and node.input[0].startswith(weight)


def _part(graph: onnx.ModelProto, inputs: list[str], output: str) -> InferenceSession:
    part = Extractor(graph).extract_model(inputs, [output])
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(part, Path(folder) / GRAPH)
        return open_graph(Path(folder) / GRAPH, "cpu")
