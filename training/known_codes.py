"""Which latent codes a dataset's transitions are, each found once."""

import hashlib

import numpy as np
import torch
from torch import Tensor

from genie.clips.frame_store import FrameStore
from genie.models.draft import Drafter
from training.windows import Window, pixels

_PIECE = 64  # transitions of a clip that are found together


class KnownCodes:
    """The codes of windows, found where a window is the first to need them, and kept beside its frames.

    Finding them costs a third of what a step of the dynamics costs, and every clip is seen many times, by
    every training that begins or goes on.
    """

    def __init__(self, store: FrameStore, drafter: Drafter, device: torch.device) -> None:
        self.store, self.drafter = store, drafter
        # Of each frame: the code that leads on from it plus one, or 0 where it is not known yet. The file is
        # written by every process that shares it, so what is known here is told by our own copy of it; and
        # that one lies twice, so that no device has to be asked which are known.
        self._kept = _kept(store, drafter)
        self._known = np.array(self._kept)
        self._codes = torch.from_numpy(self._known.copy()).to(device)

    @torch.no_grad()
    def __call__(self, window: Window, digits: Tensor) -> Tensor:
        """The codes [B, T-1] of a window whose frames' tokens are digits [B, T, N, D].

        Before a window's start its first frame is repeated, as play starts: a past that the clip does not
        have, so codes that depend on it are found anew.
        """
        count = window.frames.shape[1] - 1
        rows = window.firsts[:, None] + np.arange(count)
        for row in rows[self._known[rows] == 0].tolist():
            if self._known[row] == 0:
                self._find(row)
        codes = self._codes[torch.from_numpy(rows).to(self._codes.device, non_blocking=True)].long() - 1
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
        if self._kept[begin:end].all():  # another process has found them meanwhile
            self._known[begin:end] = self._kept[begin:end]
            self._codes[begin:end] = torch.from_numpy(self._known[begin:end]).to(self._codes.device)
            return
        before = max(first, begin - self.drafter.history + 1)
        frames = pixels(torch.from_numpy(self.store.frames[before : end + 1].copy()).to(self._codes.device))
        digits = self.drafter.tokenizer.encode(frames)
        codes = self.drafter.codes(digits[None], frames[None])[0]
        self._codes[begin:end] = codes[begin - before :] + 1
        self._kept[begin:end] = self._known[begin:end] = self._codes[begin:end].cpu().numpy()


def _kept(store: FrameStore, drafter: Drafter) -> np.ndarray:
    """A byte a frame: in a file that is named after the drafter, for a store that lies somewhere."""
    count = len(store.frames)
    if store.home is None:
        return np.zeros(count, np.uint8)
    path = store.home / f"codes-{_digest(drafter)[:16]}.bin"
    with path.open("ab") as file:
        file.truncate(count)  # zeros where it is new, nothing where it is not: processes may share it
    return np.memmap(path, np.uint8, "r+", shape=(count,))


def _digest(drafter: Drafter) -> str:
    digest = hashlib.sha256()
    for name, weight in drafter.state_dict().items():
        digest.update(name.encode())
        digest.update(weight.cpu().numpy().tobytes())
    return digest.hexdigest()
