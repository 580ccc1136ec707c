"""What to score, against what, and how thoroughly."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """world: an id or a bundle's folder; data: the dataset folder that holds the test split; judge: the
    judge's run folder, without which nothing is judged; frames: a folder of frames that another program
    predicted, scored instead of a bundle (`world` then says of which world); out: the report's folder; quick:
    fewer clips, shorter sessions; prompts: so many of each kind, and of changes in play, instead of the usual
    numbers; long: so many sessions of 10,000 frames; device: auto, cpu or cuda; cache: where the decoded
    frames lie, in the dataset where None.
    """

    world: str
    data: Path
    judge: Path | None = None
    frames: Path | None = None
    out: Path
    quick: bool = False
    prompts: int | None = None
    long: int | None = None
    device: str = "auto"
    cache: Path | None = None

    def __post_init__(self) -> None:
        if self.prompts is not None and self.prompts < 1:
            raise ValueError(f"at least one prompt of each kind is scored, not {self.prompts}")
        if self.long is not None and self.long < 0:
            raise ValueError(f"there are not {self.long} sessions")


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How much is looked at.

    clips: windows of real clips; revisits: views left and come back to; moments: those gone on from under
    every key; sessions of 1,000 frames, of which long_sessions go on to long_frames; real: whole real
    clips that play is held against; timed: frames of the session that is timed; transitions: those that
    latent actions are scored on; prompts: of each kind, seen combinations and unseen; changes: of
    prompts in play, one attribute each.
    """

    clips: int
    revisits: int
    moments: int
    sessions: int
    long_sessions: int
    real: int
    timed: int
    transitions: int
    prompts: int
    changes: int
    long_frames: int = 10_000


QUICK = Extent(
    clips=40,
    revisits=24,
    moments=24,
    sessions=4,
    long_sessions=0,
    real=80,
    timed=1_050,
    transitions=500,
    prompts=12,
    changes=18,
)
# Enough sessions that the interval of a world in which all live lies above 95%.
FULL = Extent(
    clips=200,
    revisits=120,
    moments=150,
    sessions=76,
    long_sessions=3,
    real=300,
    timed=10_050,
    transitions=4_000,
    prompts=100,
    changes=180,
)
