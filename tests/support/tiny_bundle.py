"""A tiny world bundle, built node by node without torch, whose every wire can be seen in its frames.

A red sprite, one cell large, moves over a 4x4 grid as it is told, wrapping around the edges: that part is
never random. Behind it each cell has a green level that depends on everything a runtime has to wire up: the
last frames as pixels, the condition, the noise and temperature, the position, and a cache in which a layer's
new entry depends on what the layer below remembers, so that what happened before the window still shows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from genie.core.actions import Action, ActionSet
from genie.core.captions import SPECIAL_TOKENS
from genie.core.manifest import Manifest, write_manifest
from genie.core.phrases import PHRASES, Phrases

NAMES = ("noop", "left", "right", "up", "left+up", "right+up")
MOVES = ((0, 0), (-1, 0), (1, 0), (0, -1), (-1, -1), (1, -1))  # (columns, rows)
WORDS = ("a", "the", "red", "blue", "sprite", "on", "grass", "snow", "sand", "by", "day", "night")
CAPTIONS = ("a red sprite on grass", "a red sprite on snow", "the red sprite on sand by night")
SAID = Phrases(
    templates=(("a {colour} sprite on {ground}", 9), ("the {colour} sprite on {ground} by night", 4)),
    values={
        "colour": {"red": (("red", 9),), "blue": (("blue", 8),)},
        "ground": {"grass": (("grass", 9),), "snow": (("snow", 8),), "sand": (("the sand", 7), ("sand", 6))},
    },
)
CELLS, CELL, LEVELS, LENGTH, CHANNELS, LAYERS, HISTORY = 4, 4, 5, 8, 4, 2, 2
SIDE, TOKENS = CELLS * CELL, CELLS * CELLS
UNIT = 63  # how much brighter a level is than the one below


def write_tiny_bundle(
    folder: Path, *, window: int = 4, fps: int = 15, phrases: Phrases | None = None
) -> Path:
    """Write the bundle into `folder` and return it; frames are 16x16, in 16 tokens of 2 digits."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, graph in (
        ("text", _text()),
        ("look", _look()),
        ("encode", _encode()),
        ("decode", _decode()),
        ("dynamics", _dynamics(window)),
    ):
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, folder / f"{name}.onnx")
    write_tokenizer(folder / "tokenizer.json")
    if phrases is not None:
        phrases.save(folder / PHRASES)
    np.savez_compressed(folder / "starts.npz", frames=start_frames(), captions=np.array(CAPTIONS))
    write_manifest(
        folder,
        Manifest(
            world="tiny",
            title="Tiny",
            description="A red sprite that moves as told.",
            frame_size=(SIDE, SIDE),
            fps=fps,
            actions=ActionSet(
                [Action(n, () if n == "noop" else tuple(n.split("+"))) for n in NAMES], idle="noop"
            ),
            window=window,
            token_shape=(TOKENS, 2),
            levels=LEVELS,
            history=HISTORY,
            passes=2,
            temperature=0.5,
            strength=1.0,
            text_length=LENGTH,
            default_prompt="a red sprite",
        ),
    )
    return folder


def write_tokenizer(path: Path) -> None:
    """Write the world's tokenizer.json: its words after the four special tokens, lower case."""
    ids = {word: i for i, word in enumerate((*SPECIAL_TOKENS, *WORDS))}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    tokenizer.save(str(path))


def start_frames() -> np.ndarray:
    """Return the start frames, uint8 [3, 16, 16, 3]: frame i has its sprite at column i, row 1."""
    cells = np.zeros((len(CAPTIONS), CELLS, CELLS, 3), np.uint8)
    for i, frame in enumerate(cells):
        frame[1, i, 0] = (LEVELS - 1) * UNIT
        frame[..., 1] = i * UNIT
    return cells.repeat(CELL, axis=1).repeat(CELL, axis=2)


def sprite_cell(frame: np.ndarray) -> tuple[int, int]:
    """Return (column, row) of the sprite in a frame uint8 [16, 16, 3]; there must be exactly one."""
    ((row, column),) = np.argwhere(frame[::CELL, ::CELL, 0] == (LEVELS - 1) * UNIT)
    return int(column), int(row)


def _tensor(name: str, values: object, dtype: type) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(values, dtype), name)


def _value(name: str, kind: int, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _text() -> onnx.GraphProto:
    weights = np.arange(1, LENGTH * CHANNELS + 1).reshape(LENGTH, CHANNELS)
    return helper.make_graph(
        [
            helper.make_node("Cast", ["ids"], ["numbers"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", ["numbers", "weights"], ["mixed"]),
            helper.make_node("Mod", ["mixed", "levels"], ["condition"], fmod=1),
            helper.make_node("Slice", ["condition", "first", "third", "channel"], ["three"]),
            helper.make_node("LpNormalization", ["three"], ["said"], axis=-1, p=2),
        ],
        "text",
        [_value("ids", TensorProto.INT64, [1, LENGTH])],
        [_value("condition", TensorProto.FLOAT, [1, CHANNELS]), _value("said", TensorProto.FLOAT, [1, 3])],
        [
            _tensor("weights", weights, np.float32),
            _tensor("levels", LEVELS, np.float32),
            _tensor("first", [0], np.int64),
            _tensor("third", [3], np.int64),
            _tensor("channel", [1], np.int64),
        ],
    )


def _look() -> onnx.GraphProto:
    """What a frame shows is its colour on the whole."""
    return helper.make_graph(
        [
            helper.make_node("Cast", ["frame"], ["pixels"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["pixels", "within"], ["mean"], keepdims=0),
            helper.make_node("LpNormalization", ["mean"], ["seen"], axis=-1, p=2),
        ],
        "look",
        [_value("frame", TensorProto.UINT8, [1, SIDE, SIDE, 3])],
        [_value("seen", TensorProto.FLOAT, [1, 3])],
        [_tensor("within", [1, 2], np.int64)],
    )


def _encode() -> onnx.GraphProto:
    return helper.make_graph(
        [
            helper.make_node("Cast", ["frame"], ["pixels"], to=TensorProto.FLOAT),
            helper.make_node("Reshape", ["pixels", "patches"], ["cut"]),
            helper.make_node("ReduceMean", ["cut", "within"], ["mean"], keepdims=0),
            helper.make_node("Slice", ["mean", "first", "third", "channel"], ["coded"]),
            helper.make_node("Div", ["coded", "unit"], ["level"]),
            helper.make_node("Round", ["level"], ["whole"]),
            helper.make_node("Cast", ["whole"], ["digits"], to=TensorProto.INT64),
            helper.make_node("Reshape", ["digits", "shape"], ["tokens"]),
        ],
        "encode",
        [_value("frame", TensorProto.UINT8, [1, SIDE, SIDE, 3])],
        [_value("tokens", TensorProto.INT64, [1, TOKENS, 2])],
        [
            _tensor("patches", [CELLS, CELL, CELLS, CELL, 3], np.int64),
            _tensor("within", [1, 3], np.int64),
            _tensor("first", [0], np.int64),
            _tensor("third", [2], np.int64),
            _tensor("channel", [2], np.int64),
            _tensor("unit", UNIT, np.float32),
            _tensor("shape", [1, TOKENS, 2], np.int64),
        ],
    )


def _decode() -> onnx.GraphProto:
    rows, columns = np.indices((SIDE, SIDE)) // CELL
    return helper.make_graph(
        [
            helper.make_node("Mul", ["tokens", "unit"], ["bright"]),
            helper.make_node("Gather", ["bright", "cell"], ["pixels"], axis=1),
            helper.make_node("Concat", ["pixels", "blue"], ["coloured"], axis=3),
            helper.make_node("Cast", ["coloured"], ["frame"], to=TensorProto.UINT8),
        ],
        "decode",
        [_value("tokens", TensorProto.INT64, [1, TOKENS, 2])],
        [_value("frame", TensorProto.UINT8, [1, SIDE, SIDE, 3])],
        [
            _tensor("unit", UNIT, np.int64),
            _tensor("cell", rows * CELLS + columns, np.int64),
            _tensor("blue", np.zeros((1, SIDE, SIDE, 1)), np.int64),
        ],
    )


def _moves() -> np.ndarray:
    """Return, for each action, the matrix float [6, 16, 16] that moves the grid's cells."""
    grid = np.arange(TOKENS).reshape(CELLS, CELLS)
    shifted = [np.roll(grid, (rows, columns), axis=(0, 1)).reshape(-1) for columns, rows in MOVES]
    return np.stack([np.eye(TOKENS)[order] for order in shifted])


def _dynamics(window: int) -> onnx.GraphProto:
    cache = [window, LAYERS, 2, 1, TOKENS, 2]

    def node(kind: str, inputs: str, output: str, **attributes: object) -> onnx.NodeProto:
        return helper.make_node(kind, inputs.split(), [output], **attributes)

    return helper.make_graph(
        [
            node("Cast", "tokens", "levels", to=TensorProto.FLOAT),
            helper.make_node("Split", ["levels", "halves"], ["red", "green"], axis=2),
            # The sprite goes where the action says.
            node("Gather", "moves action", "move", axis=0),
            node("MatMul", "move red", "red_next"),
            # The cache's new entry: this frame's levels, the oldest pixels in sight, and a trace of the layer
            # below, where there is one.
            node("Cast", "frames", "pixels", to=TensorProto.FLOAT),
            node("ReduceMean", "pixels everything_but_history", "bright", keepdims=0),
            node("Gather", "bright zero", "oldest", axis=0),
            node("Mul", "cache slot_weights", "weighed_past"),
            node("ReduceSum", "weighed_past into_layers_and_tokens", "pasts", keepdims=1),
            node("Gather", "pasts layers_below", "past_below", axis=1),
            node("Mul", "past_below has_below", "past"),
            node("Mod", "past seven", "trace", fmod=1),
            node("Add", "levels oldest", "seen"),
            node("Reshape", "seen entry_shape", "seen_entry"),
            node("Add", "seen_entry trace", "entry"),
            # It goes to slot position % window, the other slots staying as they are.
            node("Mod", "position window", "slot"),
            node("Equal", "slots slot", "here"),
            node("Reshape", "here slot_shape", "mask"),
            node("Where", "mask entry cache", "cache_out"),
            # Behind the sprite: the window by slot, the prompt, and chance as the temperature lets it in.
            node("Mul", "cache_out slot_weights", "weighed"),
            node("ReduceSum", "weighed into_tokens", "remembered", keepdims=1),
            node("Floor", "remembered", "remembered_whole"),
            node("Reshape", "remembered_whole token_shape", "memory"),
            node("ReduceSum", "noise first_axis", "passes", keepdims=0),
            node("Mul", "passes temperature", "warm"),
            node("Mul", "warm levels_count", "warmer"),
            node("Floor", "warmer", "chance"),
            node("Reshape", "chance token_shape", "chances"),
            node("ReduceSum", "condition", "told", keepdims=0),
            node("Cast", "position", "time", to=TensorProto.FLOAT),
            node("Sum", "green memory chances told time", "sum"),
            node("Mod", "sum levels_count", "green_next", fmod=1),
            node("Concat", "red_next green_next", "next", axis=2),
            node("Cast", "next", "tokens_next", to=TensorProto.INT64),
        ],
        "dynamics",
        [
            _value("tokens", TensorProto.INT64, [1, TOKENS, 2]),
            _value("frames", TensorProto.UINT8, [1, HISTORY, SIDE, SIDE, 3]),
            _value("action", TensorProto.INT64, [1]),
            _value("condition", TensorProto.FLOAT, [1, CHANNELS]),
            _value("noise", TensorProto.FLOAT, [2, TOKENS]),
            _value("temperature", TensorProto.FLOAT, [1]),
            _value("position", TensorProto.INT64, [1]),
            _value("cache", TensorProto.FLOAT, cache),
        ],
        [
            _value("tokens_next", TensorProto.INT64, [1, TOKENS, 2]),
            _value("cache_out", TensorProto.FLOAT, cache),
        ],
        [
            _tensor("halves", [1, 1], np.int64),
            _tensor("moves", _moves(), np.float32),
            _tensor("everything_but_history", [0, 2, 3, 4], np.int64),
            _tensor("zero", 0, np.int64),
            _tensor("slot_weights", np.arange(1, window + 1).reshape(-1, 1, 1, 1, 1, 1), np.float32),
            _tensor("into_tokens", [0, 1, 2, 3, 5], np.int64),
            _tensor("into_layers_and_tokens", [0, 2, 3, 5], np.int64),
            _tensor("layers_below", [max(0, layer - 1) for layer in range(LAYERS)], np.int64),
            _tensor("has_below", np.arange(LAYERS).reshape(1, -1, 1, 1, 1, 1) > 0, np.float32),
            _tensor("seven", 7, np.float32),
            _tensor("entry_shape", [1, 1, 1, 1, TOKENS, 2], np.int64),
            _tensor("window", window, np.int64),
            _tensor("slots", np.arange(window), np.int64),
            _tensor("slot_shape", [window, 1, 1, 1, 1, 1], np.int64),
            _tensor("token_shape", [1, TOKENS, 1], np.int64),
            _tensor("first_axis", [0], np.int64),
            _tensor("levels_count", LEVELS, np.float32),
        ],
    )
