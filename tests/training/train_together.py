"""What torchrun runs for test_processes: real stages on the sprite world, a batch shared by all processes.

    torchrun --nproc-per-node 2 tests/training/train_together.py FOLDER

Each sub-folder of FOLDER is one training. `half` has been begun by one process and is ended here; `broken` is
stopped half-way, by a signal that one process alone gets.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genie.clips.frame_store import UNKNOWN, FrameStore
from genie.core.captions import CaptionTokenizer
from genie.models.latent_action import LatentActionConfig
from genie.models.text import TextConfig
from genie.models.tokenizer import TokenizerConfig
from genie.worlds import load_source, read_world
from training import processes
from training.interruption import Interrupted
from training.loop import Trainer
from training.loop_config import LoopConfig
from training.stage import Stage
from training.train_latent_action import LatentActionStage
from training.train_text import TextStage, learn_vocabulary
from training.train_tokenizer import TokenizerStage
from training.windows import Windows

CPU = torch.device("cpu")
STEPS, STOP, BATCH = 8, 4, 8
CONFIG = LoopConfig(steps=STEPS, batch=BATCH, learning_rate=3e-3, warmup=2, log_every=1, validate_every=STEPS)
SPRITE = Path(__file__).parents[1] / "scripted_worlds" / "sprite"


def sprite_store() -> FrameStore:
    """120 clips of 12 frames."""
    source = load_source(read_world(SPRITE))
    clips = list(source.record(split="train", clips=120, frames=12, seed=0))
    captions = sorted({clip.caption for clip in clips})
    return FrameStore(
        frames=np.concatenate([clip.frames for clip in clips]),
        starts=np.arange(121, dtype=np.int64) * 12,
        actions=np.concatenate([[*clip.actions, UNKNOWN] for clip in clips]).astype(np.int16),
        captions=captions,
        caption_of=np.repeat([captions.index(clip.caption) for clip in clips], 12).astype(np.int32),
        clip_captions=[clip.caption for clip in clips],
        attributes=[dict(clip.attributes) for clip in clips],
        action_names=tuple(source.action_names),
        fps=source.fps,
        hash="sprite",
    )


def stage(name: str, store: FrameStore, folder: Path) -> Stage[Any]:
    """A small stage whose loss draws nothing, so that one process can do the same."""
    torch.manual_seed(0)
    length = {"tokenizer": 1, "latent-action": 5, "text": 1}[name]
    windows = Windows(store, length=length, batch=BATCH, seed=0, device=CPU)
    if name == "tokenizer":
        blocks = {f"{part}_blocks": 1 for part in ("encoder_fine", "encoder_coarse", "decoder_fine")}
        sizes = TokenizerConfig(height=32, width=32, fine=8, coarse=16, decoder_coarse_blocks=1, **blocks)
        return TokenizerStage(sizes, windows, CPU)
    if name == "latent-action":
        few = LatentActionConfig(height=32, width=32, codes=6, channels=8, blocks=1)
        return LatentActionStage(few, windows, CPU)
    words: CaptionTokenizer = learn_vocabulary(store.captions, folder / f"words-{processes.rank()}.json", 16)
    text = TextConfig(vocabulary=words.size, length=16, height=32, channels=16, layers=1)
    return TextStage(text, windows, words, CPU)


class Told:
    """A loss during which this process is told to stop."""

    def __init__(self, stage: Stage[Any]) -> None:
        self.real = stage.loss

    def __call__(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        if step == STOP - 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return self.real(step)


def train(name: str, store: FrameStore, folder: Path, *, told: bool = False) -> None:
    """Train a stage, or as much of it as it takes until it is told to stop."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    ours = stage(name, store, folder.parent)
    if told:
        ours.loss = Told(ours)  # type: ignore[method-assign]
    with suppress(Interrupted):
        Trainer(ours, CONFIG, folder, CPU).run()


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    store = sprite_store()
    with processes.together():
        assert processes.count() == 2
        for name in ("tokenizer", "latent-action", "text"):
            train(name, store, folder / "two" / name)
        train("tokenizer", store, folder / "half")
        train("tokenizer", store, folder / "broken", told=processes.rank() == 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
