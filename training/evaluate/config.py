"""What to score, against what, and how thoroughly."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """world: an id or a bundle's folder; data: the dataset folder that holds the test split; judge: the
    judge's run folder, without which nothing is judged; out: the report's folder; quick: fewer clips.
    """

    world: str
    data: Path
    judge: Path | None = None
    out: Path
    quick: bool = False
