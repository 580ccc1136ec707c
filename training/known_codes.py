"""Which latent codes a dataset's transitions are, each found once."""

import numpy as np
import torch
from torch import Tensor

from genie.clips.frame_store import FrameStore
from genie.models.draft import Drafter
from training.windows import Window, pixels

_PIECE = 64  # transitions of a clip that are found together


class KnownCodes:
    """The codes of windows, found where a window is the first to need them, and kept.

    Finding them costs a third of what a step of the dynamics costs, and every clip is seen many times.
    """

    def __init__(self, store: FrameStore, drafter: Drafter, device: torch.device) -> None:
        self.store, self.drafter = store, drafter
        # Of each frame: the code that leads on from it; whether it is known, no device has to be asked.
        self._codes = torch.zeros(len(store.frames), dtype=torch.int8, device=device)
        self._known = np.zeros(len(store.frames), bool)

    @torch.no_grad()
    def __call__(self, window: Window, digits: Tensor) -> Tensor:
        """The codes [B, T-1] of a window whose frames' tokens are digits [B, T, N, D].

        Before a window's start its first frame is repeated, as play starts: a past that the clip does not
        have, so codes that depend on it are found anew.
        """
        count = window.frames.shape[1] - 1
        rows = window.firsts[:, None] + np.arange(count)
        for row in rows[~self._known[rows]].tolist():
            if not self._known[row]:
                self._find(row)
        codes = self._codes[torch.from_numpy(rows).to(self._codes.device, non_blocking=True)].long()
        short = min(self.drafter.history - 1, count)
        frames = pixels(window.frames[:, : short + 1])
        codes[:, :short] = self.drafter.codes(digits[:, : short + 1], frames)
        return codes

    def _find(self, row: int) -> None:
        """The codes of the piece of a clip that a row lies in: the same whoever asks for it."""
        clip = int(np.searchsorted(self.store.starts, row, side="right")) - 1
        first, last = (int(row) for row in self.store.starts[clip : clip + 2])
        begin = row - (row - first) % _PIECE
        end = min(begin + _PIECE, last - 1)
        before = max(first, begin - self.drafter.history + 1)
        frames = pixels(torch.from_numpy(self.store.frames[before : end + 1].copy()).to(self._codes.device))
        digits = self.drafter.tokenizer.encode(frames)
        codes = self.drafter.codes(digits[None], frames[None])[0]
        self._codes[begin:end] = codes[begin - before :].to(torch.int8)
        self._known[begin:end] = True
