"""The table that `compare` prints."""

from rich.console import Console
from rich.table import Table

from training.pages.compare_page import change_said, value_said
from training.reports.differences import Comparison
from training.reports.figures import FIGURES

STYLES = {"better": "green", "worse": "red"}


def print_table(names: list[str], rows: list[Comparison], console: Console) -> None:
    """The figures that a person should see first, a column a report."""
    known = {figure.path for figure in FIGURES}
    table = Table(title=f"against {names[0]}", title_justify="left")
    table.add_column("figure")
    for name in names:
        table.add_column(name, justify="right")
    for row in rows:
        if row.figure.path in known:
            unit = row.figure.unit
            cells = []
            for entry in row.entries:
                change = change_said(entry, unit)
                style = STYLES.get(entry.verdict, "dim")
                cells.append(value_said(entry, unit) + (f"\n[{style}]{change}[/]" if change else ""))
            table.add_row(row.figure.title, *cells)
    console.print(table)
