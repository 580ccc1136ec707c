"""What a replay says of itself."""

from __future__ import annotations

import numpy as np

from genie.app.comparison import Comparison
from genie.clips.session_log import checksum


def test_a_frame_that_is_made_again_counts_once() -> None:
    frames = [np.full((4, 4, 3), shade, np.uint8) for shade in (0, 80, 160)]
    comparison = Comparison(digests=[checksum(frame) for frame in frames], fps=15)
    for index in (0, 1, 2, 1, 2, 0):
        comparison.see(index, frames[index])
    assert comparison.verdict() == "the same 3 frames as recorded, bit for bit"
