"""Batches of consecutive frames, drawn from a frame store as a pure function of seed and step."""

from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from training import processes
from training.read_ahead import ReadAhead
from training.stage import Stage

_PIECE = 1 << 15  # frames moved to the GPU at a time
VALIDATION_EVERY = 100  # every hundredth clip is kept out of training, to watch it by


class Window(NamedTuple):
    """A batch of windows.

    frames [B, T, H, W, 3] uint8; actions [B, T-1] int64, -1 where unknown (action t leads from frame t to
    t+1); captions [B, T] int64, the number of the caption that holds at each frame; clips [B] int64, the
    number of the clip that each window is of, and firsts int64 [B], its first frame in the store, which no
    device needs to know.
    """

    frames: Tensor
    actions: Tensor
    captions: Tensor
    clips: Tensor
    firsts: np.ndarray


def pixels(frames: Tensor) -> Tensor:
    """Frames uint8 [..., H, W, 3] -> float32 [..., 3, H, W] in [-1, 1] (channels-last in memory)."""
    return frames.movedim(-1, -3).float() / 127.5 - 1


def steady_starts(starts: np.ndarray, length: int, changed: np.ndarray) -> np.ndarray:
    """Those first frames of windows after which no frame of the window is one of `changed` (sorted)."""
    before, within = (np.searchsorted(changed, starts + reach, side="right") for reach in (0, length - 1))
    return starts[before == within]


class Windows:
    """Draws windows of `length` frames; batch `step` depends on nothing but the seed and the step.

    batch: of all processes together; each draws the same and reads its share. steady: none over a change of
    look in mid-clip, for who is to learn what actions do and not what words do; changing: that share of them
    over such a change, where clips have any, for who is to learn what words do. resident: whether the whole
    store is moved into the device's memory once, instead of the next batches being read while one is trained
    on; where None it is on a GPU, if it fits in half of what is free there.
    """

    def __init__(
        self,
        store: FrameStore,
        *,
        length: int,
        batch: int,
        seed: int,
        device: torch.device,
        steady: bool = False,
        changing: float = 0.0,
        resident: bool | None = None,
    ) -> None:
        assert not (steady and changing), "windows are to cross changes, or not to"
        self.length, self.batch, self.seed, self.device = length, batch, seed, device
        self.store = store
        self.training = self._starts(store, length, validation=False)
        self.validation = self._starts(store, length, validation=True)
        self.changing, self.over_changes = changing, np.empty(0, np.int64)
        if steady:
            self.training, self.validation = (
                steady_starts(starts, length, store.changed()) for starts in (self.training, self.validation)
            )
        elif changing:
            calm = steady_starts(self.training, length, store.changed())
            self.over_changes = np.setdiff1d(self.training, calm, assume_unique=True)
        if not len(self.training) or not len(self.validation):
            raise ClipError(
                f"no clip has {length} frames (or too few clips): record longer clips or more of them"
            )
        if resident is None:
            free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 0
            resident = store.frames.nbytes < free // 2
        self.resident: Tensor | None = _moved(store.frames, device) if resident else None
        self.ahead = ReadAhead(self._drawn)

    @staticmethod
    def _starts(store: FrameStore, length: int, *, validation: bool) -> np.ndarray:
        spans = [
            np.arange(first, last - length + 1)
            for clip, (first, last) in enumerate(zip(store.starts[:-1], store.starts[1:], strict=True))
            if (clip % VALIDATION_EVERY == 0) == validation
        ]
        return np.concatenate(spans) if spans else np.empty(0, np.int64)

    def at(self, step: int) -> Window:
        """This process's share of the training batch of a step."""
        return self._drawn(step) if self.resident is not None else self.ahead.at(step)

    def waited(self) -> float:
        """Seconds spent waiting for batches so far."""
        return self.ahead.waited

    def close(self) -> None:
        """Read no more batches, and free what lies on the GPU."""
        self.ahead.close()
        self.resident = None

    def _drawn(self, step: int) -> Window:
        rng = np.random.default_rng([self.seed, step])
        starts = self.training[rng.integers(len(self.training), size=self.batch)]
        if len(self.over_changes):
            others = self.over_changes[rng.integers(len(self.over_changes), size=self.batch)]
            starts = np.where(rng.random(self.batch) < self.changing, others, starts)
        return self._read(processes.share(starts))

    def held_out(self, count: int, seed: int = 0) -> Window:
        """A fixed batch from the validation clips, the same at every call."""
        rng = np.random.default_rng([seed, 977])
        return self._read(self.validation[rng.integers(len(self.validation), size=count)])

    def _read(self, starts: np.ndarray) -> Window:
        rows = starts[:, None] + np.arange(self.length)
        if self.resident is not None:
            frames = self.resident[self._placed(torch.from_numpy(rows))]
        else:
            frames = self._placed(torch.from_numpy(self.store.frames[rows]))
        actions = torch.from_numpy(self.store.actions[rows[:, :-1]].astype(np.int64))
        captions = torch.from_numpy(self.store.caption_of[rows].astype(np.int64))
        clips = torch.from_numpy(np.searchsorted(self.store.starts, starts, side="right") - 1)
        actions, captions, clips = (self._placed(part) for part in (actions, captions, clips))
        return Window(frames, actions, captions, clips, starts)

    def _placed(self, part: Tensor) -> Tensor:
        if self.device.type != "cuda":
            return part
        # From pinned memory it goes over while the GPU works, and nobody waits for it.
        return part.pin_memory().to(self.device, non_blocking=True)


def _moved(frames: np.ndarray, device: torch.device) -> Tensor:
    """Frames [N, H, W, 3] on a device, without a second copy of them all in the machine's own memory."""
    moved = torch.empty(frames.shape, dtype=torch.uint8, device=device)
    for first in range(0, len(frames), _PIECE):
        moved[first : first + _PIECE] = torch.from_numpy(frames[first : first + _PIECE].copy()).to(device)
    return moved


Model = TypeVar("Model", bound=nn.Module)


class WindowedStage(Stage[Model]):
    """A stage that learns from windows."""

    windows: Windows

    @property
    def length(self) -> int:
        return self.windows.length

    def waited(self) -> float:
        return self.windows.waited()

    def close(self) -> None:
        self.windows.close()
