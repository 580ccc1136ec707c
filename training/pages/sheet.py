"""The clips of a report as one picture, for places that show no page: a world's card."""

import numpy as np

from training.evaluate.evidence import Evidence
from training.evaluate.examples import by_rule
from training.evaluate.likeness import psnr

SHOWN = (1, 2, 3, 4, 6, 8, 10)  # which predicted frames, after the last real one
GAP, WIDE_GAP = 2, 10  # pixels between frames, and between clips
PAPER = 255


def clip_sheet(evidence: Evidence) -> np.ndarray:
    """The best, the median and the worst clip by mean PSNR, truth over model: uint8 [height, width, 3]."""
    steps = evidence.futures.shape[1]
    truth = evidence.clips.frames[:, -steps - 1 :]
    model = np.concatenate((truth[:, :1], evidence.futures), 1)
    shown = [0, *(step for step in SHOWN if step <= steps)]
    rows: list[np.ndarray] = []
    for clip in by_rule(psnr(evidence.futures, truth[:, 1:]).mean(1)).values():
        for frames in (truth[clip, shown], model[clip, shown]):
            rows += [_row(frames), _blank(GAP, frames)]
        rows[-1] = _blank(WIDE_GAP, truth[clip, shown])
    return np.concatenate(rows[:-1])


def _row(frames: np.ndarray) -> np.ndarray:
    padded = np.pad(frames, ((0, 0), (0, 0), (0, GAP), (0, 0)), constant_values=PAPER)
    return np.concatenate(list(padded), 1)[:, :-GAP]


def _blank(height: int, frames: np.ndarray) -> np.ndarray:
    count, _, width, _ = frames.shape
    return np.full((height, count * (width + GAP) - GAP, 3), PAPER, np.uint8)
