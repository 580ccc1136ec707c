"""How good a world is, and how fast: one report with a fixed protocol (see README, "Scores")."""

from pathlib import Path

from genie.clips.atomic import replace_file
from genie.core.manifest import read_manifest
from genie.worlds import find_bundle
from training.evaluate.config import EvaluateConfig
from training.evaluate.evidence import Evidence
from training.evaluate.measuring import measure
from training.pages.report_page import report_page
from training.reports.report import NAME, write_report

__all__ = ["EvaluateConfig", "Evidence", "evaluate", "measure"]

PAGE = "report.html"


def evaluate(config: EvaluateConfig) -> Path:
    """Measure a world; write report.json and report.html into the folder `out`, and return the page's path.

    Raises what `measure` raises.
    """
    report, evidence = measure(config)
    config.out.mkdir(parents=True, exist_ok=True)
    write_report(report, config.out / NAME)
    page = config.out / PAGE
    title = read_manifest(find_bundle(config.world)).title
    replace_file(page, report_page(report, evidence, title).encode("utf-8"))
    return page
