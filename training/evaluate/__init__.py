"""How good a world is, and how fast: one report with a fixed protocol (see docs/report.md)."""

from pathlib import Path

from genie.clips.atomic import replace_file
from genie.clips.png import png_bytes
from genie.core.manifest import read_manifest
from genie.worlds import find_bundle
from training.evaluate.config import EvaluateConfig
from training.evaluate.evidence import Evidence
from training.evaluate.measuring import measure
from training.evaluate.predicted import measure_predicted
from training.pages.report_page import report_page
from training.pages.sheet import clip_sheet
from training.reports.report import NAME, write_report

__all__ = ["EvaluateConfig", "Evidence", "evaluate", "measure", "measure_predicted"]

PAGE, SHEET = "report.html", "strips.png"


def evaluate(config: EvaluateConfig) -> Path:
    """Measure a world, or another program's frames of it; write report.json, report.html and strips.png.

    Returns the path of report.json. Raises what `measure` and `measure_predicted` raise.
    """
    if config.frames is None:
        report, evidence = measure(config)
        title = read_manifest(find_bundle(config.world)).title
    else:
        report, evidence = measure_predicted(config)
        title = f"{report['name']}, in {config.world}"
    # All is made before any of it is written: stopped on the way, no report lies beside another's page.
    sheet, page = png_bytes(clip_sheet(evidence)), report_page(report, evidence, title).encode("utf-8")
    config.out.mkdir(parents=True, exist_ok=True)
    write_report(report, config.out / NAME)
    replace_file(config.out / SHEET, sheet)
    replace_file(config.out / PAGE, page)
    return config.out / NAME
