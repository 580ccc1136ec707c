"""The whole of `compare`: reports read, a table printed, a page written."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from genie.clips.atomic import replace_file
from genie.core.errors import UsageError
from training.pages.compare_page import cautions, compare_page, names
from training.reports.differences import compare
from training.reports.report import read_report
from training.reports.table import print_table


def compare_files(paths: Sequence[Path], out: Path) -> Path:
    """Compare the reports at `paths`, print the table, write the page, and return its path.

    Raises UsageError for fewer than two, ReportError for one that does not follow the schema.
    """
    if len(paths) < 2:
        raise UsageError("compare needs two reports or more")
    reports = [read_report(path) for path in paths]
    rows = compare(reports)
    console = Console()
    for caution in cautions(reports):
        console.print(f"[yellow]{caution}[/]")
    print_table(names(reports), rows, console)
    out.parent.mkdir(parents=True, exist_ok=True)
    replace_file(out, compare_page(reports, rows).encode("utf-8"))
    return out
