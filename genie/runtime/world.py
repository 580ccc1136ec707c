"""A world ready to be played: a bundle, loaded once and shared by many sessions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import SupportsIndex

import numpy as np

from genie.core.actions import ActionSet
from genie.core.captions import checked_prompt
from genie.core.errors import UsageError
from genie.core.manifest import Manifest
from genie.core.prompt_reading import Reading
from genie.core.strength import checked_strength
from genie.runtime.engine import Engine
from genie.runtime.first_frames import Asked, FirstFrames, Watch, still
from genie.runtime.image import fit_image
from genie.runtime.keyframes import MOST_BYTES, Keyframe
from genie.runtime.noise import checked_seed
from genie.runtime.packing import all_packed, pack
from genie.runtime.rebuild import digits_of
from genie.runtime.session import Opening, Session

KEPT_CHOICES = 256
"""Prompts and seeds whose first frames are kept, so that they are there at once: 0.1 MB each at most."""


class World:
    """Immutable, and safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._first_frames: OrderedDict[Asked, FirstFrames] = OrderedDict()
        self._choosing = threading.Lock()

    @classmethod
    def open(cls, bundle: str | Path, device: str = "auto", threads: int | None = None) -> World:
        """Verify and load a bundle folder; see `genie.load` for worlds by id.

        `device` is "auto", "cpu" or "cuda"; `threads` how many the CPU may use (None: what suits the
        machine). Raises BundleError, naming the file, or DeviceError.
        """
        return cls(Engine(Path(bundle), device, threads))

    @property
    def id(self) -> str:
        """The world's id."""
        return self.engine.manifest.world

    @property
    def manifest(self) -> Manifest:
        """All that the bundle says of itself."""
        return self.engine.manifest

    @property
    def actions(self) -> ActionSet:
        """What can be done here."""
        return self.engine.manifest.actions

    @property
    def fps(self) -> int:
        """The world's own frame rate."""
        return self.engine.manifest.fps

    @property
    def frame_size(self) -> tuple[int, int]:
        """Height and width of a frame, in pixels."""
        return self.engine.manifest.frame_size

    @property
    def device(self) -> str:
        """Where it runs: "cpu" or "cuda"."""
        return self.engine.device

    @property
    def start_frames(self) -> np.ndarray:
        """The frames it may be entered from, uint8 [S, height, width, 3]; not to be changed."""
        return self.engine.starts.frames

    @property
    def start_captions(self) -> tuple[str, ...]:
        """What each of the start frames shows, in words."""
        return self.engine.starts.captions

    def unknown_words(self, prompt: str) -> list[str]:
        """Return the words of a prompt that this world was never shown."""
        return list(self.read_prompt(prompt, expand=False).unknown)

    def read_prompt(self, prompt: str, beside: str = "", expand: bool = True) -> Reading:
        """Say what this world makes of a prompt, changing nothing. Raises PromptError.

        What the prompt leaves open is taken from `beside`: the caption of a start, the prompt in force.
        """
        return self.engine.reader.read(prompt, beside=beside, expand=expand)

    def start(
        self,
        prompt: str | None = None,
        image: np.ndarray | None = None,
        seed: SupportsIndex = 0,
        temperature: float | None = None,
        expand: bool = True,
        kept_bytes: int = MOST_BYTES,
        strength: float | None = None,
        choice: int = 0,
        watch: Watch | None = None,
        start_seed: SupportsIndex | None = None,
    ) -> Session:
        """Begin a session.

        `prompt` is text, "" for none at all, None for the world's default, and where there is an image, which
        may show anything, for none. The first frame is `image`, uint8
        [any height, any width, 3], RGB, cut and scaled and shown as the world's own tokens render it; else
        one that shows what the prompt says (see `first_frames`), of which `choice` 0 is the best. `seed` is 0
        or more; `temperature` 0 (argmax) to 10; `strength`, how much words count, 0 (not at all) to 10, 1
        being as trained; None is the world's own of either. With `expand`, prompts are told to the model in
        the wording it was trained on, what they leave open filled in; `Session.prompt_reading` says how.
        `kept_bytes` is how much memory the session may take to go back fast; with less, going back computes
        more. `watch` is shown the first frame being made where that takes a while, in the caller's thread;
        what it raises ends it. `start_seed`, in place of `seed`, decides the first frame and how the prompt
        is read: sessions that share it share what takes a while.

        Raises PromptError, ImageError or UsageError.
        """
        start_seed = seed if start_seed is None else start_seed
        if prompt is None and image is not None:
            prompt = ""
        reading, asked = self._asked(
            prompt, start_seed, temperature, strength, expand=expand, seen=image is None
        )
        if image is not None:
            tokens = self.tokens(image)
            # The decoded frame, not the given one: all that follows, and all that the model sees, is decoded.
            frame = self.engine.decode(tokens)
        else:
            first = self._frames_for(asked)
            if not 0 <= choice < len(first):
                raise UsageError(
                    f"There are {len(first)} first frames for this prompt: no number {choice!r}."
                )
            if watch is not None:
                first.make(watch)
            chosen = first[choice]
            tokens, frame = chosen.tokens, chosen.frame
        opening = Opening(
            seed=checked_seed(seed),
            temperature=asked.temperature,
            strength=asked.strength,
            keyframe=Keyframe(index=0, state=still(self.engine, tokens, frame)),
        )
        return Session(self, opening, reading, expand_prompts=expand, kept_bytes=kept_bytes)

    def first_frames(
        self,
        prompt: str | None = None,
        seed: SupportsIndex = 0,
        temperature: float | None = None,
        expand: bool = True,
        strength: float | None = None,
    ) -> FirstFrames:
        """Return the frames that `start` may begin a session with, given the same, the best first.

        Where the world's start frames show all that the prompt names it is those, in an order of the seed's;
        else the nearest ones repainted by the world, ranked by the agreement of text and picture: that takes
        a second or two, when one is first asked for. Raises as `start` does.
        """
        return self._frames_for(self._asked(prompt, seed, temperature, strength, expand=expand)[1])

    def tokens(self, image: np.ndarray) -> np.ndarray:
        """Return the tokens int64 [1, N, D] of a picture as `start` takes one. Raises ImageError."""
        return self.engine.encode(fit_image(image, self.frame_size))

    def packed(self, tokens: np.ndarray) -> bytes:
        """Return tokens int64 [1, N, D] in as few bytes as they fit."""
        return pack(tokens, self.manifest.levels)

    def picture(self, packed: bytes) -> np.ndarray:
        """Return the frame uint8 [height, width, 3] that a session's packed tokens stand for."""
        self.check_packed([packed])
        return self.engine.decode(digits_of(self.engine, packed))

    def check_packed(self, packed: Sequence[bytes]) -> None:
        """Raise UsageError unless these are packed tokens of this world."""
        shape, levels = self.manifest.token_shape, self.manifest.levels
        if not all_packed(packed, shape, levels):
            raise UsageError(f"These are not frames of '{self.id}': its tokens are others.")

    def _reading(self, prompt: str | None, seed: int, *, expand: bool, seen: bool) -> Reading:
        default = self.manifest.default_prompt
        if prompt in (None, default):
            return self.read_prompt(default, expand=False)  # the world's own wording needs no mending
        assert prompt is not None
        starts = self.engine.starts
        # What the prompt leaves open is what the start that it chooses shows.
        beside = starts.captions[starts.choose(checked_prompt(prompt), seed)] if seen else ""
        return self.read_prompt(prompt, beside, expand)

    def _asked(
        self,
        prompt: str | None,
        seed: SupportsIndex,
        temperature: float | None,
        strength: float | None,
        *,
        expand: bool,
        seen: bool = True,
    ) -> tuple[Reading, Asked]:
        seed = checked_seed(seed)
        temperature = self.manifest.temperature if temperature is None else temperature
        if not 0 <= temperature <= 10:
            raise UsageError(f"A temperature is from 0 to 10, not {temperature!r}.")
        strength = checked_strength(self.manifest.strength if strength is None else strength)
        reading = self._reading(prompt, seed, expand=expand, seen=seen)
        told = Asked(prompt=reading.told, seed=seed, temperature=float(temperature), strength=strength)
        return reading, told

    def _frames_for(self, asked: Asked) -> FirstFrames:
        with self._choosing:
            found = self._first_frames.pop(asked, None) or FirstFrames(self.engine, asked)
            self._first_frames[asked] = found  # the newest last
            while len(self._first_frames) > KEPT_CHOICES:
                self._first_frames.popitem(last=False)
        return found
