"""How good a world is, and how fast: one report with a fixed protocol (see README, "Scores")."""

import json
from pathlib import Path

from genie.clips.atomic import replace_file
from training.evaluate.config import EvaluateConfig
from training.evaluate.evidence import Evidence
from training.evaluate.measuring import measure

__all__ = ["EvaluateConfig", "Evidence", "evaluate", "measure"]


def evaluate(config: EvaluateConfig) -> Path:
    """Measure a world and write its report into the folder `out`; returns the path of report.json.

    Raises what `measure` raises.
    """
    report, _ = measure(config)
    config.out.mkdir(parents=True, exist_ok=True)
    path = config.out / "report.json"
    replace_file(path, (json.dumps(report, indent=1) + "\n").encode("utf-8"))
    return path
