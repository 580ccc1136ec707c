"""The captioner of our own: trained by `train captioner`, small, and at home without a network."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from genie.core.errors import GenieError
from genie.core.phrases import PHRASES
from training import checkpoint
from training.captioning.captioner import CHECKPOINT, EMBEDDED
from training.spans import spread
from training.train import pick_device
from training.trained import VOCABULARY, Run
from training.windows import pixels

TOGETHER = 64


def pack(run: Run, folder: Path) -> None:
    """Put a run's captioner into `folder`, at half precision and with nothing that only training needs.

    Raises CheckpointError for a run without one.
    """
    state = run.state("captioner")
    weights = {name: w.half() if w.is_floating_point() else w for name, w in state["average"].items()}
    checkpoint.save(folder / CHECKPOINT, {"config": state["config"], "average": weights})
    for name in (VOCABULARY, PHRASES):
        shutil.copy(run.stage("captioner") / name, folder / "captioner" / name)


class EmbeddedCaptioner:
    """Looks at a few frames spread over a clip, and says them richly."""

    name = EMBEDDED

    def __init__(self, run: Path, device: str = "auto") -> None:
        """`run` is a run folder in which the captioner was trained. Raises CheckpointError."""
        self._run = Run(run, pick_device(device))
        self._model = self._run.captioner()
        self._vocabulary = self._run.vocabulary("captioner")

    def describe(self, clips: Sequence[np.ndarray], known: str = "") -> list[str]:
        """A caption for each clip. Raises GenieError for frames of another size than it was trained on."""
        config = self._model.config
        said: list[str] = []
        for first in range(0, len(clips), TOGETHER):
            looked = [clip[spread(0, len(clip), config.frames)] for clip in clips[first : first + TOGETHER]]
            for frames in looked:
                if frames.shape[1:] != (config.height, config.width, 3):
                    have, want = frames.shape[1:3], (config.height, config.width)
                    raise GenieError(
                        f"clips of {have[0]}x{have[1]} pixels, and the captioner sees {want[0]}x{want[1]}: "
                        "ingest them at that size"
                    )
            batch = torch.from_numpy(np.stack(looked)).to(self._run.device)
            said += [self._vocabulary.decode(row.tolist()) for row in self._model.say(pixels(batch)).cpu()]
        return said
