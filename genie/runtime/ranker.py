"""A pretrained model that says how far pictures show what a text says, where a bundle brings one along."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genie.core.captions import checked_prompt, read_tokenizer
from genie.core.errors import BundleError
from genie.core.manifest import RANKER_FILES
from genie.runtime.devices import BYTE, FLOAT, INT, open_graph

TOKENIZER, TEXT, LOOK = RANKER_FILES


class Ranker:
    """Any CLIP, exported by name (`python -m training export --ranker NAME`); many threads may share it."""

    def __init__(
        self, folder: Path, frame_size: tuple[int, int], device: str, threads: int | None = None
    ) -> None:
        """Load the three RANKER_FILES of a verified bundle. Raises BundleError, naming the file."""
        self._tokenizer = read_tokenizer(folder / TOKENIZER)
        self._text, self._look = (open_graph(folder / name, device, threads) for name in (TEXT, LOOK))
        length = len(self._tokenizer.encode("").ids)  # the file itself says to what length rows are filled up
        takes = [
            [(node.name, node.type, tuple(node.shape)) for node in graph.get_inputs()]
            for graph in (self._text, self._look)
        ]
        if takes[0] != [("ids", INT, (1, length))]:
            raise BundleError(f"{folder / TEXT} and {TOKENIZER} disagree on a row: {takes[0]}, not {length}.")
        if takes[1] != [("frame", BYTE, (1, *frame_size, 3))]:
            raise BundleError(f"{folder / LOOK} and the manifest disagree on a frame: {takes[1]}.")
        said, seen = (
            [(node.type, *node.shape) for node in graph.get_outputs()] for graph in (self._text, self._look)
        )
        if said != seen or len(said) != 1 or said[0][:2] != (FLOAT, 1):
            raise BundleError(
                f"{folder / TEXT} and {LOOK} do not say things that compare: {said} and {seen}."
            )

    def said(self, prompt: str) -> np.ndarray:
        """Return what a prompt says, a unit vector float32 [1, E]; PromptError for what is no prompt."""
        ids = self._tokenizer.encode(checked_prompt(prompt)).ids
        (said,) = self._text.run(None, {"ids": np.array([ids], np.int64)})
        return np.asarray(said)

    def seen(self, frame: np.ndarray) -> np.ndarray:
        """Return what a frame uint8 [height, width, 3] shows, a unit vector near what is said of it."""
        (seen,) = self._look.run(None, {"frame": frame[None]})
        return np.asarray(seen)
