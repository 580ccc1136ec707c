"""What is known of a world's first frames without loading it, which takes a second."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genie.app.examples import examples_of
from genie.app.late import import_runtime
from genie.app.take import Start
from genie.core.captions import CaptionTokenizer
from genie.core.manifest import Manifest, read_manifest
from genie.core.phrases import PHRASES, Phrases
from genie.core.prompt_reading import PromptReader, Reading


@dataclass(frozen=True, kw_only=True)
class Details:
    """How a bundle's worlds begin: how frames are chosen, examples of prompts, and known words."""

    manifest: Manifest
    start_frames: np.ndarray
    captions: tuple[str, ...]
    choose: Callable[[str, int], int]
    """The number of the start frame for a prompt and a seed."""
    lacks: Callable[[str, int], bool]
    """Whether a start frame does not show all that a prompt names, so that it is repainted first."""
    reader: PromptReader
    """Says how a prompt is understood."""

    def reading(self, prompt: str, seed: int, *, seen: bool = True, expand: bool = True) -> Reading:
        """Return how `World.start` reads a prompt; `seen` where it starts from a frame of its own."""
        if prompt == self.manifest.default_prompt or not expand:
            return self.reader.read(prompt, expand=False)
        beside = self.captions[self.choose(prompt, seed)] if seen else ""
        return self.reader.read(prompt, beside=beside)

    def start_for(self, prompt: str, seed: int, *, expand: bool = True) -> tuple[int, bool]:
        """Return the start frame that fits a prompt best, by number, and whether it is repainted first."""
        told = self.reading(prompt, seed, expand=expand).told
        number = self.choose(told, seed)
        return number, self.lacks(told, number)

    @property
    def examples(self) -> tuple[str, ...]:
        """Prompts to pick from."""
        return examples_of(self.manifest.default_prompt, self.captions)


def read_details(bundle: Path) -> Details:
    """Read how the world in a bundle begins. Raises BundleError."""
    import_runtime()
    from genie.runtime.starts import Starts

    manifest = read_manifest(bundle)
    phrases = Phrases.load(bundle / PHRASES) if PHRASES in manifest.files else None
    words = CaptionTokenizer.load(bundle / "tokenizer.json", manifest.text_length)
    reader = PromptReader(words, phrases)
    starts = Starts.load(bundle / manifest.starts, manifest.frame_size, reader.mentions)
    return Details(
        manifest=manifest,
        start_frames=starts.frames,
        captions=starts.captions,
        choose=starts.choose,
        lacks=starts.lacks,
        reader=reader,
    )


def first_look(bundle: Path, start: Start) -> np.ndarray:
    """Return what a session will begin with, or with what is repainted first: uint8 [height, width, 3].

    Raises BundleError.
    """
    if start.image is not None:
        return start.image
    details = read_details(bundle)
    is_told = start.told or not start.expand
    told = start.prompt if is_told else details.reading(start.prompt, start.seed).told
    return details.start_frames[details.choose(told, start.seed)]
