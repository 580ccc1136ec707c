"""Whether a recording, played again, shows the frames that were recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from genie.clips.session_log import SessionRecord, checksum


@dataclass(kw_only=True)
class Comparison:
    """Frames are held against the checksums of a recording as they are made.

    `digests[t]` is frame t's, None where none was recorded; `changed` says what is not as it was when the
    recording was made, "" where all is.
    """

    digests: Sequence[int | None]
    fps: int
    changed: str = ""
    compared: set[int] = field(default_factory=set, init=False)
    """The frames that were held against theirs, each once however often it was made."""
    differs_from: int | None = field(default=None, init=False)
    """The first frame that is another."""

    def see(self, index: int, frame: np.ndarray) -> None:
        """Compare frame `index`, uint8 [height, width, 3]."""
        digest = self.digests[index] if index < len(self.digests) else None
        if digest is None:
            return
        self.compared.add(index)
        if self.differs_from is None and checksum(frame) != digest:
            self.differs_from = index

    def verdict(self) -> str:
        """Say in a few words what was found."""
        if self.differs_from is not None:
            seconds = self.differs_from / self.fps
            return f"differs from the recording from frame {self.differs_from} ({seconds:.1f} s) on" + (
                f": {self.changed}" if self.changed else ""
            )
        if not self.compared:
            return "the recording kept no checksums to compare with"
        return f"the same {len(self.compared)} frames as recorded, bit for bit"


def comparison_of(
    record: SessionRecord, branch: int, frame: int, *, bundle_hash: str, device: str
) -> Comparison:
    """Return what to compare a replay of a branch's line up to `frame` with."""
    header = record.header
    changes = []
    if header.bundle_hash != bundle_hash:
        changes.append("it was recorded with another bundle")
    if header.device != device:
        changes.append(f"it was recorded on {header.device}, this is {device}")
    digests = [record.start_digest, *record.tree.digests(branch, frame)]
    return Comparison(digests=digests, fps=header.fps, changed=" and ".join(changes))
