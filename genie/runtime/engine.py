"""A bundle's five graphs, loaded once, checked against the manifest, and shared by any number of sessions."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from genie.core.captions import CaptionTokenizer
from genie.core.errors import BundleError
from genie.core.manifest import RANKER_FILES, read_manifest
from genie.core.phrases import PHRASES, Phrases
from genie.core.prompt_reading import PromptReader
from genie.core.strength import LARGEST_STRENGTH
from genie.runtime.devices import BYTE, FLOAT, INT, choose_device, open_graph
from genie.runtime.ranker import Ranker
from genie.runtime.starts import Starts

GRAPHS = ("text", "look", "encode", "decode", "dynamics")
Shape = tuple[int, ...]


class Engine:
    """Immutable once made, and safe to use from many threads."""

    def __init__(self, folder: Path, device: str = "auto", threads: int | None = None) -> None:
        """Verify and load the bundle in `folder`.

        `device` is "auto", "cpu" or "cuda"; `threads` how many the CPU may use for a graph (None: what suits
        the machine). Raises BundleError, naming the file, or DeviceError.
        """
        self.folder = folder
        self.manifest = manifest = read_manifest(folder)
        ranker = RANKER_FILES if manifest.files.keys() & RANKER_FILES else ()
        for name in (*(f"{graph}.onnx" for graph in GRAPHS), "tokenizer.json", *ranker):
            if name not in manifest.files:
                raise BundleError(f"{folder / name} is missing: export the bundle again.")
        self.device = choose_device(device, probe=folder / "text.onnx")
        self.captions = CaptionTokenizer.load(folder / "tokenizer.json", manifest.text_length)
        phrases = Phrases.load(folder / PHRASES) if PHRASES in manifest.files else None
        self.reader = PromptReader(self.captions, phrases)
        self.starts = Starts.load(folder / manifest.starts, manifest.frame_size, self.reader.mentions)
        self._text, self._look, self._encode, self.decode_graph, self.dynamics_graph = (
            open_graph(folder / f"{name}.onnx", self.device, threads) for name in GRAPHS
        )
        self.condition_shape, self.noise_shape, self.cache_shape = self._check()
        self._ranker = Ranker(folder, manifest.frame_size, self.device, threads) if ranker else None

    def condition(self, prompt: str, strength: float = 1.0) -> np.ndarray:
        """Return what a prompt asks of the dynamics, float32 [1, C]; PromptError for what is no prompt.

        `strength`: how much further from what no words at all ask for than the words by themselves. (Guidance
        on the condition in place of the outcome, which would cost a second step for every frame.)
        """
        asked, _ = self._read(prompt)
        return asked if strength == 1 else self._bare + np.float32(strength) * (asked - self._bare)

    def emphasised(self, strength: float) -> float:
        """Return how much new words count where words count `strength`."""
        return min(strength * self.manifest.emphasis, LARGEST_STRENGTH)

    def said(self, prompt: str) -> np.ndarray:
        """Return what a prompt says, a unit vector float32 [1, E]; PromptError for what is no prompt.

        By the bundle's pretrained ranker, if it brings one; `seen` too.
        """
        return self._ranker.said(prompt) if self._ranker else self._read(prompt)[1]

    def seen(self, frame: np.ndarray) -> np.ndarray:
        """Return what a frame uint8 [height, width, 3] shows, a unit vector near what is said of it."""
        if self._ranker:
            return self._ranker.seen(frame)
        (seen,) = self._look.run(None, {"frame": frame[None]})
        return seen

    def encode(self, frame: np.ndarray) -> np.ndarray:
        """Return the tokens int64 [1, N, D] of a frame uint8 [height, width, 3]."""
        (tokens,) = self._encode.run(None, {"frame": frame[None]})
        return tokens

    def decode(self, tokens: np.ndarray) -> np.ndarray:
        """Return the frame uint8 [height, width, 3] that tokens int64 [1, N, D] stand for."""
        (frame,) = self.decode_graph.run(None, {"tokens": tokens})
        return frame[0]

    @cached_property
    def _bare(self) -> np.ndarray:
        """What no words at all ask for."""
        return self._read("")[0]

    def _read(self, prompt: str) -> tuple[np.ndarray, np.ndarray]:
        condition, said = self._text.run(None, {"ids": self.captions.encode(prompt)[None]})
        return condition, said

    def _check(self) -> tuple[Shape, Shape, Shape]:
        """Hold every graph against the manifest; return the shapes that only the graphs know."""
        m = self.manifest
        frame, tokens = (1, *m.frame_size, 3), (1, *m.token_shape)
        condition, said = (
            (*node.shape,) for node in (*self._text.get_outputs(), *self._look.get_outputs())[:2]
        )
        told = [(FLOAT, condition), (FLOAT, said)]
        self._expect("text", self._text, {"ids": (INT, (1, m.text_length))}, told)
        self._expect("look", self._look, {"frame": (BYTE, frame)}, [(FLOAT, said)])
        self._expect("encode", self._encode, {"frame": (BYTE, frame)}, [(INT, tokens)])
        self._expect("decode", self.decode_graph, {"tokens": (INT, tokens)}, [(BYTE, frame)])
        shapes = {node.name: tuple(node.shape) for node in self.dynamics_graph.get_inputs()}
        cache, noise = shapes.get("cache", ()), shapes.get("noise", ())
        takes = {
            "tokens": (INT, tokens),
            "frames": (BYTE, (1, m.history, *m.frame_size, 3)),
            "action": (INT, (1,)),
            "condition": (FLOAT, condition),
            "noise": (FLOAT, noise),
            "temperature": (FLOAT, (1,)),
            "position": (INT, (1,)),
            "cache": (FLOAT, cache),
        }
        self._expect("dynamics", self.dynamics_graph, takes, [(INT, tokens), (FLOAT, cache)])
        if len(cache) != 6 or cache[0] != m.window:
            raise BundleError(
                f"{self.folder / 'dynamics.onnx'} has a cache {list(cache)}, not of window {m.window}: "
                "export the bundle again."
            )
        return condition, noise, cache

    def _expect(
        self,
        name: str,
        graph: Any,
        inputs: dict[str, tuple[str, Shape]],
        outputs: list[tuple[str, Shape]],
    ) -> None:
        file = self.folder / f"{name}.onnx"
        found = {node.name: (node.type, tuple(node.shape)) for node in graph.get_inputs()}
        for node in inputs.keys() | found.keys():
            if inputs.get(node) != found.get(node):
                raise BundleError(
                    f"{file} and the manifest disagree on the input '{node}': "
                    f"{found.get(node)} and {inputs.get(node)}."
                )
        made = [(node.type, tuple(node.shape)) for node in graph.get_outputs()]
        if made != outputs:
            raise BundleError(f"{file} and the manifest disagree on the outputs: {made} and {outputs}.")
        if not all(isinstance(side, int) for _, shape in (*found.values(), *made) for side in shape):
            raise BundleError(f"{file} has shapes that are not fixed: export it with static shapes.")
